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

    // The names are known by now; somebody else, in English.
    let (ben, photo) = (program.user(2, "en"), anna.looks_at(&lemon).await);
    ben.sends_photo(&photo, "").await;
    let offer = ben.reads("What shall I do with it?").await;
    ben.presses(&offer, "Describe").await;
    ben.reads("Looks like a lemon on a blue background.").await;
}
