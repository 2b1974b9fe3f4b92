//! Pictures that are seen while they come into being.

use super::*;

/// A worker's report with a preview.
fn seen(progress: f64, preview: &[u8]) -> Heartbeat {
    Heartbeat { progress, preview: Some(preview.to_vec()) }
}

#[tokio::test]
async fn a_slow_picture_is_seen_as_it_grows_and_can_still_be_cancelled() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    let status = bot.server.call("SendMessage", 1).await;
    let claim = bot.claim().await;
    bot.store.heartbeat(&claim, seen(0.4, b"jpeg"), LEASE).await.unwrap();
    let shown = bot.server.call("EditMessageMedia", 1).await;
    assert_eq!(shown.files[0].1, "jpeg");
    assert_eq!(shown.fields["media"]["caption"], "Рисую… 40\u{a0}%");
    assert_eq!(shown.button("✖️ Отменить"), "1:cancel:1");

    bot.store.heartbeat(&claim, Heartbeat { progress: 0.6, preview: None }, LEASE).await.unwrap();
    let captioned = bot.server.call("EditMessageCaption", 1).await;
    assert_eq!(captioned.field("caption"), "Рисую… 60\u{a0}%");
    bot.presses(ANNA, 50, &status.button("✖️ Отменить"));
    let cancelled = bot.server.call("EditMessageCaption", 2).await;
    assert_eq!(cancelled.field("caption"), "Отменено.");
    assert_eq!(cancelled.button("🖌 Всё-таки нарисовать"), "1:again:1");
    assert!(bot.server.calls("EditMessageText").is_empty());
    let lease = bot.store.heartbeat(&claim, seen(0.7, b"late"), LEASE).await.unwrap();
    assert_eq!((lease, bot.store.preview(claim.job)), (LeaseStatus::Cancelled, None));
}

#[tokio::test]
async fn a_preview_that_was_shown_before_a_restart_stays_a_picture() {
    let mut bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    bot.server.call("SendMessage", 1).await;
    seconds(0.2).await;
    bot.sleeps().await;
    bot.store.execute("UPDATE jobs SET progress = 0.4, status_text = NULL").await;
    let words = "Bad Request: there is no text in the message to edit";
    bot.server.fail("EditMessageText", 400, words);
    bot.wake();
    let edit = bot.server.call("EditMessageCaption", 1).await;
    assert_eq!(edit.field("caption"), "Бот перезапускался, запрос снова в очереди. Начинаю.");
    let claim = bot.claim().await;
    bot.store.heartbeat(&claim, Heartbeat { progress: 0.6, preview: None }, LEASE).await.unwrap();
    bot.server.call("EditMessageCaption", 2).await;
    assert_eq!(bot.server.calls("EditMessageText").len(), 1, "from then on it is known to be a picture");
}

#[tokio::test]
async fn a_preview_is_forgotten_with_its_drawing_and_groups_have_none() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    let claimed = loop {
        match bot.store.claim("test", LEASE).await.unwrap() {
            Some(claimed) => break claimed,
            None => seconds(0.01).await,
        }
    };
    assert!(claimed.previews);
    bot.store.heartbeat(&claimed.claim, seen(0.4, b"jpeg"), LEASE).await.unwrap();
    assert_eq!(bot.store.preview(claimed.claim.job).unwrap(), "jpeg");
    bot.finish(&claimed.claim, vec![png()]).await;
    assert_eq!(bot.store.preview(claimed.claim.job), None);
    bot.server.call("DeleteMessage", 1).await;
    let mut group = message(-5, 12, "/imagine кот");
    group["chat"] = json!({"id": -5, "type": "supergroup", "title": "Friends"});
    group["from"]["id"] = json!(ANNA);
    bot.server.update("message", group);
    bot.server.call("SendMessage", 2).await;
    let claimed = bot.store.claim("test", LEASE).await.unwrap().unwrap();
    assert!(!claimed.previews);
}
