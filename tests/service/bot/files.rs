//! What people send, fetched on a bad line; and what is there no more.

use futures::future::join_all;
use image::{Rgb, RgbImage};
use kandinsky_bot::playground::Fault;
use serde_json::Value;

use super::network_faults::{drawn, from_bot, with_each_fault};
use crate::support::chat_user::{ChatUser, Sendable};
use crate::support::test_server::TestServer;

/// In the words of the Bot API.
const GONE: Fault = Fault::Refused("wrong file_id or the file is temporarily unavailable");

fn photo() -> RgbImage {
    RgbImage::from_fn(128, 96, |x, _| Rgb([x as u8, 40, 200]))
}

/// Sends a photo for variations; the card.
async fn asks_for_variations(anna: &ChatUser) -> Value {
    anna.sends_photo(&photo(), "/variations").await;
    anna.reads("Вариации\n").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_fetched_in_spite_of_everything() {
    let scene = async |method: &'static str| {
        with_each_fault(async |server, anna, fault| {
            let card = asks_for_variations(anna).await;
            server.playground.inject(method, fault);
            server.playground.inject(method, fault);
            anna.presses(&card, "Нарисовать").await;
            anna.gets_picture("Вариация").await;
            let history = server.when_quiet(anna).await;
            assert_eq!((drawn(&history), from_bot(&history).len()), (1, 1), "{method} {fault:?}: {history:#?}");
        })
        .await;
    };
    join_all(["getFile", "file"].map(scene)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_opened_in_spite_of_everything() {
    let scene = async |method: &'static str| {
        with_each_fault(async |server, anna, fault| {
            server.playground.inject(method, fault);
            anna.sends_file("a.png", "image/png", &photo().bytes(), "").await;
            anna.reads("Что с ней сделать?").await;
            let history = server.when_quiet(anna).await;
            assert_eq!(from_bot(&history).len(), 1, "{method} {fault:?}: {history:#?}");
        })
        .await;
    };
    join_all(["getFile", "file"].map(scene)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_photo_is_gone_hears_so_and_may_send_it_again() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    let card = asks_for_variations(&anna).await;
    server.playground.inject("getFile", GONE);
    anna.presses(&card, "Нарисовать").await;
    anna.reads("Не получилось: исходной картинки уже нет").await;
    let history = server.when_quiet(&anna).await;
    assert_eq!((drawn(&history), from_bot(&history).len()), (0, 1), "{history:#?}");

    let card = asks_for_variations(&anna).await;
    anna.presses(&card, "Нарисовать").await;
    anna.gets_picture("Вариация").await;
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_and_a_photo_that_was_to_be_marked_are_told_too() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    server.playground.inject("getFile", GONE);
    anna.sends_file("a.png", "image/png", &photo().bytes(), "").await;
    anna.reads("Этой картинки уже нет").await;

    anna.sends_photo(&photo(), "/inpaint").await;
    let how = anna.reads("Как отметить").await;
    anna.presses(&how, "Область").await;
    let areas = anna.sees("the areas", |message| message.to_string().contains("Середина")).await;
    server.playground.inject("getFile", GONE);
    anna.presses(&areas, "Середина").await;
    anna.sees("a way on", |message| {
        message["text"].as_str().is_some_and(|text| text.starts_with("Этой картинки уже нет"))
            && message["reply_markup"].is_object()
    })
    .await;
    server.bot.stop().await;
}
