//! The rules that stand in the settings, as people meet them in a chat.

use kandinsky_bot::playground::{Options, Playground};

use crate::support::chat_user::{ChatUser, is_photo, words_of};
use crate::support::program::{ProgramProcess, program};

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_of_the_settings_reach_the_chat() {
    let telegram = Playground::start(0, Options::default()).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .env("TELOXIDE_TOKEN", telegram.token())
        .env("TELOXIDE_API_URL", telegram.api_url())
        .env("KANDINSKY_ADMINS", "1")
        .env("KANDINSKY_ALLOW", "1, 2")
        .env("KANDINSKY_KEEP_RESULTS_DAYS", "7")
        .env("KANDINSKY_LIMIT_WAITING", "2")
        .arg("--data")
        .arg(data.path());
    let program = ProgramProcess::spawn(&mut command);
    let (owner, anna, stranger) = (
        ChatUser::new(&telegram.url(), 1, "ru"),
        ChatUser::new(&telegram.url(), 2, "ru"),
        ChatUser::new(&telegram.url(), 3, "en"),
    );

    stranger.says("a lemon").await;
    stranger.reads("Your Telegram ID: 3").await;

    owner.says("/pause").await;
    owner.reads("Очередь на паузе").await;
    anna.says("порно").await;
    anna.reads("сексуальное содержание").await;
    anna.says("/privacy").await;
    anna.reads("7 дней").await;
    for prompt in ["кот", "лиса", "сова"] {
        anna.says(prompt).await;
    }
    anna.reads("Бот на паузе, запрос сохранён").await;
    anna.reads("Больше 2 запросов сразу нельзя").await;
    owner.says("/stats").await;
    owner.reads("Ждут: 2").await;

    anna.says("/forget").await;
    let question = anna.reads("Вернуть это потом нельзя").await;
    anna.presses(&question, "Удалить всё").await;
    anna.reads("Готово").await;
    owner.says("/resume").await;
    owner.reads("В очереди пусто").await;
    assert!(!anna.history().await.iter().any(is_photo));
    assert!(program.terminate().success());
    telegram.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_that_is_too_long_to_be_read_is_drawn_and_its_end_is_told() {
    let data = tempfile::tempdir().unwrap();
    let mut server = ProgramProcess::with_playground(data.path());
    let page = server.line();
    let anna = ChatUser::new(&page, 2, "ru");
    anna.says(&format!("лимон на зелёном фоне {} и красная шляпа", "очень ".repeat(100))).await;
    let answer = anna.gets_picture("лимон").await;
    assert!(words_of(&answer).contains("начиная со слов «очень очень"), "{}", words_of(&answer));
    assert_ne!(answer["has_media_spoiler"], true, "an emoji is for everybody's eyes");
}
