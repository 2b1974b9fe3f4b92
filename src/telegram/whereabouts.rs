//! Chats that move or in which nobody is any more.

use std::sync::Arc;

use crate::chats::ChatStore;
use crate::house::HouseStore;
use crate::jobs::{JobQueue, QueueError};

/// Whoever has to know where a chat is. Cheap to clone.
#[derive(Clone)]
pub(super) struct Whereabouts {
    pub(super) queue: Arc<dyn JobQueue>,
    pub(super) chats: ChatStore,
    pub(super) house: HouseStore,
}

impl Whereabouts {
    /// A group became a supergroup: its jobs, which may be sent at any moment, its memory and a ban go along.
    pub(super) async fn moved(&self, from: i64, to: i64) {
        let outcome = async {
            let jobs = self.queue.move_chat(from, to).await?;
            self.house.move_chat(from, to).await?;
            self.chats.move_chat(from, to).await?;
            Ok::<_, QueueError>(jobs)
        };
        match outcome.await {
            Ok(jobs) => tracing::info!(from, to, jobs, "a group has another number"),
            Err(error) => tracing::error!(from, to, %error, "a group that moved can not be followed"),
        }
    }

    /// Nobody is there: what waits for the chat is not drawn, and nothing is broadcast there.
    pub(super) async fn gone(&self, chat_id: i64) {
        let outcome = async {
            self.house.give_up(chat_id).await?;
            self.queue.abandon(chat_id).await
        };
        match outcome.await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(chat = chat_id, jobs, "jobs for a chat in which nobody is were called off"),
            Err(error) => tracing::error!(chat = chat_id, %error, "a chat in which nobody is can not be given up"),
        }
    }
}
