//! One lane for each chat: what is said in a chat comes in order, and a chat that has to wait delays nobody else.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dashmap::DashMap;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

type Errand = BoxFuture<'static, ()>;

/// Runs the errands of each chat one after another, those of different chats side by side. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Lanes {
    senders: Arc<DashMap<i64, UnboundedSender<Errand>>>,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

/// A lane that has been idle for so long is taken down.
const IDLE: Duration = Duration::from_secs(60);

impl Lanes {
    /// Puts an errand at the end of the chat's lane. Returns at once.
    pub(super) fn post(&self, chat_id: i64, errand: impl Future<Output = ()> + Send + 'static) {
        let mut sender = self.senders.entry(chat_id).or_insert_with(|| self.open(chat_id));
        if let Err(back) = sender.send(errand.boxed()) {
            *sender = self.open(chat_id);
            let _ = sender.send(back.0);
        }
    }

    fn open(&self, chat_id: i64) -> UnboundedSender<Errand> {
        let (sender, errands) = unbounded_channel();
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work(chat_id, errands, Arc::clone(&self.senders)));
        sender
    }

    /// Takes no more errands and waits for those that were posted, but not for ever.
    pub(super) async fn close(&self, patience: Duration) {
        self.senders.clear();
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = tokio::time::timeout(patience, async { while tasks.join_next().await.is_some() {} }).await;
    }
}

async fn work(
    chat_id: i64,
    mut errands: UnboundedReceiver<Errand>,
    senders: Arc<DashMap<i64, UnboundedSender<Errand>>>,
) {
    loop {
        match tokio::time::timeout(IDLE, errands.recv()).await {
            Ok(Some(errand)) => {
                if AssertUnwindSafe(errand).catch_unwind().await.is_err() {
                    tracing::error!(chat = chat_id, "an answer panicked");
                }
            }
            Ok(None) => return,
            // `post` holds the entry while it sends, so nothing can slip in between the look and the removal.
            Err(_) => {
                if senders.remove_if(&chat_id, |_, _| errands.is_empty()).is_some() {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;
    use tokio::time::{Instant, sleep};

    #[tokio::test(start_paused = true)]
    async fn a_chat_is_served_in_order_and_delays_nobody() {
        let (lanes, (said, mut heard)) = (Lanes::default(), mpsc::unbounded_channel());
        let errand = |chat: i64, seconds: u64, word: &'static str| {
            let said = said.clone();
            lanes.post(chat, async move {
                sleep(Duration::from_secs(seconds)).await;
                said.send(word).unwrap();
            });
        };
        errand(1, 10, "one slow");
        errand(1, 0, "one quick");
        errand(2, 1, "two");
        let mut order = Vec::new();
        for _ in 0..3 {
            order.push(heard.recv().await.unwrap());
        }
        assert_eq!(order, ["two", "one slow", "one quick"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_costs_one_answer_and_idle_lanes_go() {
        let (lanes, (said, mut heard)) = (Lanes::default(), mpsc::unbounded_channel());
        lanes.post(1, async { panic!("on purpose") });
        let after = said.clone();
        lanes.post(1, async move { after.send(1).unwrap() });
        assert_eq!(heard.recv().await, Some(1));
        sleep(IDLE + Duration::from_secs(1)).await;
        assert!(lanes.senders.is_empty());
        lanes.post(1, async move { said.send(2).unwrap() });
        assert_eq!(heard.recv().await, Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn closing_waits_for_what_was_posted() {
        let lanes = Lanes::default();
        let begun = Instant::now();
        lanes.post(1, sleep(Duration::from_secs(3)));
        lanes.post(2, sleep(Duration::from_secs(3600)));
        lanes.close(Duration::from_secs(10)).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
    }
}
