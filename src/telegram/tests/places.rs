//! Where results can be sent: groups with few rights, topics that are gone.

use super::*;

const GROUP: i64 = -5;
const NO_PHOTOS: &str = "Bad Request: not enough rights to send photos to the chat";
const NO_FILES: &str = "Bad Request: not enough rights to send documents to the chat";

#[tokio::test]
async fn where_photos_are_forbidden_a_picture_comes_as_a_file() {
    let bot = Bot::start().await;
    bot.server.fail("SendPhoto", 400, NO_PHOTOS);
    bot.says_in_group(ANNA, 11, "/imagine кот", json!({}));
    bot.says_in_group(BORIS, 12, "/imagine кит", json!({}));
    bot.server.call("SendMessage", 2).await;
    let job = bot.draws().await;
    bot.server.call("SendDocument", 1).await;
    bot.reaches(job, JobState::Delivered).await;
    assert_eq!(bot.store.pending().await.unwrap().len(), 1, "what others wait for stays");
}

#[tokio::test]
async fn where_no_pictures_may_be_sent_the_user_is_told_in_words_and_others_go_on_waiting() {
    let bot = Bot::start().await;
    bot.server.fail("SendPhoto", 400, NO_PHOTOS);
    bot.server.fail("SendDocument", 400, NO_FILES);
    bot.says_in_group(ANNA, 11, "/imagine кот", json!({}));
    bot.says_in_group(BORIS, 12, "/imagine кит", json!({}));
    bot.server.call("SendMessage", 2).await;
    let job = bot.draws().await;
    let words = bot.server.call("SendMessage", 3).await;
    assert!(words.text().contains("нельзя"), "{}", words.text());
    assert_eq!((reply(&words), number(&words, "chat_id")), (Some(11), GROUP));
    bot.reaches(job, JobState::Delivered).await;
    assert_eq!(bot.store.pending().await.unwrap().len(), 1);
    // The rights are given: a press brings the picture.
    bot.presses_below(ANNA, GROUP, 1003, &words.button("📤 Отправить ещё раз"));
    bot.server.call("SendPhoto", 2).await;
}

#[tokio::test]
async fn where_not_even_text_may_be_sent_nobodys_job_is_lost() {
    let bot = Bot::start().await;
    bot.says_in_group(ANNA, 11, "/imagine кот", json!({}));
    bot.says_in_group(BORIS, 12, "/imagine кит", json!({}));
    bot.server.call("SendMessage", 2).await;
    bot.server.fail("SendPhoto", 400, NO_PHOTOS);
    bot.server.fail("SendDocument", 400, NO_FILES);
    bot.server.fail("SendMessage", 400, "Bad Request: not enough rights to send text messages to the chat");
    let job = bot.draws().await;
    bot.reaches(job, JobState::Delivered).await;
    seconds(0.2).await;
    assert_eq!(bot.store.pending().await.unwrap().len(), 1);
    assert!(!crate::jobs::Archive::picture_infos(&*bot.store, job).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_picture_for_a_topic_that_is_gone_comes_to_the_general_one() {
    for reason in ["Bad Request: message thread not found", "Bad Request: TOPIC_DELETED", "Bad Request: TOPIC_CLOSED"] {
        let bot = Bot::start().await;
        let topic = json!({"chat": {"id": GROUP, "type": "supergroup", "title": "Forum", "is_forum": true},
            "message_thread_id": 3, "is_topic_message": true});
        bot.says_in_group(ANNA, 11, "/imagine кот", topic);
        let status = bot.server.call("SendMessage", 1).await;
        assert_eq!(number(&status, "message_thread_id"), 3);
        bot.server.fail("SendPhoto", 400, reason);
        let job = bot.draws().await;
        let photo = bot.server.call("SendPhoto", 2).await;
        assert_eq!((reply(&photo), photo.fields.get("message_thread_id")), (None, None), "{reason}");
        bot.reaches(job, JobState::Delivered).await;
    }
}

#[tokio::test]
async fn a_file_that_may_not_be_sent_is_not_kept_from_the_user() {
    let bot = Bot::start().await;
    bot.says_in_group(ANNA, 11, "/imagine кот", json!({}));
    let job = bot.draws().await;
    bot.reaches(job, JobState::Delivered).await;
    bot.server.fail("SendDocument", 400, NO_FILES);
    let before = bot.server.calls("SendMessage").len();
    bot.presses_below(ANNA, GROUP, 1002, &format!("1:file:{job}"));
    let words = bot.server.call("SendMessage", before + 1).await;
    assert!(words.text().contains("нельзя"), "{}", words.text());
}

impl Bot {
    /// A press below a message in a group.
    fn presses_below(&self, user: i64, group: i64, message_id: i32, data: &str) {
        let mut pressed = message(user, message_id, "buttons");
        pressed["chat"] = json!({"id": group, "type": "supergroup", "title": "Friends"});
        self.server.update(
            "callback_query",
            json!({
                "id": format!("press-{message_id}-{data}"), "chat_instance": "x", "data": data,
                "from": {"id": user, "is_bot": false, "first_name": "Anna", "language_code": "ru"},
                "message": pressed,
            }),
        );
    }
}
