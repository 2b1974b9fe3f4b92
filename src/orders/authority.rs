//! Who may cancel a job and delete its pictures.

use crate::jobs::{JobSummary, Requester};

/// In what capacity somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    /// As the user who asked for the job.
    Requester(Requester),
    /// As an administrator of this chat. The front end has asked the platform whether that is true.
    ChatAdmin {
        /// The chat.
        chat_id: i64,
    },
}

impl Authority {
    /// Whether a job may be cancelled or deleted.
    #[must_use]
    pub fn covers(self, job: &JobSummary) -> bool {
        match self {
            Self::Requester(user) => job.requester == user,
            // Only groups have administrators; their numbers are negative.
            Self::ChatAdmin { chat_id } => chat_id < 0 && job.chat().is_some_and(|chat| chat.chat_id == chat_id),
        }
    }
}
