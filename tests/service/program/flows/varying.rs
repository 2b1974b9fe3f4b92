//! Variations of a picture.

use super::photo;
use crate::support::chat_user::is_photo;
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_gets_variations_as_close_as_one_likes() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.sends_photo(&photo([220, 40, 40], [255, 255, 255]), "").await;
    let question = anna.reads("Что с ней сделать?").await;
    anna.presses(&question, "Вариации").await;
    let card = anna.reads("Вариации\n").await;
    anna.presses(&card, "Похоже").await;
    let card = anna.sees("the choice", |message| message.to_string().contains("✅ Похоже")).await;
    anna.presses(&card, "Количество").await;
    let counts = anna.reads("Сколько картинок?").await;
    anna.presses(&counts, "2").await;
    let card = anna.reads("Количество: 2").await;
    anna.presses(&card, "Нарисовать").await;
    let below = anna.reads("Что сделать с картинкой 1?").await;
    // The status message, which shows a preview, is gone by then.
    let chat = program.when_quiet(&anna).await;
    assert_eq!(chat.iter().filter(|message| is_photo(message)).count(), 3, "one sent, two drawn: {chat:#?}");

    anna.presses(&below, "2").await;
    let below = anna.reads("Что сделать с картинкой 2?").await;
    anna.presses(&below, "Параметры").await;
    anna.reads("Похожесть: 30 %").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_below_a_result_asks_nothing() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    ben.says("a lemon on a green background").await;
    let lemon = ben.gets_picture("a lemon").await;
    ben.presses(&lemon, "Variations").await;
    ben.gets_picture("Variation").await;
}
