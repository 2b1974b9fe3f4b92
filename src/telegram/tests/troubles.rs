//! The store refuses to write, for a while: nothing is lost, nothing is sent twice, and afterwards everything goes on.

use super::*;
use crate::chats::ChatStore;
use crate::jobs::Inbox;

#[tokio::test]
async fn a_picture_whose_delivery_can_not_be_noted_is_sent_once() {
    let bot = Bot::start().await;
    bot.store
        .execute("CREATE TRIGGER refuse BEFORE UPDATE OF delivered_at ON jobs BEGIN SELECT RAISE(ABORT, 'x'); END")
        .await;
    bot.says(ANNA, 11, "кот");
    let job = bot.draws().await;
    bot.server.call("SendPhoto", 1).await;
    seconds(3.5).await;
    assert_eq!(bot.state(job).await, JobState::Drawn);
    bot.store.execute("DROP TRIGGER refuse").await;
    bot.reaches(job, JobState::Delivered).await;
    assert_eq!(bot.server.calls("SendPhoto").len(), 1);
    bot.server.call("DeleteMessage", 1).await;
}

#[tokio::test]
async fn an_album_that_can_not_be_noted_is_not_sent_again_with_the_rest() {
    let bot = Bot::start().await;
    bot.store.execute("CREATE TRIGGER refuse BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'x'); END").await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    seconds(0.2).await;
    let claim = bot.claim().await;
    // The album arrives, the message with the buttons does not.
    bot.server.fail("SendMessage", 200, "Internal Server Error");
    bot.finish(&claim, vec![png(); 3]).await;
    bot.server.call("SendMessage", 2).await;
    seconds(0.5).await;
    bot.store.execute("DROP TRIGGER refuse").await;
    bot.reaches(claim.job, JobState::Delivered).await;
    assert_eq!(bot.server.calls("SendMediaGroup").len(), 1);
}

#[tokio::test]
async fn a_press_whose_job_can_not_be_written_works_when_it_is_tried_again() {
    let bot = Bot::start().await;
    bot.saves_chat(ANNA, r#"{"classic":true}"#).await;
    bot.says(ANNA, 11, "кот");
    let press = bot.server.call("SendMessage", 1).await.button("✅ Нарисовать");
    bot.store.execute("CREATE TRIGGER refuse BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'x'); END").await;
    bot.presses(ANNA, 60, &press);
    bot.hears("AnswerCallbackQuery", "Не получилось сохранить").await;
    assert_eq!(bot.store.pending_count().await.unwrap(), 0);
    bot.store.execute("DROP TRIGGER refuse").await;
    bot.presses(ANNA, 60, &press);
    bot.hears("EditMessageText", "Добавил в очередь").await;
    assert_eq!(bot.store.pending_count().await.unwrap(), 1);
    // The press that failed ended then: it is not handled after a restart.
    seconds(1.2).await;
    assert!(bot.store.unhandled_updates().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_store_that_refuses_everything_is_admitted() {
    let bot = Bot::start().await;
    bot.store.execute("CREATE TRIGGER refuse BEFORE INSERT ON outgoing BEGIN SELECT RAISE(ABORT, 'x'); END").await;
    bot.says(ANNA, 11, "кот");
    assert!(bot.server.call("SendMessage", 1).await.text().starts_with("Не получилось сохранить"));
    bot.presses(ANNA, 50, "1:style:anime");
    assert!(bot.server.call("AnswerCallbackQuery", 1).await.text().starts_with("Не получилось сохранить"));
    assert_eq!(bot.store.pending_count().await.unwrap(), 0);
}

#[tokio::test]
async fn updates_that_can_not_be_stored_are_not_confirmed_and_come_later() {
    let bot = Bot::start().await;
    bot.server.call("GetUpdates", 1).await;
    bot.store.execute("CREATE TRIGGER refuse BEFORE INSERT ON inbox BEGIN SELECT RAISE(ABORT, 'x'); END").await;
    bot.says(ANNA, 11, "/help");
    seconds(0.5).await;
    assert!(bot.texts_to(ANNA).is_empty());
    assert!(
        bot.server.calls("GetUpdates").iter().all(|call| !call.fields.contains_key("offset")),
        "nothing is confirmed"
    );
    bot.store.execute("DROP TRIGGER refuse").await;
    bot.server.call("SendMessage", 1).await;
}

#[tokio::test]
async fn forgetting_that_fails_deletes_nothing_and_says_so() {
    let bot = Bot::start().await;
    bot.saves_chat(ANNA, r#"{"count":3}"#).await;
    bot.store.refuse_deletes_from("chats").await;
    bot.says(ANNA, 11, "/forget");
    let press = bot.server.call("SendMessage", 1).await.button("🗑 Удалить всё");
    bot.presses(ANNA, 60, &press);
    bot.hears("AnswerCallbackQuery", "Не получилось удалить").await;
    let state = bot.store.chat_state(ANNA).await.unwrap().unwrap();
    assert!(state.contains(r#""count":3"#), "{state}");
    bot.store.execute("DROP TRIGGER refuse").await;
    bot.presses(ANNA, 60, &press);
    bot.hears("EditMessageText", "Готово: я удалил всё").await;
    assert!(!bot.store.chat_state(ANNA).await.unwrap().unwrap_or_default().contains(r#""count":3"#));
}
