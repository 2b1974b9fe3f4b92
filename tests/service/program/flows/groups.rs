//! Groups and forums: several people, one chat.

use super::photo;
use crate::support::chat_user::{is_photo, words_of};
use crate::support::test_program::TestProgram;

const FRIENDS: i64 = -1001;

#[tokio::test(flavor = "multi_thread")]
async fn a_group_calls_the_bot_by_command_by_name_and_by_answering() {
    let program = TestProgram::start();
    let (anna, ben) = (program.user(1, "ru").in_group(FRIENDS), program.user(2, "ru").in_group(FRIENDS));
    anna.says("как дела?").await;
    let question = anna.says("/imagine лимон на зелёном фоне").await;
    let lemon = anna.gets_picture("лимон").await;
    assert_eq!(lemon["reply_to_message"]["message_id"], question);

    ben.replies(&lemon, "груша на зелёном фоне").await;
    ben.gets_picture("груша").await;
    ben.presses(&lemon, "Ещё раз").await;
    let again = ben.sees("another lemon", |m| {
        is_photo(m) && words_of(m).contains("лимон") && m["message_id"] != lemon["message_id"]
    });
    again.await;

    ben.presses(&lemon, "🗑").await;
    let history = program.when_quiet(&ben).await;
    let is_there = history.iter().any(|message| message["message_id"] == lemon["message_id"]);
    assert!(is_there, "only the user who asked may delete");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mix_in_a_group_belongs_to_whoever_began_it() {
    let program = TestProgram::start();
    let (anna, ben) = (program.user(1, "en").in_group(FRIENDS), program.user(2, "en").in_group(FRIENDS));
    anna.says("/mix").await;
    let question = anna.reads("send it as a reply to this message").await;
    ben.replies_with_photo(&question, &photo([40, 160, 60], [255, 255, 255]), "").await;
    ben.reads("What shall I do with it?").await;
    anna.replies_with_photo(&question, &photo([220, 40, 40], [255, 255, 255]), "").await;
    anna.reads("Got the first").await;
    anna.says("/cancel").await;
    anna.reads("All right, cancelled").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_stay_in_their_topic() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru").in_group(FRIENDS).in_topic(5);
    anna.says("/imagine лимон на зелёном фоне").await;
    let lemon = anna.gets_picture("лимон").await;
    assert_eq!(lemon["message_thread_id"], 5);
}
