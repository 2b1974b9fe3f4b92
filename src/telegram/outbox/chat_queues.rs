//! One queue of tasks for each chat: those of one chat run in order, and a chat that has to wait delays no other.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dashmap::DashMap;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;

type Task = BoxFuture<'static, ()>;

/// Runs the tasks of each chat one after another, those of different chats side by side. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(in crate::telegram) struct ChatQueues {
    senders: Arc<DashMap<i64, UnboundedSender<Task>>>,
    workers: Arc<Mutex<JoinSet<()>>>,
}

/// A queue that has been idle for so long is removed.
const IDLE: Duration = Duration::from_secs(60);

impl ChatQueues {
    /// Puts a task at the end of the chat's queue. Returns at once.
    pub(in crate::telegram) fn post(&self, chat_id: i64, task: impl Future<Output = ()> + Send + 'static) {
        let mut sender = self.senders.entry(chat_id).or_insert_with(|| self.open(chat_id));
        if let Err(back) = sender.send(task.boxed()) {
            *sender = self.open(chat_id);
            let _ = sender.send(back.0);
        }
    }

    fn open(&self, chat_id: i64) -> UnboundedSender<Task> {
        let (sender, tasks) = unbounded_channel();
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        while workers.try_join_next().is_some() {}
        workers.spawn(work(chat_id, tasks, Arc::clone(&self.senders)));
        sender
    }

    /// Takes no more tasks and waits for those that were posted, but not for longer than this.
    pub(in crate::telegram) async fn close(&self, patience: Duration) {
        self.senders.clear();
        let mut workers = std::mem::take(&mut *self.workers.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = tokio::time::timeout(patience, async { while workers.join_next().await.is_some() {} }).await;
    }
}

async fn work(chat_id: i64, mut tasks: UnboundedReceiver<Task>, senders: Arc<DashMap<i64, UnboundedSender<Task>>>) {
    loop {
        match tokio::time::timeout(IDLE, tasks.recv()).await {
            Ok(Some(task)) => {
                if AssertUnwindSafe(task).catch_unwind().await.is_err() {
                    tracing::error!(chat = chat_id, "a task of a chat panicked");
                }
            }
            Ok(None) => return,
            // `post` holds the entry while it sends, so nothing can slip in between the look and the removal.
            Err(_) => {
                if senders.remove_if(&chat_id, |_, _| tasks.is_empty()).is_some() {
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
        let (queues, (done, mut finished)) = (ChatQueues::default(), mpsc::unbounded_channel());
        let task = |chat: i64, seconds: u64, word: &'static str| {
            let done = done.clone();
            queues.post(chat, async move {
                sleep(Duration::from_secs(seconds)).await;
                done.send(word).unwrap();
            });
        };
        task(1, 10, "one slow");
        task(1, 0, "one quick");
        task(2, 1, "two");
        let mut order = Vec::new();
        for _ in 0..3 {
            order.push(finished.recv().await.unwrap());
        }
        assert_eq!(order, ["two", "one slow", "one quick"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_costs_one_task_and_idle_queues_go() {
        let (queues, (done, mut finished)) = (ChatQueues::default(), mpsc::unbounded_channel());
        queues.post(1, async { panic!("on purpose") });
        let after = done.clone();
        queues.post(1, async move { after.send(1).unwrap() });
        assert_eq!(finished.recv().await, Some(1));
        sleep(IDLE + Duration::from_secs(1)).await;
        assert!(queues.senders.is_empty());
        queues.post(1, async move { done.send(2).unwrap() });
        assert_eq!(finished.recv().await, Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn closing_waits_for_what_was_posted() {
        let queues = ChatQueues::default();
        let begun = Instant::now();
        queues.post(1, sleep(Duration::from_secs(3)));
        queues.post(2, sleep(Duration::from_secs(3600)));
        queues.close(Duration::from_secs(10)).await;
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
    }
}
