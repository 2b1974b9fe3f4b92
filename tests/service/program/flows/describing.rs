//! What a picture shows, and that drawn again.

use crate::support::chat_user::{is_photo, words_of};
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bot_drew_it_recognizes_and_draws_again() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("лимон на синем фоне --seed 7").await;
    let lemon = anna.gets_picture("лимон на синем фоне").await;
    anna.replies(&lemon, "/describe").await;
    let described = anna.reads("Похоже, это лимон на синем фоне.").await;
    anna.presses(&described, "Нарисовать").await;
    anna.sees("another lemon", |message| {
        let is_later = message["message_id"].as_i64() > described["message_id"].as_i64();
        is_later && is_photo(message) && words_of(message).contains("«лимон на синем фоне»")
    })
    .await;
    // Only pictures are in the history.
    anna.says("/history").await;
    let history = words_of(&anna.reads("Последние картинки.").await).to_owned();
    assert_eq!(history.lines().count(), 3, "{history}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_described_in_english() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    ben.says("a lemon on a blue background --seed 7").await;
    let lemon = ben.gets_picture("a lemon on a blue background").await;
    let photo = ben.looks_at(&lemon).await;
    ben.sends_photo(&photo, "").await;
    let offer = ben.reads("What shall I do with it?").await;
    ben.presses(&offer, "Describe").await;
    ben.reads("Looks like a lemon on a blue background.").await;
}
