//! Trouble on the way: nothing is lost, and nothing comes twice that could come once.

use std::time::{Duration, Instant};

use kandinsky_bot::playground::Fault;
use serde_json::Value;

use crate::house::House;
use crate::person::{Person, is_photo, words_of};

/// Long enough for what should not come to come: what failed is tried again after two seconds.
const QUIET: Duration = Duration::from_secs(3);

fn from_bot(history: &[Value]) -> Vec<&Value> {
    history.iter().filter(|message| message["from"]["is_bot"] == true).collect()
}

async fn pictures(anna: &Person) -> usize {
    anna.history().await.iter().filter(|message| is_photo(message)).count()
}

/// Asks for a picture with a fault in the way of a method; the chat when all is quiet, and how long the picture took.
async fn drawn_in_spite_of(method: &str, faults: &[Fault]) -> (Vec<Value>, Duration) {
    let house = House::open().await;
    let anna = house.person(1);
    anna.says("/help").await;
    anna.reads("Опишите картинку").await;
    for fault in faults {
        house.playground.inject(method, *fault);
    }
    let started = Instant::now();
    anna.says("кот").await;
    anna.gets_picture("кот").await;
    let took = started.elapsed();
    tokio::time::sleep(QUIET).await;
    let history = anna.history().await;
    house.bot.stop().await;
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
    for method in ["sendPhoto", "sendMessage", "deleteMessage"] {
        let (history, took) = drawn_in_spite_of(method, &[Fault::RetryAfter(1)]).await;
        if method == "sendPhoto" {
            assert!(took >= Duration::from_millis(900), "{took:?}");
        }
        let photos = history.iter().filter(|message| is_photo(message)).count();
        assert_eq!(photos, 1, "{method}: {history:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_before_anything_happened_is_tried_again() {
    for method in ["sendPhoto", "sendMessage", "getUpdates"] {
        let (history, _) = drawn_in_spite_of(method, &[Fault::CutBefore, Fault::CutBefore]).await;
        assert_one_picture_and_nothing_else(&history);
    }
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
    let house = House::open().await;
    let anna = house.person(1);
    anna.says("/queue").await;
    anna.sees("an answer", |_| true).await;
    // The open request for updates is answered with the next message; the one after it is delivered twice.
    house.playground.inject("getUpdates", Fault::Twice);
    anna.says("/style").await;
    anna.sees("the styles", |message| message["reply_markup"].is_object()).await;
    anna.says("/help").await;
    anna.reads("Опишите картинку").await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(from_bot(&anna.history().await).len(), 3);
    house.playground.inject("getUpdates", Fault::Twice);
    anna.says("кот").await;
    anna.says("пёс").await;
    anna.gets_picture("кот").await;
    anna.gets_picture("пёс").await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(pictures(&anna).await, 2);
    house.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_that_a_finger_hits_twice_draws_once() {
    let house = House::open().await;
    let anna = house.person(1);
    anna.says("кот").await;
    let picture = anna.gets_picture("кот").await;
    tokio::join!(anna.presses(&picture, "Заново"), anna.presses(&picture, "Заново"));
    tokio::time::sleep(QUIET).await;
    assert_eq!(pictures(&anna).await, 2, "the first and one more");
    anna.presses(&picture, "Заново").await;
    tokio::time::sleep(QUIET).await;
    assert_eq!(pictures(&anna).await, 3, "pressed again later it is a new wish");
    house.bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_blocked_the_bot_costs_nobody_else_anything() {
    let house = House::open().await;
    let (anna, boris) = (house.person(1), house.person(2));
    anna.says("/help").await;
    anna.reads("Опишите картинку").await;
    anna.says("кот").await;
    anna.blocks(true).await;
    boris.says("пёс").await;
    boris.gets_picture("пёс").await;
    anna.blocks(false).await;
    anna.says("сова").await;
    anna.gets_picture("сова").await;
    house.bot.stop().await;
}
