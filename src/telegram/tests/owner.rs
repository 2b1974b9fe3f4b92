//! What the owner commands, and who is no owner.

use super::*;
use crate::jobs::{Archive, Requester};
use crate::policy::Broadcasts;

const OWNER: i64 = 77;

fn owned() -> Policy {
    Policy { admins: vec![OWNER], ..Policy::default() }
}

impl Bot {
    /// The owner commands; the answer.
    async fn answers_owner(&self, message_id: i32, text: &str) -> Call {
        let before = self.texts_to(OWNER).len();
        self.says(OWNER, message_id, text);
        for _ in 0..500 {
            let calls = self.server.calls("SendMessage");
            let mut to_owner = calls.into_iter().filter(|call| number(call, "chat_id") == OWNER);
            if let Some(call) = to_owner.nth(before) {
                return call;
            }
            seconds(0.01).await;
        }
        panic!("no answer to {text}");
    }
}

#[tokio::test]
async fn nobody_else_learns_of_the_owners_commands() {
    let bot = Bot::with(owned()).await;
    for (number, command) in (11..).zip(["/stats", "/pause", "/ban 8", "/broadcast привет"]) {
        bot.says(ANNA, number, command);
    }
    bot.server.call("SendMessage", 4).await;
    for text in bot.texts_to(ANNA) {
        assert!(text.starts_with("Такой команды нет"), "{text}");
    }
    assert!(!bot.store.is_paused().await.unwrap());
    bot.presses(ANNA, 50, "1:broadcast:1");
    assert_eq!(bot.server.call("AnswerCallbackQuery", 1).await.text(), "Эта кнопка устарела");
}

#[tokio::test]
async fn the_owner_sees_figures_and_has_a_menu_of_their_own() {
    let bot = Bot::with(owned()).await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    bot.draws().await;
    bot.says(ANNA, 12, "лиса");
    bot.server.call("SendMessage", 2).await;
    let text = bot.answers_owner(11, "/stats").await.text().to_owned();
    assert!(text.contains("Люди: 1, за сутки: 1") && text.contains("Запросы: 2, за сутки: 2"), "{text}");
    assert!(text.contains("Ждут: 1, рисуются: 0") && text.contains("Не получилось: 0"), "{text}");
    let menu = bot.server.call("SetMyCommands", 6).await;
    assert_eq!((&menu.fields["scope"]["type"], &menu.fields["scope"]["chat_id"]), (&json!("chat"), &json!(OWNER)));
    let names: Vec<_> = menu.fields["commands"].as_array().unwrap().iter().map(|command| &command["command"]).collect();
    assert!(names.contains(&&json!("imagine")) && names.contains(&&json!("broadcast")), "{names:?}");
}

#[tokio::test]
async fn during_a_pause_jobs_are_kept_and_their_owners_know() {
    let bot = Bot::with(owned()).await;
    assert!(bot.answers_owner(11, "/pause").await.text().starts_with("Очередь на паузе"));
    bot.says(ANNA, 11, "кот");
    let status = bot.server.call("SendMessage", 2).await;
    assert!(
        status.text().ends_with("Бот на паузе, запрос сохранён: нарисую, как только она закончится."),
        "{}",
        status.text()
    );
    assert!(bot.store.claim("test", LEASE).await.unwrap().is_none());
    assert!(bot.answers_owner(12, "/stats").await.text().contains("Очередь на паузе"));
    assert_eq!(bot.answers_owner(13, "/resume").await.text(), "Пауза окончена. В очереди 1 запрос.");
    let edit = bot.server.call("EditMessageText", 1).await;
    assert!(edit.text().ends_with("Начинаю."), "{}", edit.text());
    bot.draws().await;
    bot.server.call("SendPhoto", 1).await;
}

#[tokio::test]
async fn whoever_is_banned_is_not_served_until_the_ban_ends() {
    let bot = Bot::with(owned()).await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    let answer = bot.answers_owner(11, "/ban 7").await;
    assert_eq!(answer.text(), "7: доступ закрыт, запросы в очереди отменены.");
    assert_eq!(bot.state(JobId(1)).await, JobState::Cancelled);
    for number in 12..15 {
        bot.says(ANNA, number, "кот");
    }
    assert_eq!(bot.answers_owner(12, "/ban 7").await.text(), "7: доступ уже закрыт.");
    seconds(0.2).await;
    let texts = bot.texts_to(ANNA);
    assert_eq!(texts[1..], ["К сожалению, владелец бота закрыл вам доступ."]);
    assert_eq!(bot.answers_owner(13, "/unban 7").await.text(), "7: доступ открыт.");
    bot.says(ANNA, 16, "кот");
    bot.draws().await;
    bot.server.call("SendPhoto", 1).await;
}

#[tokio::test]
async fn a_ban_can_answer_a_message_and_spares_owners() {
    let bot = Bot::with(owned()).await;
    let answered = json!({"reply_to_message": {
        "message_id": 5, "date": 1_700_000_000, "text": "грубость",
        "chat": {"id": -5, "type": "group", "title": "Friends", "all_members_are_administrators": false},
        "from": {"id": BORIS, "is_bot": false, "first_name": "Boris"},
    }});
    bot.says_in_group(OWNER, 11, "/ban", answered);
    assert!(bot.server.call("SendMessage", 1).await.text().starts_with("8: доступ закрыт"));
    for command in ["/ban 77", "/ban 1"] {
        assert_eq!(bot.answers_owner(12, command).await.text(), "Владельцам и мне самому доступ не закрыть.");
    }
    assert!(bot.answers_owner(14, "/ban").await.text().starts_with("Кого?"));
    assert!(bot.answers_owner(15, "/ban всех").await.text().starts_with("Кого?"));
}

#[tokio::test]
async fn a_ban_in_answer_to_a_picture_is_for_whoever_asked_for_it() {
    let bot = Bot::with(owned()).await;
    bot.says_in_group(BORIS, 11, "/imagine кот", json!({}));
    let job = bot.draws().await;
    bot.reaches(job, JobState::Delivered).await;
    let photo = bot.store.recent(Requester(BORIS), None, None, 1).await.unwrap()[0].messages[0].message_id;
    let ours = |message_id: i32| {
        json!({"reply_to_message": {
            "message_id": message_id, "date": 1_700_000_000, "text": "sent", "from": fake_server::me(),
            "chat": {"id": -5, "type": "group", "title": "Friends", "all_members_are_administrators": false},
        }})
    };
    bot.says_in_group(OWNER, 12, "/ban", ours(photo));
    bot.hears("SendMessage", "8: доступ закрыт").await;
    bot.says_in_group(OWNER, 13, "/unban", ours(photo));
    bot.hears("SendMessage", "8: доступ открыт").await;
    bot.says_in_group(OWNER, 14, "/ban", ours(1));
    bot.hears("SendMessage", "Владельцам и мне самому").await;
}

/// Three users wrote to the bot.
async fn with_readers() -> Bot {
    let bot = Bot::with(owned()).await;
    for chat in [ANNA, BORIS, 9, -5] {
        bot.saves_chat(chat, "{}").await;
    }
    bot
}

#[tokio::test]
async fn a_broadcast_goes_to_everybody_after_the_owners_word() {
    let bot = with_readers().await;
    let question = bot.answers_owner(11, "/broadcast Завтра отдыхаем").await;
    assert_eq!(question.text(), "Отправить это в 4 чата?\n\nЗавтра отдыхаем");
    assert!(bot.texts_to(ANNA).is_empty());
    let wait = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1",
                      "parameters": {"retry_after": 1}});
    bot.server.fail_with("SendMessage", 429, wait);
    bot.presses(OWNER, 60, &question.button("📣 Отправить"));
    bot.presses(OWNER, 60, &question.button("📣 Отправить"));
    // The refused one, and one to each of four.
    bot.server.call("SendMessage", 6).await;
    let done = bot.hears("EditMessageText", "Разослано").await;
    assert_eq!(done.text(), "Разослано: 4 из 4. Заблокировали бота: 0, не принято: 0");
    assert_eq!(number(&done, "message_id"), 60);
    for chat in [BORIS, 9, OWNER] {
        assert_eq!(bot.texts_to(chat).iter().filter(|text| *text == "Завтра отдыхаем").count(), 1, "{chat}");
    }
    assert_eq!(bot.texts_to(ANNA).len(), 2, "the refused one again");
    assert!(bot.texts_to(-5).is_empty());
}

#[tokio::test]
async fn a_broadcast_goes_on_after_a_restart_and_leaves_out_who_blocked_the_bot() {
    let mut bot = with_readers().await;
    let question = bot.answers_owner(11, "/broadcast новости").await;
    let wait = json!({"ok": false, "error_code": 429, "description": "x", "parameters": {"retry_after": 600}});
    // Anna gets it; at Boris the server asks for patience, and the power goes off.
    bot.server.fail_with("SendMessage", 200, json!({"ok": true, "result": "unreadable, but sent"}));
    bot.server.fail_with("SendMessage", 429, wait);
    bot.presses(OWNER, 60, &question.button("📣 Отправить"));
    bot.server.call("SendMessage", 3).await;
    seconds(0.2).await;
    bot.sleeps().await;
    bot.server.fail("SendMessage", 403, "Forbidden: bot was blocked by the user");
    bot.wake();
    let done = bot.hears("EditMessageText", "Разослано").await;
    assert_eq!(done.text(), "Разослано: 3 из 4. Заблокировали бота: 1, не принято: 0");
    assert_eq!(bot.texts_to(ANNA), ["новости"]);
    assert_eq!(bot.store.broadcast_chats().await.unwrap(), 3);
}

#[tokio::test]
async fn a_broadcast_that_is_taken_back_is_never_sent() {
    let bot = with_readers().await;
    let question = bot.answers_owner(11, "/broadcast опечатка").await;
    bot.presses(OWNER, 60, &question.button("Не отправлять"));
    bot.hears("EditMessageText", "Хорошо, никому не пишу.").await;
    bot.presses(OWNER, 61, &question.button("📣 Отправить"));
    bot.hears("AnswerCallbackQuery", "Эта кнопка устарела").await;
    assert!(bot.texts_to(ANNA).is_empty());
    assert!(bot.answers_owner(12, "/broadcast").await.text().starts_with("Что написать?"));
}

#[tokio::test]
async fn the_owner_is_alerted_once_that_jobs_fail_one_after_another() {
    let bot = Bot::with(owned()).await;
    let message = std::cell::Cell::new(100);
    let fails = async |times: i32| {
        for number in 0..times {
            bot.says(ANNA, message.replace(message.get() + 1), &format!("кот {number}"));
            let claim = bot.claim().await;
            bot.store.fail(&claim, Failure::Engine).await.unwrap();
            seconds(0.05).await;
        }
    };
    fails(2).await;
    seconds(0.2).await;
    assert!(bot.texts_to(OWNER).is_empty());
    fails(3).await;
    seconds(0.3).await;
    let texts = bot.texts_to(OWNER);
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("3 pictures failed") || texts[0].contains("3 картинки"), "{texts:?}");
    bot.says(ANNA, 11, "кит");
    bot.draws().await;
    seconds(0.1).await;
    fails(3).await;
    seconds(0.3).await;
    assert_eq!(bot.texts_to(OWNER).len(), 2);
}
