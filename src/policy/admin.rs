//! What the owner does while the bot runs: bans and messages to all users; and what the program notes about that.

use async_trait::async_trait;

use crate::i18n::Language;
use crate::jobs::StoreError;

/// Bans, chats in which nobody is, and notes.
#[async_trait]
pub trait AdminStore: Send + Sync {
    /// Notes that a user wrote in a chat: a chat in which nobody was is back. Returns whether one of them is banned.
    async fn note_activity(&self, user: i64, chat_id: i64) -> Result<bool, StoreError>;

    /// Whether a user is banned.
    async fn is_banned(&self, user: i64) -> Result<bool, StoreError>;

    /// Bans a user or a chat. Returns whether that is new.
    async fn ban(&self, id: i64) -> Result<bool, StoreError>;

    /// Ends a ban. Returns whether there was one.
    async fn unban(&self, id: i64) -> Result<bool, StoreError>;

    /// Nobody is in this chat any more: blocked, deleted. Nothing is broadcast there until somebody writes.
    async fn mark_gone(&self, chat_id: i64) -> Result<(), StoreError>;

    /// The number that a group had before it became a supergroup.
    async fn former_chat_id(&self, chat_id: i64) -> Result<Option<i64>, StoreError>;

    /// Notes whether the admins were alerted of failures. Returns whether that is new.
    async fn set_alerted(&self, is_alerted: bool) -> Result<bool, StoreError>;
}

/// A message to all users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// Its number.
    pub id: i64,
    /// Who wrote it.
    pub admin: i64,
    /// The language of the messages about it to the admin.
    pub language: Language,
    /// The message.
    pub text: String,
    /// Chat and number of the message that shows the progress.
    pub status: Option<(i64, i32)>,
}

/// How far a broadcast is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BroadcastTally {
    /// All chats.
    pub all: i64,
    /// Chats that have the message.
    pub sent: i64,
    /// Chats in which nobody is any more.
    pub gone: i64,
    /// Chats that did not take it for another reason.
    pub refused: i64,
}

/// What came of sending to one chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BroadcastOutcome {
    /// It has the message.
    Sent,
    /// Nobody is there any more: blocked, deleted.
    Gone,
    /// It did not take it.
    Refused,
}

/// Messages to all private chats. Which chats have a message is stored, so that it goes on after a restart.
#[async_trait]
pub trait Broadcasts: Send + Sync {
    /// How many private chats would get a message.
    async fn broadcast_chats(&self) -> Result<i64, StoreError>;

    /// Keeps a message that waits for the admin's confirmation. Returns its number.
    async fn draft_broadcast(&self, admin: i64, language: Language, text: &str) -> Result<i64, StoreError>;

    /// The admin confirmed: from now on it goes to all chats that are known now. `None` if it is no draft (any more).
    async fn start_broadcast(&self, id: i64, status: (i64, i32)) -> Result<Option<Broadcast>, StoreError>;

    /// The admin decided against it. Returns whether it was still a draft.
    async fn drop_broadcast(&self, id: i64) -> Result<bool, StoreError>;

    /// Messages that not all chats have yet.
    async fn unfinished_broadcasts(&self) -> Result<Vec<Broadcast>, StoreError>;

    /// The next chat that does not have the message.
    async fn next_broadcast_chat(&self, id: i64) -> Result<Option<i64>, StoreError>;

    /// Notes what came of sending to a chat.
    async fn settle_broadcast_chat(&self, id: i64, chat_id: i64, outcome: BroadcastOutcome) -> Result<(), StoreError>;

    /// All chats are settled.
    async fn finish_broadcast(&self, id: i64) -> Result<(), StoreError>;

    /// How far it is.
    async fn broadcast_tally(&self, id: i64) -> Result<BroadcastTally, StoreError>;
}
