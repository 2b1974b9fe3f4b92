//! Trouble on the way: nothing is lost, and nothing comes twice that could come once.

use std::time::{Duration, Instant};

use futures::future::join_all;
use kandinsky_bot::playground::Fault;
use serde_json::Value;

use super::devices::DOUBLE_TAP;
use super::network_faults::{becomes, drawn, from_bot};
use crate::support::chat_user::{is_photo, words_of};
use crate::support::test_server::TestServer;

/// Asks for a picture with a fault in the way of a method; the chat when all is quiet, and how long the picture took.
async fn drawn_in_spite_of(method: &str, faults: &[Fault]) -> (Vec<Value>, Duration) {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.says("/help").await;
    anna.reads("Опишите картинку").await;
    for fault in faults {
        server.playground.inject(method, *fault);
    }
    let started = Instant::now();
    anna.says("кот").await;
    anna.gets_picture("кот").await;
    let took = started.elapsed();
    let history = server.when_quiet(&anna).await;
    server.bot.stop().await;
    (history, took)
}

/// The chat after the answer to /help: the prompt and its one picture.
fn assert_one_picture_and_nothing_else(history: &[Value]) {
    let bot = from_bot(history);
    let photos = bot.iter().filter(|message| is_photo(message)).count();
    assert_eq!((photos, bot.len()), (1, 2), "{history:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn flood_control_is_waited_out_and_the_picture_comes_once() {
    let scene = async |method: &'static str| {
        let (history, took) = drawn_in_spite_of(method, &[Fault::RetryAfter(1)]).await;
        if method == "sendPhoto" {
            assert!(took >= Duration::from_millis(900), "{took:?}");
        }
        let photos = history.iter().filter(|message| is_photo(message)).count();
        assert_eq!(photos, 1, "{method}: {history:#?}");
    };
    join_all(["sendPhoto", "sendMessage", "deleteMessage"].map(scene)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_before_anything_happened_is_tried_again() {
    let scene = async |method: &'static str| {
        let (history, _) = drawn_in_spite_of(method, &[Fault::CutBefore, Fault::CutBefore]).await;
        assert_one_picture_and_nothing_else(&history);
    };
    join_all(["sendPhoto", "sendMessage", "getUpdates"].map(scene)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_loses_no_picture() {
    // The bot can not know that its photo arrived: it comes again rather than never, and no third time.
    let (history, _) = drawn_in_spite_of("sendPhoto", &[Fault::CutAfter]).await;
    let photos: Vec<_> = history.iter().filter(|message| is_photo(message)).collect();
    assert_eq!(photos.len(), 2, "{history:#?}");
    assert_eq!(words_of(photos[0]), words_of(photos[1]));
    // Updates whose answer was lost are asked for again and answered once.
    let (history, _) = drawn_in_spite_of("getUpdates", &[Fault::CutAfter]).await;
    assert_one_picture_and_nothing_else(&history);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stumbles_is_waited_for() {
    let (history, _) = drawn_in_spite_of("sendPhoto", &[Fault::ServerError]).await;
    assert_one_picture_and_nothing_else(&history);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_comes_twice_is_answered_once() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.says("/queue").await;
    anna.sees("an answer", |_| true).await;
    // The open request for updates is answered with the next message; the one after it is delivered twice.
    server.playground.inject("getUpdates", Fault::Twice);
    anna.says("/style").await;
    anna.sees("the styles", |message| message["reply_markup"].is_object()).await;
    anna.says("/help").await;
    anna.reads("Опишите картинку").await;
    assert_eq!(from_bot(&server.when_quiet(&anna).await).len(), 3);
    server.playground.inject("getUpdates", Fault::Twice);
    anna.says("кот").await;
    anna.says("пёс").await;
    anna.gets_picture("кот").await;
    anna.gets_picture("пёс").await;
    assert_eq!(drawn(&server.when_quiet(&anna).await), 2);
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_a_finger_hits_twice_draws_once() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.says("кот").await;
    let picture = anna.gets_picture("кот").await;
    tokio::join!(anna.presses(&picture, "Ещё раз"), anna.presses(&picture, "Ещё раз"));
    let pressed = Instant::now();
    anna.sees("another", |message| is_photo(message) && message["message_id"] != picture["message_id"]).await;
    assert_eq!(drawn(&server.when_quiet(&anna).await), 2, "the first and one more");
    tokio::time::sleep(DOUBLE_TAP.saturating_sub(pressed.elapsed())).await;
    anna.presses(&picture, "Ещё раз").await;
    becomes(&anna, "drawn again", |history| drawn(history) == 3).await;
    assert_eq!(drawn(&server.when_quiet(&anna).await), 3, "pressed again later it is a new wish");
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_blocked_the_bot_costs_nobody_else_anything() {
    let server = TestServer::start().await;
    let (anna, boris) = (server.user(1), server.user(2));
    anna.says("/help").await;
    anna.reads("Опишите картинку").await;
    anna.says("кот").await;
    anna.blocks(true).await;
    boris.says("пёс").await;
    boris.gets_picture("пёс").await;
    anna.blocks(false).await;
    anna.says("сова").await;
    anna.gets_picture("сова").await;
    server.bot.stop().await;
}
