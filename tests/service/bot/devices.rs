//! One user, two devices, and fingers that hit twice.

use std::time::{Duration, Instant};

use image::{Rgb, RgbImage};

use super::network_faults::{drawn, from_bot};
use crate::support::chat_user::is_photo;
use crate::support::press_answers::PressAnswers;
use crate::support::test_server::TestServer;

/// A second press within two seconds after the first was handled is taken for a double tap.
pub(crate) const DOUBLE_TAP: Duration = Duration::from_millis(2500);

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_write_at_once_and_both_get_their_picture() {
    let server = TestServer::start().await;
    let (phone, computer) = (server.user(1), server.user(1));
    tokio::join!(phone.says("кот"), computer.says("пёс"));
    phone.gets_picture("кот").await;
    computer.gets_picture("пёс").await;
    let history = server.when_quiet(&phone).await;
    assert_eq!((drawn(&history), from_bot(&history).len()), (2, 2), "{history:#?}");
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_answer_one_question_and_nothing_is_lost() {
    let server = TestServer::start().await;
    let (phone, computer) = (server.user(1), server.user(1));
    phone.says("/mix").await;
    phone.reads("Пришлите две картинки").await;
    let photo = |red| RgbImage::from_pixel(96, 96, Rgb([red, 90, 60]));
    let (red, black) = (photo(220), photo(20));
    tokio::join!(phone.sends_photo(&red, ""), computer.sends_photo(&black, ""));
    let card = phone.reads("картинка 2 — 50 %").await;
    // Both press the same button: one picture.
    tokio::join!(phone.presses(&card, "Нарисовать"), computer.presses(&card, "Нарисовать"));
    phone.gets_picture("Смешивание").await;
    assert_eq!(drawn(&server.when_quiet(&phone).await), 1);
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_press_two_buttons_at_once_and_both_do_what_they_say() {
    let server = TestServer::start().await;
    let (phone, computer) = (server.user(1), server.user(1));
    phone.says("кот").await;
    let picture = phone.gets_picture("кот").await;
    let answers = PressAnswers::of(&server, 1).await;
    tokio::join!(phone.presses(&picture, "Ещё раз"), computer.presses(&picture, "Файл"));
    phone.sees("the file", |message| message["document"].is_object()).await;
    phone.sees("another", |message| is_photo(message) && message["message_id"] != picture["message_id"]).await;
    let history = server.when_quiet(&phone).await;
    assert_eq!((drawn(&history), from_bot(&history).len()), (2, 3), "{history:#?}");
    assert_eq!(answers.are(2).await.len(), 2);
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_a_finger_hits_twice_sends_once() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.says("кот").await;
    let picture = anna.gets_picture("кот").await;
    let answers = PressAnswers::of(&server, 1).await;
    server.when_quiet(&anna).await;
    let pressed = Instant::now();
    for (number, button) in (1..).zip(["Файл", "Изменить стиль", "Параметры", "Ещё раз"])
    {
        let before = from_bot(&anna.history().await).len();
        tokio::join!(anna.presses(&picture, button), anna.presses(&picture, button));
        let history = server.when_quiet(&anna).await;
        assert_eq!(from_bot(&history).len(), before + 1, "{button}: {history:#?}");
        assert_eq!(answers.are(2 * number).await.len(), 2 * number, "both presses are answered");
    }
    tokio::time::sleep(DOUBLE_TAP.saturating_sub(pressed.elapsed())).await;
    anna.presses(&picture, "Файл").await;
    let history = server.when_quiet(&anna).await;
    let files = history.iter().filter(|message| message["document"].is_object()).count();
    assert_eq!(files, 2, "pressed again later it is a new wish");
    server.bot.stop().await;
}
