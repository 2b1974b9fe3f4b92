//! What users do in the chat page of a program without a token.

use kandinsky_bot::pictures::read_recipe;

use crate::support::chat_user::{is_photo, words_of};
use crate::support::test_program::TestProgram;

#[tokio::test(flavor = "multi_thread")]
async fn prompts_in_two_languages_become_pictures() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    let ben = program.user(2, "en");

    let question = anna.says("красное яблоко на синем фоне").await;
    ben.says("a lemon on a green background").await;

    let answer = anna.gets_picture("«красное яблоко на синем фоне»").await;
    assert_eq!(answer["reply_to_message"]["message_id"], question);
    assert!(anna.looks_at(&answer).await.width() >= 128);

    ben.gets_picture("“a lemon on a green background”").await;
    assert!(program.process.terminate().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_style_is_chosen_once_and_kept() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("/style").await;
    let menu = anna.sees("the styles", |message| message["reply_markup"]["inline_keyboard"].is_array()).await;
    anna.presses(&menu, "Аниме").await;
    anna.says("лиса на белом фоне").await;
    let answer = anna.gets_picture("лиса").await;
    assert!(words_of(&answer).contains("» · Аниме"), "{}", words_of(&answer));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_language_can_be_switched_and_stays() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says("/start").await;
    let menu = anna.reads("Привет").await;
    anna.presses(&menu, "English").await;
    anna.says("/queue").await;
    anna.sees("an English answer", |message| words_of(message).is_ascii() && !words_of(message).is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_called_off() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    for prompt in ["кот", "лиса", "сова", "кит"] {
        anna.says(prompt).await;
    }
    let status = anna
        .sees("a waiting job", |message| {
            words_of(message).contains("очередь") && message["reply_to_message"]["text"] == "кит"
        })
        .await;
    anna.presses(&status, "Отменить").await;
    anna.reads("Отменено").await;
    for prompt in ["кот", "лиса", "сова"] {
        anna.gets_picture(prompt).await;
    }
    let history = program.when_quiet(&anna).await;
    assert_eq!(history.iter().filter(|message| is_photo(message)).count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_buttons_under_a_picture_work() {
    let program = TestProgram::start();
    let ben = program.user(2, "en");
    ben.says("a pizza on a white background").await;
    let first = ben.gets_picture("a pizza").await;

    ben.presses(&first, "File").await;
    let file = ben.sees("the file", |message| message["document"].is_object()).await;
    let bytes = ben.file(&file["document"]).await;
    let recipe = read_recipe(&bytes).expect("the file carries its recipe");
    assert_eq!(recipe.prompt(), "a pizza on a white background");
    ben.presses(&first, "Parameters").await;
    ben.reads(&format!("Seed: {}", recipe.seed)).await;

    ben.presses(&first, "Again").await;
    let another = ben.sees("another picture", |message| {
        is_photo(message) && words_of(message).contains("a pizza") && message["message_id"] != first["message_id"]
    });
    another.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_drawn_gets_a_kind_answer() {
    let program = TestProgram::start();
    let anna = program.user(1, "ru");
    anna.says(&"очень ".repeat(200)).await;
    anna.reads("1000").await;
    anna.says("/stile").await;
    anna.reads("/style").await;
    assert!(!anna.history().await.iter().any(is_photo));
}
