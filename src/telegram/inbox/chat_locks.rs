//! One event at a time in each chat, because its state is read, changed and written.
//!
//! The updates of a chat come one after another, but some events come from elsewhere: an album that is complete, a file that was
//! opened.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

/// Chats that share a lock wait for each other's milliseconds only.
const LOCKS: usize = 64;

/// The locks of all chats.
#[derive(Debug)]
pub(in crate::telegram) struct ChatLocks(Vec<Arc<Mutex<()>>>);

impl Default for ChatLocks {
    fn default() -> Self {
        Self((0..LOCKS).map(|_| Arc::default()).collect())
    }
}

impl ChatLocks {
    /// Waits for the lock of a chat.
    pub(super) async fn lock(&self, chat_id: i64) -> OwnedMutexGuard<()> {
        let index = chat_id.unsigned_abs() as usize % LOCKS;
        Arc::clone(&self.0[index]).lock_owned().await
    }
}
