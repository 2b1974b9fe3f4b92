//! The inbox: updates are stored before the platform is told that they were received.

use async_trait::async_trait;

use super::error::StoreError;
use super::ids::{OutgoingId, UpdateId};

/// An update as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUpdate {
    /// Its number.
    pub id: UpdateId,
    /// Its JSON.
    pub body: String,
}

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOutgoing {
    /// The chat, for the order in which messages are sent.
    pub chat_id: i64,
    /// What to send, in the sender's own format.
    pub body: String,
    /// Whether it is about the job that is queued in the same transaction.
    pub about_job: bool,
}

/// What handling an update changes. It is written in one transaction: all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpdateOutcome {
    /// The update that is handled with this; `None` for an event that no update brought.
    pub update: Option<UpdateId>,
    /// A chat and its new state.
    pub chat_state: Option<(i64, String)>,
    /// Messages to send, in this order.
    pub outgoing: Vec<NewOutgoing>,
}

/// Updates that were received and are not yet handled.
#[async_trait]
pub trait Inbox: Send + Sync {
    /// Stores updates in one transaction. Returns those that are new, in the same order: an update that was stored before is
    /// left out, whether it was handled or not, also after a restart.
    async fn store_updates(&self, updates: Vec<StoredUpdate>) -> Result<Vec<StoredUpdate>, StoreError>;

    /// The stored updates that were not handled, oldest first.
    async fn unhandled_updates(&self) -> Result<Vec<StoredUpdate>, StoreError>;

    /// Writes what handling an update changes. Returns the numbers of its messages.
    async fn complete_update(&self, outcome: UpdateOutcome) -> Result<Vec<OutgoingId>, StoreError>;
}
