//! The description of a photo: one message, whatever goes wrong.

use image::{Rgb, RgbImage};
use serde_json::Value;

use super::network_faults::{from_bot, with_each_fault};
use crate::support::chat_user::words_of;
use crate::support::test_server::TestServer;

const SEEN: &str = "Похоже, это лимон на синем фоне.";

fn photo() -> RgbImage {
    RgbImage::from_pixel(96, 64, Rgb([35, 75, 200]))
}

fn descriptions(history: &[Value]) -> usize {
    from_bot(history).into_iter().filter(|message| words_of(message) == SEEN).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_described_and_the_description_drawn() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.sends_photo(&photo(), "").await;
    let offer = anna.reads("Картинка у меня.").await;
    anna.presses(&offer, "Описать").await;
    let described = anna.reads(SEEN).await;
    anna.presses(&described, "Нарисовать").await;
    anna.gets_picture("«лимон на синем фоне»").await;
    anna.replies(&described, "груша").await;
    anna.gets_picture("«груша»").await;
    let history = server.when_quiet(&anna).await;
    assert_eq!(from_bot(&history).len(), 3, "the description and two pictures: {history:#?}");
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_comes_in_spite_of_everything() {
    with_each_fault(async |server, anna, fault| {
        server.playground.inject("sendMessage", fault);
        anna.sends_photo(&photo(), "/describe").await;
        anna.reads(SEEN).await;
        let history = server.when_quiet(anna).await;
        assert_eq!(descriptions(&history), 1, "{fault:?}: {history:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_nothing_is_said_twice() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.sends_photo(&photo(), "/describe").await;
    let server = server.restarts(async || ()).await;
    anna.reads(SEEN).await;
    let server = server.restarts(async || ()).await;
    anna.says("груша").await;
    anna.gets_picture("«груша»").await;
    assert_eq!(descriptions(&server.when_quiet(&anna).await), 1);
    server.bot.stop().await;
}
