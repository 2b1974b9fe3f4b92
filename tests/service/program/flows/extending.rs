//! Continuing a picture beyond its edges.

use super::{difference, mean, photo};
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_becomes_a_square_and_keeps_its_own_pixels() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.sends_photo(&photo([220, 40, 40], [40, 80, 200]), "").await;
    let question = anna.reads("Что с ней сделать?").await;
    anna.presses(&question, "Расширить").await;
    let card = anna.reads("Расширение").await;
    anna.presses(&card, "Квадрат").await;
    let card = anna.sees("the start", |message| message.to_string().contains("Нарисовать")).await;
    anna.presses(&card, "Нарисовать").await;
    let answer = anna.gets_picture("Расширенная картинка").await;
    let picture = anna.looks_at(&answer).await;
    assert_eq!(picture.dimensions(), (256, 256));
    let disc = difference(mean(&picture, (108, 108, 40, 40)), [220.0, 40.0, 40.0]);
    assert!(disc < 6.0, "the disc is where it was: {disc}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_is_extended_to_one_side_with_words() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    ben.says("a rocket on a black background").await;
    let rocket = ben.gets_picture("a rocket").await;
    let before = ben.looks_at(&rocket).await;
    ben.presses(&rocket, "Extend").await;
    let card = ben.reads("Extend").await;
    ben.presses(&card, "Right").await;
    let card = ben.sees("the start", |message| message.to_string().contains("Draw")).await;
    ben.presses(&card, "Description").await;
    ben.reads("Write the description").await;
    ben.says("a star on a black background").await;
    let card = ben.reads("Description: a star on a black background").await;
    ben.presses(&card, "Draw").await;
    let answer = ben.gets_picture("a star").await;
    let after = ben.looks_at(&answer).await;
    assert_eq!(after.dimensions(), (before.width() + before.width().div_ceil(2), before.height()));
}
