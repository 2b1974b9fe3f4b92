//! Words that were taken for something else than what they say: a list for what shall be left out, a dash for a flag, a command
//! for a description.

use crate::support::chat_user::words_of;
use crate::support::pictures::gradient_png;
use crate::support::test_server::TestServer;

#[tokio::test]
async fn a_list_with_hyphens_is_the_prompt() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.says("Still life with:\n- a red apple\n- a blue background").await;
    let picture = anna.gets_picture("a red apple").await;
    assert!(words_of(&picture).contains("a blue background"), "{picture:#}");
    anna.presses(&picture, "Параметры").await;
    let parameters = anna.reads("Картинка по описанию").await;
    assert!(!words_of(&parameters).contains("Исключить"), "{parameters:#}");
}

#[tokio::test]
async fn a_dash_in_a_sentence_is_no_flag() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.says("a cat —sitting on a mat").await;
    anna.gets_picture("a cat —sitting on a mat").await;
    anna.says("—Hello").await;
    anna.gets_picture("—Hello").await;
    anna.says("a dog --sitting on a mat").await;
    anna.reads("Флага --sitting нет.").await;
}

#[tokio::test]
async fn a_command_below_a_photo_is_a_command() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.sends_photo(&gradient_png(320, 240), "/style anime").await;
    anna.reads("Стиль: Аниме.").await;
    let question = anna.reads("Что с ней сделать?").await;
    anna.presses(&question, "Вариации").await;
    let card = anna.reads("Стиль: Аниме\n").await;
    anna.presses(&card, "Нарисовать").await;
    anna.gets_picture("Вариация · Аниме").await;
}

#[tokio::test]
async fn flags_alone_below_a_photo_are_settings_for_it() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.sends_photo(&gradient_png(320, 240), "--seed 77").await;
    let question = anna.reads("Что с ней сделать?").await;
    anna.presses(&question, "Вариации").await;
    anna.reads("Сид: 77").await;
}

#[tokio::test]
async fn a_setting_is_turned_off_by_a_word() {
    let server = TestServer::start().await;
    let anna = server.user(7);
    anna.says("/negative вода").await;
    anna.reads("Исключить: вода").await;
    anna.says("/negative выкл").await;
    anna.reads("Исключить: нет").await;
    anna.says("/lang en-GB").await;
    anna.reads("I speak English now.").await;
    anna.says("/lang ru-RU").await;
    anna.reads("Теперь говорю по-русски.").await;
}
