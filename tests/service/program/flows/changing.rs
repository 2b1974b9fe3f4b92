//! Changing a picture by a text.

use super::{difference, mean, photo};
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn a_caption_is_asked_about_once_and_then_remembered() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.sends_photo(&photo([220, 40, 40], [255, 255, 255]), "красное яблоко на синем фоне").await;
    let question = anna.reads("Смешать их или изменить картинку по тексту?").await;
    anna.presses(&question, "Изменить по тексту").await;
    let card = anna.reads("Изменение по тексту").await;
    anna.presses(&card, "Сильно 70").await;
    let card = anna.sees("the choice", |message| message.to_string().contains("✅ Сильно")).await;
    anna.presses(&card, "Нарисовать").await;
    let changed = anna.gets_picture("красное яблоко на синем фоне").await;
    let picture = anna.looks_at(&changed).await;
    assert_eq!((picture.width() * 3 + 2) / 4, picture.height(), "the photo's proportions stay");

    anna.sends_photo(&photo([220, 40, 40], [255, 255, 255]), "лимон").await;
    anna.reads("Описание: лимон").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn little_strength_leaves_much_of_the_picture() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    let original = photo([220, 40, 40], [40, 80, 200]);
    ben.sends_photo(&original, "/change a red apple on a blue background --strength 5%").await;
    let card = ben.reads("Change by text").await;
    ben.presses(&card, "Draw").await;
    let changed = ben.gets_picture("a red apple").await;
    let picture = ben.looks_at(&changed).await;
    let corner = (0, 0, picture.width() / 8, picture.height() / 8);
    let distance = difference(mean(&picture, corner), [40.0, 80.0, 200.0]);
    assert!(distance < 40.0, "the ground stays blue: {distance}");
}
