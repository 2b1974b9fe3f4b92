//! What the platform does not take, or not there: each picture still finds its user, or its user learns why not.

use kandinsky_bot::playground::Fault;

use crate::support::chat_user::{is_photo, words_of};
use crate::support::fake_backend::IMMENSE;
use crate::support::test_server::TestServer;

const FRIENDS: i64 = -1001;
const NO_PHOTOS: Fault = Fault::Refused("not enough rights to send photos to the chat");
const NO_FILES: Fault = Fault::Refused("not enough rights to send documents to the chat");

#[tokio::test(flavor = "multi_thread")]
async fn two_pictures_of_thirteen_megabytes_come_as_files() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.says(&format!("{IMMENSE} --n 2")).await;
    anna.reads("Что сделать с картинкой 1?").await;
    let history = server.when_quiet(&anna).await;
    let files: Vec<_> = history.iter().filter(|message| message["document"].is_object()).collect();
    assert_eq!(files.len(), 2, "{history:#?}");
    assert!(words_of(files[0]).contains("отправляю файлом"), "{}", words_of(files[0]));
    assert!(!history.iter().any(|message| words_of(message).contains("Не получилось")));
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_without_photos_gets_a_file_and_one_without_both_gets_words() {
    let server = TestServer::start().await;
    let anna = server.user(1).in_group(FRIENDS);
    server.playground.inject("sendPhoto", NO_PHOTOS);
    anna.says("/imagine лимон").await;
    anna.sees("a file", |message| message["document"].is_object() && words_of(message).contains("лимон")).await;
    server.playground.inject("sendPhoto", NO_PHOTOS);
    server.playground.inject("sendDocument", NO_FILES);
    anna.says("/imagine груша").await;
    let words = anna.reads("Попросите администратора").await;
    anna.presses(&words, "Отправить ещё раз").await;
    anna.gets_picture("груша").await;
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_outlives_the_topic_in_which_it_was_asked_for() {
    let server = TestServer::start().await;
    let anna = server.user(1).in_group(FRIENDS).in_topic(5);
    server.playground.inject("sendPhoto", Fault::Refused("message thread not found"));
    anna.says("/imagine лимон").await;
    let lemon = anna.sees("a lemon", |message| is_photo(message) && words_of(message).contains("лимон")).await;
    assert!(lemon["message_thread_id"].is_null(), "{lemon:#}");
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_is_pressed_twice_edits_once() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.says("/settings").await;
    let page = anna.reads("Настройки этого чата").await;
    anna.presses(&page, "📐 Размер").await;
    anna.presses(&page, "📐 Размер").await;
    anna.says("/help").await;
    anna.reads("--ar 16:9").await;
    let refusals = server.playground.refusals();
    assert!(refusals.is_empty(), "{refusals:#?}");
    server.bot.stop().await;
}
