//! How results reach their chats, whatever stands in the way.

use super::*;

#[tokio::test]
async fn a_failure_comes_with_a_way_on() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    let claim = bot.claim().await;
    bot.store.fail(&claim, Failure::Engine).await.unwrap();
    bot.server.call("DeleteMessage", 1).await;
    let failure = bot.server.calls("SendMessage").into_iter().find(|call| call.text().starts_with("Не получилось"));
    let failure = failure.unwrap();
    assert_eq!(failure.button("🎲 Ещё раз"), "1:again:1");
    assert_eq!(reply(&failure), Some(11));
}

#[tokio::test]
async fn flood_control_is_obeyed_and_the_picture_arrives() {
    let bot = Bot::start().await;
    let wait = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 1",
                      "parameters": {"retry_after": 1}});
    bot.server.fail_with("SendPhoto", 429, wait);
    bot.says(ANNA, 11, "кот");
    let job = bot.draws().await;
    bot.server.call("SendPhoto", 1).await;
    let refused = Instant::now();
    bot.server.call("SendPhoto", 2).await;
    assert!(refused.elapsed() >= Duration::from_millis(900), "{:?}", refused.elapsed());
    bot.reaches(job, JobState::Delivered).await;
}

#[tokio::test]
async fn a_server_that_fails_gets_the_picture_later() {
    let bot = Bot::start().await;
    // teloxide waits 10 s after a 5xx; the words are enough.
    bot.server.fail("SendPhoto", 200, "Internal Server Error");
    bot.says(ANNA, 11, "кот");
    let job = bot.draws().await;
    bot.server.call("SendPhoto", 2).await;
    bot.reaches(job, JobState::Delivered).await;
    seconds(0.2).await;
    assert_eq!(bot.server.calls("SendPhoto").len(), 2);
}

#[tokio::test]
async fn whoever_blocked_the_bot_is_not_tried_for_ever() {
    let bot = Bot::start().await;
    bot.server.fail("SendPhoto", 403, "Forbidden: bot was blocked by the user");
    bot.says(ANNA, 11, "кот");
    let job = bot.draws().await;
    bot.reaches(job, JobState::Delivered).await;
    assert!(bot.store.due_deliveries(&[], 10).await.unwrap().is_empty());
    assert_eq!(bot.server.calls("SendPhoto").len(), 1);
}

#[tokio::test]
async fn a_group_that_moved_is_followed() {
    let bot = Bot::start().await;
    let moved = json!({"ok": false, "error_code": 400, "description": "Bad Request: group chat was upgraded to a supergroup chat",
                       "parameters": {"migrate_to_chat_id": -100}});
    bot.server.fail_with("SendPhoto", 400, moved);
    bot.says(ANNA, 11, "кот");
    let job = bot.draws().await;
    let photo = bot.server.call("SendPhoto", 2).await;
    assert_eq!((number(&photo, "chat_id"), reply(&photo)), (-100, None));
    bot.reaches(job, JobState::Delivered).await;
}

#[tokio::test]
async fn a_photo_that_is_refused_arrives_as_a_file() {
    let bot = Bot::start().await;
    bot.server.fail("SendPhoto", 400, "Bad Request: PHOTO_INVALID_DIMENSIONS");
    bot.says(ANNA, 11, "кот");
    let job = bot.draws().await;
    let file = bot.server.call("SendDocument", 1).await;
    assert!(file.field("caption").starts_with('«'));
    assert_eq!(file.button("🎲 Ещё раз"), "1:again:1");
    bot.reaches(job, JobState::Delivered).await;
}

#[tokio::test]
async fn several_pictures_are_an_album_and_a_row_of_buttons() {
    let bot = Bot::start().await;
    bot.says(ANNA, 11, "кот");
    let claim = bot.claim().await;
    bot.finish(&claim, vec![png(); 3]).await;
    let album = bot.server.call("SendMediaGroup", 1).await;
    assert_eq!(album.files.len(), 3);
    let media = album.fields["media"].as_array().unwrap();
    assert!(media[0]["caption"].as_str().unwrap().starts_with('«'));
    bot.reaches(claim.job, JobState::Delivered).await;
    let buttons =
        bot.server.calls("SendMessage").into_iter().find(|call| call.text() == "Что сделать с картинкой 1?").unwrap();
    assert_eq!(buttons.button("📄 Файл"), "1:file:1");
}
