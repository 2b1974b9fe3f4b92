//! A drawing that takes long is seen while it grows, in the status message.

use serde_json::Value;

use crate::support::chat_user::{is_photo, words_of};
use crate::support::fake_backend::SLOWLY;
use crate::support::test_server::TestServer;

/// The message that tells about the job, once it shows a picture.
fn shows_progress(message: &Value) -> bool {
    is_photo(message) && words_of(message).starts_with("Рисую…")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_drawing_grows_in_its_status_message() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.says(SLOWLY).await;
    let status = anna.reads("очередь").await;
    let first = anna.sees("a preview", shows_progress).await;
    assert_eq!(first["message_id"], status["message_id"], "the same message");
    let colour = anna.looks_at(&first).await.get_pixel(32, 32).0;
    assert!(colour[0] > 200 && colour[1] < 60, "{colour:?}");
    let second =
        anna.sees("another preview", |message| shows_progress(message) && message["photo"] != first["photo"]).await;
    assert_ne!(words_of(&second), words_of(&first));
    anna.gets_picture("«").await;
    let history = server.when_quiet(&anna).await;
    assert_eq!(history.len(), 2, "the prompt and its picture: {history:#?}");
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drawing_that_is_seen_can_be_called_off() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.says(SLOWLY).await;
    let seen = anna.sees("a preview", shows_progress).await;
    anna.presses(&seen, "Отменить").await;
    let cancelled = anna.reads("Отменено").await;
    assert!(is_photo(&cancelled) && cancelled["message_id"] == seen["message_id"], "{cancelled:#}");
    // The same message tells about the next attempt, in words below the picture.
    anna.presses(&cancelled, "Всё-таки нарисовать").await;
    anna.gets_picture("«").await;
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_told_in_words() {
    let server = TestServer::start().await;
    let anna = server.user(1).in_group(-5);
    anna.says(&format!("/imagine {SLOWLY}")).await;
    anna.gets_picture("«").await;
    let history = anna.history().await;
    assert!(history.iter().all(|message| !shows_progress(message)));
    server.bot.stop().await;
}
