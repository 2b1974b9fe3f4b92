//! Messages in which results were sent.

use super::job::JobSummary;

/// A message that brought a picture of a job, or its buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredMessage {
    /// The chat.
    pub chat_id: i64,
    /// The message.
    pub message_id: i32,
    /// Which of the pictures, from 0; `None` for a message with buttons alone.
    pub position: Option<u32>,
    /// The picture on the chat platform.
    pub file_id: Option<String>,
}

/// A job with what was sent of it.
#[derive(Debug, Clone)]
pub struct DeliveredJob {
    /// The job.
    pub job: JobSummary,
    /// Its messages in the order of the pictures.
    pub messages: Vec<DeliveredMessage>,
}
