//! One thing at a time in each chat: its memory is read, changed and written.
//!
//! teloxide hands over a chat's updates one after another, but some events come from elsewhere: an album that is complete, a
//! file that was opened.

use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

/// Chats that share a lock only wait for each other's milliseconds.
const LOCKS: usize = 64;

/// Hands out turns.
#[derive(Debug)]
pub(super) struct Turns(Vec<Arc<Mutex<()>>>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..LOCKS).map(|_| Arc::default()).collect())
    }
}

impl Turns {
    /// Waits for the chat's turn, which ends with the guard.
    pub(super) async fn of(&self, chat_id: i64) -> OwnedMutexGuard<()> {
        let index = chat_id.unsigned_abs() as usize % LOCKS;
        Arc::clone(&self.0[index]).lock_owned().await
    }
}
