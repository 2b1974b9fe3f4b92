//! Albums on a bad line, in both directions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use image::{Rgb, RgbImage};
use kandinsky_bot::playground::Fault;

use super::network_faults::{FAULTS, drawn, from_bot, times_sent, with_each_fault};
use crate::support::chat_user::{ChatUser, words_of};
use crate::support::test_server::TestServer;

fn photos() -> [RgbImage; 3] {
    [40, 120, 200].map(|red| RgbImage::from_pixel(96, 96, Rgb([red, 90, 60])))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_comes_whole_and_once() {
    with_each_fault(async |server, anna, fault| {
        server.playground.inject("sendMediaGroup", fault);
        anna.says("кот --n 3").await;
        anna.reads("Что сделать с картинкой 1?").await;
        let history = server.when_quiet(anna).await;
        let sent = 3 * times_sent(fault);
        assert_eq!((drawn(&history), from_bot(&history).len()), (sent, sent + 1), "{fault:?}: {history:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_that_are_late_bring_no_album_again() {
    let scene = async |fault: Fault| {
        let may_draw = Arc::new(AtomicBool::new(false));
        let access = Arc::clone(&may_draw);
        let server = TestServer::with(move |_| {
            while !access.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(5));
            }
        })
        .await;
        let anna = server.user(1);
        anna.says("кот --n 3").await;
        anna.reads("очередь").await;
        // The album itself is no message of this kind.
        server.playground.inject("sendMessage", fault);
        may_draw.store(true, Ordering::SeqCst);
        anna.reads("Что сделать с картинкой 1?").await;
        let history = server.when_quiet(&anna).await;
        let all = 3 + times_sent(fault);
        assert_eq!((drawn(&history), from_bot(&history).len()), (3, all), "{fault:?}: {history:#?}");
        server.bot.stop().await;
    };
    join_all(FAULTS.map(scene)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_are_asked_for_once_more_come_in_spite_of_everything() {
    with_each_fault(async |server, anna, fault| {
        anna.says("кот --n 2").await;
        anna.reads("Что сделать с картинкой 1?").await;
        anna.says("/history").await;
        let list = anna.sees("the history", |message| message.to_string().contains(":resend:")).await;
        server.playground.inject("sendMediaGroup", fault);
        server.playground.inject("sendMessage", fault);
        anna.presses(&list, "1").await;
        let expected = 2 + 2 * times_sent(fault);
        super::network_faults::becomes(anna, "all there", |history| {
            drawn(history) >= expected && history.iter().filter(|m| words_of(m).starts_with("Что сделать")).count() >= 2
        })
        .await;
        let history = server.when_quiet(anna).await;
        assert_eq!(drawn(&history), expected, "{fault:?}: {history:#?}");
    })
    .await;
}

/// The updates after these come like this: a request for updates that is open already meets no fault.
async fn expect(server: &TestServer, anna: &ChatUser, fault: Fault) {
    anna.says("/queue").await;
    anna.sees("an answer", |_| true).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.playground.inject("getUpdates", fault);
    anna.says("/help").await;
    anna.reads("Опишите картинку").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_that_comes_backwards_is_one_mix() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    expect(&server, &anna, Fault::Backwards).await;
    anna.sends_album(&photos(), "лимон").await;
    let card = anna.reads("Смешивание").await;
    assert!(words_of(&card).contains("картинка 3 — 25 %") && words_of(&card).contains("лимон"), "{card:#}");
    let history = server.when_quiet(&anna).await;
    assert_eq!(from_bot(&history).len(), 3, "two answers and one card: {history:#?}");
    anna.presses(&card, "Нарисовать").await;
    anna.gets_picture("лимон").await;
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_an_album_that_are_late_join_the_others() {
    let scene = async |(caption, question): (&'static str, &'static str)| {
        let server = TestServer::start().await;
        let anna = server.user(1);
        expect(&server, &anna, Fault::Late(2500)).await;
        anna.sends_album(&photos(), caption).await;
        // The first one seemed to be alone.
        anna.reads(question).await;
        let card = anna.reads("картинка 3 —").await;
        let history = server.when_quiet(&anna).await;
        assert_eq!(from_bot(&history).len(), 4, "two answers, a question and one card: {history:#?}");
        anna.presses(&card, "Нарисовать").await;
        anna.gets_picture("Смешивание").await;
        server.bot.stop().await;
    };
    join_all([("", "Что с ней сделать?"), ("лимон", "Смешать их или изменить")].map(scene)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_that_comes_twice_is_one_mix() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    expect(&server, &anna, Fault::Twice).await;
    anna.sends_album(&photos(), "лимон").await;
    let card = anna.reads("Смешивание").await;
    assert!(words_of(&card).contains("картинка 3 — 25 %"), "{card:#}");
    let history = server.when_quiet(&anna).await;
    assert_eq!(from_bot(&history).len(), 3, "{history:#?}");
    server.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_that_is_arriving_when_the_program_ends_is_asked_about_afterwards() {
    let server = TestServer::start().await;
    let anna = server.user(1);
    anna.sends_album(&photos(), "лимон").await;
    // Handled, but not yet thought complete.
    tokio::time::sleep(Duration::from_millis(400)).await;
    let server = server.restarts(async || assert!(from_bot(&anna.history().await).is_empty(), "it was too late")).await;
    let card = anna.reads("картинка 3 —").await;
    let history = server.when_quiet(&anna).await;
    assert_eq!(from_bot(&history).len(), 1, "{history:#?}");
    anna.presses(&card, "Нарисовать").await;
    anna.gets_picture("лимон").await;
    server.bot.stop().await;
}
