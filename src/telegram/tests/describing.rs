//! The description of a picture on its way to the chat.

use super::*;
use crate::recipe::{Description, Recognized, Task};

fn lemon() -> Warnings {
    let recognized = |ru: &str, en: &str| Recognized { ru: ru.to_owned(), en: en.to_owned(), percent: 90 };
    let description = Description {
        objects: vec![recognized("лимон", "a lemon")],
        background: Some(recognized("на синем фоне", "on a blue background")),
        style: None,
    };
    Warnings { description: Some(Box::new(description)), ..Warnings::default() }
}

impl Bot {
    /// Sends a photo to be described; the claim of that job.
    async fn asks_for_a_description(&self) -> Claim {
        self.sends_captioned_photo(ANNA, 11, "/describe");
        let status = self.server.call("SendMessage", 1).await;
        assert_eq!(status.text(), "Посмотрю, что на картинке. Начинаю.");
        let claim = self.claim().await;
        assert_eq!(self.store.job(claim.job).await.unwrap().unwrap().recipe.task, Task::Describe);
        claim
    }
}

#[tokio::test]
async fn a_description_comes_in_one_message_and_is_drawn_by_its_button() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_description().await;
    bot.finish_with(&claim, Vec::new(), &lemon()).await;
    let said = bot.server.call("SendMessage", 2).await;
    assert_eq!(said.text(), "Похоже, это лимон на синем фоне.");
    assert_eq!(reply(&said), Some(11));
    bot.reaches(claim.job, JobState::Delivered).await;
    bot.deletes(1001).await;
    bot.presses(ANNA, 1002, &said.button("🖌 Нарисовать"));
    bot.draws().await;
    assert!(bot.server.call("SendPhoto", 1).await.field("caption").starts_with("«лимон на синем фоне»"));
}

#[tokio::test]
async fn a_description_made_while_the_bot_was_down_is_said_once() {
    let mut bot = Bot::start().await;
    let claim = bot.asks_for_a_description().await;
    bot.sleeps().await;
    bot.finish_with(&claim, Vec::new(), &lemon()).await;
    bot.wake();
    bot.reaches(claim.job, JobState::Delivered).await;
    bot.sleeps().await;
    bot.wake();
    seconds(0.3).await;
    let said = bot.server.calls("SendMessage");
    let descriptions = said.iter().filter(|call| call.text() == "Похоже, это лимон на синем фоне.");
    assert_eq!(descriptions.count(), 1);
}

#[tokio::test]
async fn a_description_that_meets_flood_control_comes_later_and_once() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_description().await;
    let wait = json!({"ok": false, "error_code": 429, "description": "x", "parameters": {"retry_after": 1}});
    bot.server.fail_with("SendMessage", 429, wait);
    bot.finish_with(&claim, Vec::new(), &lemon()).await;
    bot.reaches(claim.job, JobState::Delivered).await;
    assert_eq!(bot.server.calls("SendMessage").len(), 3, "the status, the refused one, the description");
}

#[tokio::test]
async fn a_description_that_is_cancelled_is_not_said() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_description().await;
    bot.says(ANNA, 12, "/cancel");
    bot.server.call("SendMessage", 2).await;
    assert_eq!(bot.server.call("EditMessageText", 1).await.button("👁 Всё-таки описать"), "1:again:1");
    let finished = bot.store.finish(&claim, Vec::new(), &lemon()).await.unwrap();
    assert_eq!(finished, LeaseStatus::Cancelled);
}

#[tokio::test]
async fn a_description_that_failed_is_not_called_a_drawing() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_description().await;
    bot.store.fail(&claim, Failure::Engine).await.unwrap();
    let said = bot.server.call("SendMessage", 2).await;
    assert!(said.text().starts_with("Не получилось рассмотреть картинку"), "{}", said.text());
    assert_eq!(said.button("🎲 Ещё раз"), "1:again:1");
}

#[tokio::test]
async fn a_description_is_neither_in_the_history_nor_a_picture_to_answer() {
    let bot = Bot::start().await;
    let claim = bot.asks_for_a_description().await;
    bot.finish_with(&claim, Vec::new(), &lemon()).await;
    bot.reaches(claim.job, JobState::Delivered).await;
    bot.says(ANNA, 12, "/history");
    assert!(bot.server.call("SendMessage", 3).await.text().starts_with("Пока пусто."));
    // Words in answer to it are words to be drawn.
    let mut answer = message(ANNA, 13, "груша");
    let mut answered = message(ANNA, 1002, "Похоже, это лимон на синем фоне.");
    answered["from"] = json!({"id": 1, "is_bot": true, "first_name": "K", "username": "kandinsky_bot"});
    answer["reply_to_message"] = answered;
    bot.server.update("message", answer);
    bot.draws().await;
    assert!(bot.server.call("SendPhoto", 1).await.field("caption").starts_with("«груша»"));
}
