//! Recipes that travel: by a link, by a file, into other chats.

use crate::support::chat_user::{is_photo, words_of};
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_the_recipe_of_somebody_else() {
    let program = TestProgram::start();
    let (anna, ben) = (program.user(1, "ru"), program.user(2, "en"));
    anna.says("лимон на зелёном фоне --seed 42").await;
    let lemon = anna.gets_picture("лимон").await;
    anna.presses(&lemon, "Параметры").await;
    let info = anna.reads("Сид: 42").await;
    anna.presses(&info, "Ссылка").await;
    let message = anna.reads("https://t.me/").await;
    let link = words_of(&message).split_whitespace().find(|word| word.starts_with("https://")).unwrap().to_owned();

    ben.starts_with(&link).await;
    ben.reads("Here are this picture’s parameters").await;
    let card = ben.reads("Seed: 42").await;
    ben.presses(&card, "Draw").await;
    let same = ben.gets_picture("лимон на зелёном фоне").await;
    assert_eq!(ben.looks_at(&same).await, anna.looks_at(&lemon).await, "the same recipe, the same picture");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_ours_brings_its_recipe_back() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("лимон на зелёном фоне --seed 9 --style аниме").await;
    let lemon = anna.gets_picture("лимон").await;
    anna.presses(&lemon, "Файл").await;
    let file = anna.sees("the file", |message| message["document"].is_object()).await;
    let bytes = anna.file(&file["document"]).await;
    let ben = program.user(2, "en");
    ben.sends_file("picture.png", "image/png", &bytes, "").await;
    ben.reads("I know that picture! Here are its parameters").await;
    let card = ben.reads("Seed: 9").await;
    assert!(words_of(&card).contains("Style: Anime"), "{}", words_of(&card));
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_pictures_can_be_sent_into_any_chat() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    let nothing = anna.types_inline("").await;
    assert_eq!(nothing["results"].as_array().unwrap().len(), 0);
    anna.says("лимон на зелёном фоне").await;
    anna.gets_picture("лимон").await;
    let typed = anna.types_inline("лим").await;
    assert_eq!(typed["results"].as_array().unwrap().len(), 1, "{typed:#}");
    assert_eq!(anna.types_inline("кит").await["results"].as_array().unwrap().len(), 0);
    let sent = anna.chooses_inline(&typed, 0).await;
    let history = anna.history().await;
    let message = history.iter().find(|message| message["message_id"] == sent).unwrap();
    assert!(is_photo(message) && words_of(message).contains("лимон"), "{message:#}");
    let ben = program.user(2, "en");
    assert_eq!(ben.types_inline("").await["results"].as_array().unwrap().len(), 0, "only ones own");
}
