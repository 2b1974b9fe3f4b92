//! The owner's rules, as users meet them.

use super::*;
use crate::chats::ChatStore;
use crate::conversation::ChatState;
use crate::jobs::{Inbox, Retention, UpdateOutcome};
use crate::limits::Limits;
use crate::moderation::{Moderator, Strictness};
use crate::policy::{AdminStore, Broadcasts};

const GROUP: i64 = -5;

impl Bot {
    /// A bot whose owner has rules.
    pub(super) async fn with(policy: Policy) -> Self {
        let mut bot = Self::asleep().await;
        bot.policy = Arc::new(policy);
        bot.wake();
        bot
    }

    /// Somebody writes in the group.
    pub(super) fn says_in_group(&self, user: i64, message_id: i32, text: &str, more: Value) {
        let mut message = message(user, message_id, text);
        message["chat"] =
            json!({"id": GROUP, "type": "group", "title": "Friends", "all_members_are_administrators": false});
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.server.update("message", message);
    }

    /// Writes the state of a chat.
    pub(super) async fn saves_chat(&self, chat_id: i64, state: &str) {
        let outcome = UpdateOutcome { chat_state: Some((chat_id, state.to_owned())), ..UpdateOutcome::default() };
        self.store.complete_update(outcome).await.unwrap();
    }

    /// Waits for a request of this method whose text begins so.
    pub(super) async fn hears(&self, method: &str, beginning: &str) -> Call {
        for _ in 0..1000 {
            let calls = self.server.calls(method);
            let text = |call: &Call| call.fields.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some(call) = calls.into_iter().find(|call| text(call).starts_with(beginning)) {
                return call;
            }
            seconds(0.01).await;
        }
        panic!("never heard {beginning:?}");
    }

    /// The texts of all messages to a chat.
    pub(super) fn texts_to(&self, chat: i64) -> Vec<String> {
        let calls = self.server.calls("SendMessage");
        calls.iter().filter(|call| number(call, "chat_id") == chat).map(|call| call.text().to_owned()).collect()
    }
}

fn moderated() -> Policy {
    Policy { moderator: Moderator::new(Strictness::On, None).unwrap(), ..Policy::default() }
}

#[tokio::test]
async fn what_is_not_drawn_is_refused_kindly_and_never_queued() {
    let bot = Bot::with(moderated()).await;
    bot.says(ANNA, 11, "порно");
    let refusal = bot.server.call("SendMessage", 1).await;
    assert!(refusal.text().contains("сексуальное содержание"), "{}", refusal.text());
    assert_eq!(reply(&refusal), Some(11));
    assert!(bot.store.pending().await.unwrap().is_empty());
    bot.says(ANNA, 12, "оскорбление чувств потребителя хлеба");
    assert!(bot.server.call("SendMessage", 2).await.text().starts_with("Добавил в очередь"));
}

#[tokio::test]
async fn several_jobs_may_wait_but_not_too_many_and_an_admin_has_no_limit() {
    let limits = Limits { waiting: 2, ..Limits::NONE };
    let bot = Bot::with(Policy { limits, admins: vec![BORIS], ..Policy::default() }).await;
    for number in 0..3 {
        bot.says(ANNA, 11 + number, "кот");
    }
    bot.server.call("SendMessage", 3).await;
    assert_eq!(
        bot.texts_to(ANNA)[2],
        "Больше 2 запросов сразу нельзя: столько уже в очереди. Дождитесь, пожалуйста, хотя бы одной картинки."
    );
    for number in 0..3 {
        bot.says(BORIS, 11 + number, "кит");
    }
    bot.server.call("SendMessage", 6).await;
    assert_eq!(bot.store.pending().await.unwrap().len(), 5);
    // Drawing again from a button counts as well.
    bot.presses(ANNA, 50, "1:again:1");
    assert!(bot.server.call("SendMessage", 7).await.text().starts_with("Больше 2 запросов сразу нельзя"));
}

#[tokio::test]
async fn a_stranger_is_told_once_and_a_friend_is_served() {
    let bot = Bot::with(Policy { allow: vec![BORIS], ..Policy::default() }).await;
    for number in 0..3 {
        bot.says(ANNA, 11 + number, "кот");
    }
    bot.says(BORIS, 11, "кит");
    bot.server.call("SendMessage", 2).await;
    bot.presses(ANNA, 50, "1:help");
    assert!(bot.server.call("AnswerCallbackQuery", 1).await.text().contains("Ваш Telegram ID: 7"));
    assert_eq!(bot.texts_to(ANNA).len(), 1);
    assert!(bot.texts_to(ANNA)[0].contains("Ваш Telegram ID: 7"), "{:?}", bot.texts_to(ANNA));
    assert!(bot.texts_to(BORIS)[0].starts_with("Добавил в очередь"));
}

#[tokio::test]
async fn in_a_group_strangers_are_passed_over_in_silence_unless_the_group_is_a_friend() {
    let bot = Bot::with(Policy { allow: vec![BORIS], ..Policy::default() }).await;
    bot.says_in_group(ANNA, 11, "/imagine кот", json!({}));
    bot.says_in_group(BORIS, 12, "/imagine кит", json!({}));
    bot.server.call("SendMessage", 1).await;
    seconds(0.2).await;
    assert_eq!(bot.store.pending().await.unwrap().len(), 1);
    assert_eq!(bot.texts_to(GROUP).len(), 1);

    let bot = Bot::with(Policy { allow: vec![GROUP], ..Policy::default() }).await;
    bot.says_in_group(ANNA, 11, "/imagine кот", json!({}));
    assert!(bot.server.call("SendMessage", 1).await.text().starts_with("Добавил"));
}

#[tokio::test]
async fn inline_mode_serves_nobody_else_either() {
    let bot = Bot::with(Policy { allow: vec![ANNA, BORIS], ..Policy::default() }).await;
    bot.says(ANNA, 11, "кот");
    let job = bot.draws().await;
    bot.reaches(job, JobState::Delivered).await;
    // The server of this test gives no names of files.
    bot.store.execute("UPDATE deliveries SET file_id = 'photo'").await;
    let asks = |user: i64, words: &str| {
        let from = json!({"id": user, "is_bot": false, "first_name": "Anna", "language_code": "ru"});
        let query = json!({"id": format!("{user} {words}"), "from": from, "query": words, "offset": ""});
        bot.server.update("inline_query", query);
    };
    let results = |call: &Call| call.fields["results"].as_array().unwrap().len();
    let button =
        |call: &Call| call.fields.get("button").map_or(String::new(), |it| it["text"].as_str().unwrap().to_owned());
    asks(ANNA, "кот");
    let answer = bot.server.call("AnswerInlineQuery", 1).await;
    assert_eq!((results(&answer), button(&answer)), (1, String::new()));
    asks(BORIS, "");
    assert_eq!(button(&bot.server.call("AnswerInlineQuery", 2).await), "Сначала нарисуйте что-нибудь");
    asks(9, "");
    assert_eq!(button(&bot.server.call("AnswerInlineQuery", 3).await), "К сожалению, здесь я вам не помогу");
    bot.store.ban(ANNA).await.unwrap();
    asks(ANNA, "кот");
    let answer = bot.server.call("AnswerInlineQuery", 4).await;
    assert_eq!((results(&answer), button(&answer)), (0, "К сожалению, здесь я вам не помогу".to_owned()));
}

#[tokio::test]
async fn privacy_tells_the_terms_of_the_settings() {
    let retention = Retention { inputs: Some(Duration::from_secs(3600)), ..Retention::default() };
    let bot = Bot::with(Policy { retention, ..Policy::default() }).await;
    bot.says(ANNA, 11, "/privacy");
    let text = bot.server.call("SendMessage", 1).await.text().to_owned();
    assert!(text.contains("1 час после") && text.contains("картинки — пока вы их не удалите"), "{text}");
}

#[tokio::test]
async fn whoever_wants_to_be_forgotten_is_after_a_second_thought() {
    let bot = Bot::start().await;
    bot.says(BORIS, 11, "кит");
    bot.presses(ANNA, 50, "1:style:anime");
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 2).await;
    bot.draws().await;
    bot.draws().await;
    bot.server.call("SendPhoto", 2).await;
    bot.says(ANNA, 12, "лиса");
    bot.server.call("SendMessage", 3).await;
    bot.says(ANNA, 13, "/forget");
    let question = bot.hears("SendMessage", "Удалить всё").await;
    bot.presses(ANNA, 60, &question.button("Не удалять"));
    bot.hears("EditMessageText", "Хорошо, ничего не удаляю").await;
    let jobs = async || bot.store.stats().await.unwrap().jobs;
    assert_eq!(jobs().await, 3);

    bot.presses(ANNA, 61, &question.button("🗑 Удалить всё"));
    let done = bot.hears("EditMessageText", "Готово").await;
    assert_eq!(done.text(), "Готово: я удалил всё, что хранил о вас.");
    assert_eq!(jobs().await, 1);
    assert!(bot.store.pending().await.unwrap().is_empty(), "what waited is called off");
    assert_eq!(bot.store.chat_state(ANNA).await.unwrap(), None);
    assert!(bot.store.chat_state(BORIS).await.unwrap().is_some());
    // Buttons under old pictures are of no use to anybody now.
    for job in 1..=3 {
        bot.presses(ANNA, 51, &format!("1:restyles:{job}"));
    }
    bot.hears("AnswerCallbackQuery", "Эта кнопка устарела").await;
    bot.says(ANNA, 14, "/queue");
    bot.hears("SendMessage", "В очереди нет ваших запросов").await;
}

#[tokio::test]
async fn in_a_group_nobody_is_forgotten_by_a_strangers_press() {
    let bot = Bot::start().await;
    bot.says_in_group(ANNA, 11, "/forget", json!({}));
    assert!(bot.server.call("SendMessage", 1).await.text().contains("в личные сообщения"));
}

#[tokio::test]
async fn a_job_that_is_drawn_while_its_owner_is_forgotten_stops() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    let claim = bot.claim().await;
    bot.presses(ANNA, 61, "1:forget");
    bot.server.call("EditMessageText", 1).await;
    assert_eq!(
        bot.store.heartbeat(&claim, Heartbeat { progress: 0.5, preview: None }, LEASE).await.unwrap(),
        LeaseStatus::LeaseLost
    );
    bot.server.call("DeleteMessage", 1).await;
    seconds(0.2).await;
    assert!(bot.server.calls("SendPhoto").is_empty());
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_takes_its_jobs_and_its_style_along() {
    let bot = Bot::with(Policy { allow: vec![GROUP], ..Policy::default() }).await;
    let state = ChatState { style: "anime".parse().unwrap(), ..ChatState::default() };
    bot.saves_chat(GROUP, &serde_json::to_string(&state).unwrap()).await;
    bot.says_in_group(ANNA, 11, "/imagine кот", json!({}));
    bot.server.call("SendMessage", 1).await;
    let mut moved = message(ANNA, 12, "");
    moved["chat"] = json!({"id": GROUP, "type": "group", "title": "Friends", "all_members_are_administrators": false});
    moved.as_object_mut().unwrap().remove("text");
    moved["migrate_to_chat_id"] = json!(-1005);
    bot.server.update("message", moved);
    for _ in 0..200 {
        if bot.store.chat_state(-1005).await.unwrap().is_some() {
            break;
        }
        seconds(0.01).await;
    }
    assert!(bot.store.chat_state(-1005).await.unwrap().unwrap().contains("anime"));
    let job = bot.draws().await;
    let photo = bot.server.call("SendPhoto", 1).await;
    assert_eq!((number(&photo, "chat_id"), reply(&photo)), (-1005, None));
    bot.reaches(job, JobState::Delivered).await;
    // The settings know the old number alone.
    let mut message = message(ANNA, 13, "/imagine лиса");
    message["chat"] = json!({"id": -1005, "type": "supergroup", "title": "Friends"});
    bot.server.update("message", message);
    bot.draws().await;
}

#[tokio::test]
async fn what_waits_for_somebody_who_blocked_the_bot_is_not_drawn() {
    let bot = Bot::start().await;
    bot.server.fail("SendPhoto", 403, "Forbidden: bot was blocked by the user");
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    bot.says(ANNA, 12, "лиса");
    bot.server.call("SendMessage", 2).await;
    bot.says(BORIS, 11, "кит");
    bot.server.call("SendMessage", 3).await;
    let first = bot.draws().await;
    bot.reaches(first, JobState::Delivered).await;
    assert_eq!(bot.store.broadcast_chats().await.unwrap(), 1);
    let waiting = bot.store.pending().await.unwrap();
    assert_eq!(waiting.iter().map(|job| job.chat().unwrap().chat_id).collect::<Vec<_>>(), [BORIS]);
    // They come back.
    bot.says(ANNA, 13, "/help");
    bot.server.call("SendMessage", 4).await;
    assert_eq!(bot.store.broadcast_chats().await.unwrap(), 2);
}

#[tokio::test]
async fn a_flagged_picture_is_covered_and_a_truncated_prompt_is_said() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот и ещё очень много слов");
    let claim = bot.claim().await;
    let warnings = Warnings {
        flagged: vec![0], truncated: Some("очень много слов".to_owned()), ..Warnings::default()
    };
    bot.finish_with(&claim, vec![png()], &warnings).await;
    let photo = bot.server.call("SendPhoto", 1).await;
    assert_eq!(photo.fields["has_spoiler"], json!(true));
    assert!(photo.field("caption").contains("начиная со слов «очень много слов…»"), "{}", photo.field("caption"));

    bot.says(ANNA, 12, "кит");
    let claim = bot.claim().await;
    let warnings = Warnings { flagged: vec![1], ..Warnings::default() };
    bot.finish_with(&claim, vec![png(); 3], &warnings).await;
    let album = bot.server.call("SendMediaGroup", 1).await;
    let covered: Vec<bool> =
        album.fields["media"].as_array().unwrap().iter().map(|photo| photo["has_spoiler"] == json!(true)).collect();
    assert_eq!(covered, [false, true, false]);

    bot.says(ANNA, 13, "лиса");
    bot.draws().await;
    assert!(!bot.server.call("SendPhoto", 2).await.fields.contains_key("has_spoiler"));
}

#[tokio::test]
async fn a_flagged_picture_that_is_too_large_for_a_photo_is_covered_all_the_same() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    let claim = bot.claim().await;
    let mut wide = Cursor::new(Vec::new());
    image::RgbImage::new(9000, 1200).write_to(&mut wide, image::ImageFormat::Png).unwrap();
    bot.finish_with(&claim, vec![wide.into_inner()], &Warnings { flagged: vec![0], ..Warnings::default() }).await;
    let photo = bot.server.call("SendPhoto", 1).await;
    assert_eq!(photo.fields["has_spoiler"], json!(true));
    assert!(photo.field("caption").contains("пришлю её по кнопке «Файл»"), "{}", photo.field("caption"));
    assert!(bot.server.calls("SendDocument").is_empty(), "files can not be covered");
}
