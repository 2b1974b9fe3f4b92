//! What a crash leaves behind is made good after the next start: nothing is lost, nothing is done twice.

use super::*;
use crate::conversation::Message;
use crate::jobs::{Inbox, StoredUpdate, UpdateId, UpdateOutcome};
use crate::telegram::outbox::message::Destination;
use crate::telegram::outbox::outgoing::OutgoingMessage;

/// A message of the bot that was stored and not sent.
async fn left_unsent(bot: &Bot, chat_id: i64, text: &str) {
    let message = OutgoingMessage::Say { to: Destination::chat(chat_id), message: Message::plain(text.to_owned()) };
    let outgoing = vec![message.stored().unwrap()];
    bot.store.complete_update(UpdateOutcome { outgoing, ..UpdateOutcome::default() }).await.unwrap();
}

/// Updates that were stored and not handled.
async fn left_unhandled(bot: &Bot, updates: impl IntoIterator<Item = Value>) {
    let stored = (1..).zip(updates).map(|(id, message)| StoredUpdate {
        id: UpdateId(id),
        body: json!({"update_id": id, "message": message}).to_string(),
    });
    bot.store.store_updates(stored.collect()).await.unwrap();
}

impl Bot {
    /// Waits until no message is left to be sent and no update to be handled.
    async fn is_done(&self) {
        for _ in 0..500 {
            // In this order: handling an update turns it into messages.
            let unhandled = self.store.unhandled_updates().await.unwrap();
            let unsent = self.store.unsent_messages().await.unwrap();
            if unsent.is_empty() && unhandled.is_empty() {
                return;
            }
            seconds(0.01).await;
        }
        panic!("left: {:?} {:?}", self.store.unsent_messages().await, self.store.unhandled_updates().await);
    }
}

#[tokio::test]
async fn a_hundred_updates_that_were_stored_are_handled_after_the_restart() {
    let mut bot = Bot::asleep().await;
    left_unhandled(&bot, (0..100).map(|number| message(100 + number, 11, "кот"))).await;
    bot.wake();
    bot.is_done().await;
    assert_eq!(bot.store.pending_count().await.unwrap(), 100);
    bot.server.call("SendMessage", 100).await;
}

#[tokio::test]
async fn an_update_that_is_delivered_again_after_a_restart_is_not_handled_twice() {
    let mut bot = Bot::start().await;
    bot.says(ANNA, 11, "/help");
    bot.says(ANNA, 12, "кот");
    bot.server.call("SendMessage", 2).await;
    bot.sleeps().await;
    bot.server.redeliver();
    bot.wake();
    bot.says(ANNA, 13, "/queue");
    assert!(bot.server.call("SendMessage", 3).await.text().starts_with("В очереди 1 ваш запрос:"));
    assert_eq!(bot.server.calls("SendMessage").len(), 3);
}

#[tokio::test]
async fn messages_that_were_stored_and_not_sent_come_before_new_answers() {
    let mut bot = Bot::asleep().await;
    left_unsent(&bot, ANNA, "one").await;
    left_unsent(&bot, ANNA, "two").await;
    left_unhandled(&bot, [message(ANNA, 11, "/queue")]).await;
    bot.wake();
    bot.server.call("SendMessage", 3).await;
    bot.is_done().await;
    let texts = bot.texts_to(ANNA);
    assert_eq!(texts[..2], ["one", "two"]);
    assert!(texts[2].starts_with("В очереди нет ваших запросов"), "{texts:?}");
    bot.sleeps().await;
    bot.wake();
    seconds(0.3).await;
    assert_eq!(bot.texts_to(ANNA).len(), 3, "what was sent is not sent again");
}

#[tokio::test]
async fn a_message_of_another_version_is_dropped() {
    let mut bot = Bot::asleep().await;
    left_unsent(&bot, ANNA, "one").await;
    bot.store.execute("UPDATE outgoing SET body = '{\"say_it_with_flowers\":{}}'").await;
    bot.wake();
    bot.is_done().await;
    assert!(bot.texts_to(ANNA).is_empty());
}

#[tokio::test]
async fn an_update_that_can_not_be_read_is_left_out() {
    let mut bot = Bot::asleep().await;
    left_unhandled(&bot, [json!("no message"), message(ANNA, 11, "/queue")]).await;
    bot.wake();
    bot.is_done().await;
    assert!(bot.texts_to(ANNA)[0].starts_with("В очереди нет ваших запросов"));
}

#[tokio::test]
async fn a_file_that_was_being_opened_is_opened_again() {
    let mut bot = Bot::asleep().await;
    let mut content = message(ANNA, 11, "");
    let fields = content.as_object_mut().unwrap();
    fields.remove("text");
    let file = json!({"file_id": "f", "file_unique_id": "u", "file_size": 9, "mime_type": "image/png"});
    fields.insert("document".to_owned(), file);
    let busy = json!({"ok": false, "error_code": 429, "description": "x", "parameters": {"retry_after": 60}});
    bot.server.fail_with("GetFile", 429, busy);
    bot.wake();
    bot.server.update("message", content);
    bot.server.call("GetFile", 1).await;
    bot.sleeps().await;
    assert_eq!(bot.store.unhandled_updates().await.unwrap().len(), 1);
    bot.wake();
    bot.server.call("SendMessage", 1).await;
    bot.is_done().await;
}

#[tokio::test]
async fn status_messages_that_a_crash_left_are_deleted() {
    let mut bot = Bot::start().await;
    for (message_id, prompt) in [(11, "кот"), (12, "кит")] {
        bot.says(ANNA, message_id, prompt);
        bot.server.call("SendMessage", message_id as usize - 10).await;
    }
    seconds(0.2).await;
    bot.sleeps().await;
    // One was delivered, one was cancelled, and then the power went off.
    let delivered = bot.draws().await;
    bot.store.mark_delivered(delivered, &[]).await.unwrap();
    bot.store.execute("UPDATE jobs SET state = 'cancelled' WHERE state = 'queued'").await;
    bot.wake();
    assert_eq!(number(&bot.server.call("DeleteMessage", 1).await, "message_id"), 1001);
    let edit = bot.server.call("EditMessageText", 1).await;
    assert_eq!((edit.text(), number(&edit, "message_id")), ("Отменено.", 1002));
    for _ in 0..500 {
        if bot.store.stale_status_messages().await.unwrap().is_empty() {
            break;
        }
        seconds(0.01).await;
    }
    bot.sleeps().await;
    bot.wake();
    seconds(0.3).await;
    assert_eq!((bot.server.calls("DeleteMessage").len(), bot.server.calls("EditMessageText").len()), (1, 1));
}
