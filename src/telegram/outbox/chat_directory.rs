//! Chats that move to another number, or in which nobody is any more.

use std::sync::Arc;

use crate::jobs::{JobStore, StoreError};
use crate::policy::AdminStore;

/// Writes down what becomes of chats. Cheap to clone.
#[derive(Clone)]
pub(in crate::telegram) struct ChatDirectory {
    pub(in crate::telegram) store: JobStore,
    pub(in crate::telegram) admin: Arc<dyn AdminStore>,
}

impl ChatDirectory {
    /// A group became a supergroup: its jobs, its state and a ban move along.
    pub(in crate::telegram) async fn moved(&self, from: i64, to: i64) -> Result<(), StoreError> {
        let jobs = self.store.archive.move_chat(from, to).await?;
        tracing::info!(from, to, jobs, "a group has another number");
        Ok(())
    }

    /// Nobody is there: what waits for the chat is cancelled, and nothing is broadcast there.
    pub(in crate::telegram) async fn gone(&self, chat_id: i64) {
        let outcome = async {
            self.admin.mark_gone(chat_id).await?;
            self.store.queue.cancel_chat(chat_id).await
        };
        match outcome.await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(chat = chat_id, jobs, "jobs for a chat in which nobody is were cancelled"),
            Err(error) => tracing::error!(chat = chat_id, %error, "a chat in which nobody is can not be noted"),
        }
    }
}
