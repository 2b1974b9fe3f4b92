//! What may go wrong with any call, and what a chat looks like afterwards.

use std::time::{Duration, Instant};

use futures::future::join_all;
use kandinsky_bot::playground::Fault;
use serde_json::Value;

use crate::house::House;
use crate::person::{Person, is_photo};

/// What may go wrong with any call.
pub(crate) const TROUBLES: [Fault; 4] = [Fault::RetryAfter(1), Fault::ServerError, Fault::CutBefore, Fault::CutAfter];

/// Plays a scene once for each trouble, each time with a bot and a person of its own, all at the same time.
pub(crate) async fn in_each_trouble(scene: impl AsyncFn(&House, &Person, Fault)) {
    let scene = &scene;
    join_all(TROUBLES.map(async |fault| {
        let house = House::open().await;
        scene(&house, &house.person(1), fault).await;
        house.bot.stop().await;
    }))
    .await;
}

/// How often something is sent whose answer is lost: the bot can not know that it arrived.
pub(crate) fn times_sent(fault: Fault) -> usize {
    if fault == Fault::CutAfter { 2 } else { 1 }
}

/// The bot's messages.
pub(crate) fn from_bot(history: &[Value]) -> Vec<&Value> {
    history.iter().filter(|message| message["from"]["is_bot"] == true).collect()
}

/// The bot's photos.
pub(crate) fn drawn(history: &[Value]) -> usize {
    from_bot(history).into_iter().filter(|message| is_photo(message)).count()
}

/// Waits until this holds of the chat.
pub(crate) async fn becomes(person: &Person, what: &str, holds: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let started = Instant::now();
    loop {
        let history = person.history().await;
        if holds(&history) {
            return history;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "never {what}: {history:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The chat after everything that could still come has come: what failed is tried again after two seconds.
pub(crate) async fn in_the_end(person: &Person) -> Vec<Value> {
    tokio::time::sleep(Duration::from_secs(3)).await;
    person.history().await
}
