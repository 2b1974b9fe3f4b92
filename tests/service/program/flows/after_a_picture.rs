//! After a picture: another text, a deletion, the history.

use super::number;
use crate::support::chat_user::{has_button, is_photo, words_of};
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn new_words_in_answer_to_a_picture_draw_the_same_with_them() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("красное яблоко на синем фоне --style аниме --seed 7").await;
    let apple = anna.gets_picture("красное яблоко").await;
    anna.replies(&apple, "лимон на синем фоне").await;
    let lemon = anna.gets_picture("лимон на синем фоне").await;
    assert!(words_of(&lemon).contains("» · Аниме"), "{}", words_of(&lemon));

    anna.presses(&lemon, "Изменить описание").await;
    anna.reads("Старое: «лимон на синем фоне»").await;
    anna.says("груша на синем фоне").await;
    let pear = anna.gets_picture("груша на синем фоне").await;
    assert!(words_of(&pear).contains("» · Аниме"), "{}", words_of(&pear));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_deleted_for_good() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    ben.says("a lemon on a green background").await;
    let lemon = ben.gets_picture("a lemon").await;
    ben.presses(&lemon, "🗑").await;
    let question = ben.sees("the question", |message| has_button(message, "Keep it")).await;
    ben.presses(&question, "Keep it").await;
    let kept = ben.sees("the buttons again", |message| has_button(message, "🗑") && !has_button(message, "Keep it"));
    ben.presses(&kept.await, "🗑").await;
    let question = ben.sees("the question again", |message| has_button(message, "Keep it")).await;
    ben.presses(&question, "🗑 Delete").await;
    for _ in 0..100 {
        if !ben.history().await.iter().any(is_photo) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(!ben.history().await.iter().any(is_photo), "its message is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_sends_pictures_again() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("/history").await;
    anna.reads("Пока пусто").await;
    anna.says("лимон на зелёном фоне").await;
    let lemon = anna.gets_picture("лимон").await;
    anna.says("/history").await;
    let history = anna.reads("1. «лимон на зелёном фоне» · Без стиля").await;
    anna.presses(&history, "1").await;
    let again = anna.sees("the picture once more", |message| {
        is_photo(message) && number(message) != number(&lemon) && words_of(message) == words_of(&lemon)
    });
    let again = again.await;
    assert_eq!(anna.looks_at(&again).await, anna.looks_at(&lemon).await);
}
