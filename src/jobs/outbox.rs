//! The outbox: messages and results that are stored, and have to be sent.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;

use super::{ChatAddress, DeliveredMessage, Failure, JobId, JobSummary, OutgoingId, PictureInfo, StoreError};

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number; messages of one chat are sent in the order of their numbers.
    pub id: OutgoingId,
    /// The chat.
    pub chat_id: i64,
    /// The job that it is about.
    pub job: Option<JobId>,
    /// What to send, in the sender's own format.
    pub body: String,
}

/// The end of a job that its chat has yet to be notified of.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The job.
    pub job: JobSummary,
    /// Where the result goes.
    pub address: ChatAddress,
    /// How the job ended.
    pub outcome: JobOutcome,
    /// What of it has arrived already.
    pub sent: Vec<DeliveredMessage>,
    /// How many attempts failed before.
    pub attempts: u32,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOutcome {
    /// Its pictures, PNG, in the order of their seeds. [`super::Archive::picture`] reads the bytes.
    Pictures(Vec<PictureInfo>),
    /// Why there are none.
    Failure(Failure),
}

/// What is stored and has to be sent.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// The messages that are not known to be sent, in the order in which they are to be sent.
    async fn unsent_messages(&self) -> Result<Vec<Outgoing>, StoreError>;

    /// Removes a message that was sent. Calls at the same time share a commit.
    async fn mark_sent(&self, message: OutgoingId) -> Result<(), StoreError>;

    /// Of each chat that is not `busy` the oldest result that is due, oldest first, at most so many.
    async fn due_deliveries(&self, busy: &[i64], limit: u32) -> Result<Vec<Delivery>, StoreError>;

    /// The result was sent in these messages: a drawn job becomes delivered. The status message stays noted until
    /// [`Outbox::clear_status_message`].
    async fn mark_delivered(&self, job: JobId, messages: &[DeliveredMessage]) -> Result<(), StoreError>;

    /// A part of the result was sent in these messages and need not be sent again.
    async fn mark_partly_delivered(&self, job: JobId, messages: &[DeliveredMessage]) -> Result<(), StoreError>;

    /// Sending failed; the result is due again after the delay.
    async fn postpone_delivery(&self, job: JobId, delay: Duration) -> Result<(), StoreError>;

    /// Notes the message that shows position and progress of a job, and what it shows, in the sender's own format. Calls at
    /// the same time share a commit.
    async fn set_status_message(&self, job: JobId, message_id: i32, shown: &str) -> Result<(), StoreError>;

    /// Notes what the status message of a waiting job shows now. Calls at the same time share a commit.
    async fn set_status_text(&self, job: JobId, shown: &str) -> Result<(), StoreError>;

    /// What the status messages of waiting jobs show; without those that a worker had begun, where it is not known.
    async fn status_texts(&self) -> Result<HashMap<JobId, String>, StoreError>;

    /// The status message of a job is deleted, or shows the end. Calls at the same time share a commit.
    async fn clear_status_message(&self, job: JobId) -> Result<(), StoreError>;

    /// Jobs that have ended, whose chats were notified, and that still have a status message: a crash came between.
    async fn stale_status_messages(&self) -> Result<Vec<JobSummary>, StoreError>;
}
