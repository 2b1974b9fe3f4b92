//! What the conversation remembers of each chat.
//!
//! The state's text is the conversation's own (JSON); a store only keeps it.

use async_trait::async_trait;

use crate::jobs::StoreError;

/// The states of all chats. A chat's new state is written with [`crate::jobs::UpdateOutcome`].
#[async_trait]
pub trait ChatStore: Send + Sync {
    /// The state of a chat; `None` for one that never wrote.
    async fn chat_state(&self, chat_id: i64) -> Result<Option<String>, StoreError>;

    /// Writes a chat's state if it still is what was read; false if it changed meanwhile.
    async fn replace_chat_state(&self, chat_id: i64, read: &str, new: &str) -> Result<bool, StoreError>;

    /// The chats whose state contains this text, with it.
    async fn chats_containing(&self, text: &str) -> Result<Vec<(i64, String)>, StoreError>;
}
