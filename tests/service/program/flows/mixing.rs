//! Mixing pictures and texts.

use super::photo;
use crate::support::chat_user::words_of;
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn two_photos_one_after_another_are_mixed_by_weight() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("/mix").await;
    anna.reads("Пришлите две картинки").await;
    anna.sends_photo(&photo([220, 40, 40], [255, 255, 255]), "").await;
    anna.reads("Первая картинка есть").await;
    anna.sends_photo(&photo([250, 210, 40], [255, 255, 255]), "").await;
    let card = anna.reads("Смешивание").await;
    anna.presses(&card, "➕").await;
    let card = anna.reads("картинка 1 — 60 %").await;
    anna.presses(&card, "Нарисовать").await;
    let answer = anna.gets_picture("Смешивание").await;
    assert!(anna.looks_at(&answer).await.width() >= 128);
    anna.presses(&answer, "Параметры").await;
    anna.reads("Доли: 60 % : 40 %").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_with_words_is_one_mix() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    let photos = [photo([220, 40, 40], [255, 255, 255]), photo([40, 160, 60], [255, 255, 255])];
    ben.sends_album(&photos, "a lemon").await;
    let card = ben.reads("text “a lemon”").await;
    assert!(words_of(&card).contains("picture 2 — 33 %"), "{}", words_of(&card));
    ben.presses(&card, "Draw").await;
    ben.gets_picture("“a lemon”").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_in_answer_to_one_of_ours_is_mixed_with_it() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("красное яблоко на синем фоне").await;
    let apple = anna.gets_picture("красное яблоко").await;
    anna.replies_with_photo(&apple, &photo([250, 210, 40], [255, 255, 255]), "").await;
    let card = anna.reads("картинка 2 — 50 %").await;
    anna.presses(&card, "Нарисовать").await;
    let mixed = anna.gets_picture("Смешивание").await;
    anna.presses(&mixed, "Новое смешивание").await;
    anna.sees("another mix", |message| {
        words_of(message).contains("Смешивание") && message["message_id"] != mixed["message_id"]
    })
    .await;
}
