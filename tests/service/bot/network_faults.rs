//! What may go wrong with any call, and what a chat looks like afterwards.

use std::time::{Duration, Instant};

use futures::future::join_all;
use kandinsky_bot::playground::Fault;
use serde_json::Value;

use crate::support::chat_user::{ChatUser, is_photo};
use crate::support::test_server::TestServer;

/// What may go wrong with any call.
pub(crate) const FAULTS: [Fault; 4] = [Fault::RetryAfter(1), Fault::ServerError, Fault::CutBefore, Fault::CutAfter];

/// Plays a scene once for each fault, each time with a bot and a user of its own, all at the same time.
pub(crate) async fn with_each_fault(scene: impl AsyncFn(&TestServer, &ChatUser, Fault)) {
    let scene = &scene;
    join_all(FAULTS.map(async |fault| {
        let server = TestServer::start().await;
        scene(&server, &server.user(1), fault).await;
        server.bot.stop().await;
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
pub(crate) async fn becomes(user: &ChatUser, what: &str, holds: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let started = Instant::now();
    loop {
        let history = user.history().await;
        if holds(&history) {
            return history;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "never {what}: {history:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
