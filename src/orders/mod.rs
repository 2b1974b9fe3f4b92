//! The single entry point for orders, whichever front end they come from: moderation, limits, the queue; cancel, delete,
//! share, forget, and who may do that.

mod authority;
mod place;
mod refusal;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rand::Rng;
use rand::distr::Alphanumeric;

pub use authority::Authority;
pub use place::Placed;
pub use refusal::Refusal;

use crate::jobs::{
    Archive, CancelOutcome, DeliveredMessage, JobId, JobStore, JobSummary, Queue, Requester, StoreError,
};
use crate::policy::Policy;

/// Letters and digits in the name of a shared recipe: too many to be guessed.
const SHARE_TOKEN_LENGTH: usize = 16;

/// Takes orders. Cheap to clone.
#[derive(Clone)]
pub struct Orders {
    queue: Arc<dyn Queue>,
    archive: Arc<dyn Archive>,
    policy: Arc<Policy>,
}

/// What became of a request to delete pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deleted {
    /// They are gone; these messages show them.
    Done(Vec<DeliveredMessage>),
    /// This user may not delete them, or there is no such job.
    NotAllowed,
}

/// What was deleted of a user.
#[derive(Debug, Clone, PartialEq)]
pub struct Forgotten {
    /// Jobs among it that waited or ran.
    pub pending: Vec<JobSummary>,
    /// Whether the times of the user's jobs are kept for a day, because limits count them.
    pub usage_is_kept: bool,
}

impl Orders {
    /// Orders into a store, by the owner's rules.
    #[must_use]
    pub fn new(store: &JobStore, policy: Arc<Policy>) -> Self {
        Self { queue: Arc::clone(&store.queue), archive: Arc::clone(&store.archive), policy }
    }

    /// The owner's rules.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Cancels a job for somebody who may.
    ///
    /// # Errors
    /// The store failed.
    pub async fn cancel(&self, job: JobId, by: Authority) -> Result<CancelOutcome, StoreError> {
        match by {
            Authority::Requester(user) => self.queue.cancel(job, user).await,
            Authority::ChatAdmin { .. } => match self.queue.job(job).await?.filter(|job| by.covers(job)) {
                Some(job) => self.queue.cancel(job.id, job.requester).await,
                None => Ok(CancelOutcome::NotYours),
            },
        }
    }

    /// Deletes a job's pictures for somebody who may.
    ///
    /// # Errors
    /// The store failed.
    pub async fn delete(&self, job: JobId, by: Authority) -> Result<Deleted, StoreError> {
        match self.queue.job(job).await?.filter(|job| by.covers(job)) {
            Some(job) => Ok(Deleted::Done(self.archive.remove(job.id).await?)),
            None => Ok(Deleted::NotAllowed),
        }
    }

    /// The name of a job's recipe for links; a new one if it has none. `None` if there is no such job.
    ///
    /// # Errors
    /// The store failed.
    pub async fn share(&self, job: JobId) -> Result<Option<String>, StoreError> {
        let token: String = rand::rng().sample_iter(Alphanumeric).take(SHARE_TOKEN_LENGTH).map(char::from).collect();
        self.archive.share(job, &token).await
    }

    /// Deletes everything about a user.
    ///
    /// # Errors
    /// The store failed.
    pub async fn forget(&self, user: Requester) -> Result<Forgotten, StoreError> {
        let usage_is_kept = self.policy.limits.count_time();
        let pending = self.archive.forget(user, usage_is_kept).await?;
        tracing::info!(jobs = pending.len(), "the data of a user was deleted");
        Ok(Forgotten { pending, usage_is_kept })
    }

    /// Cancels what waits or runs of a user or for a chat, except jobs of admins. Returns how many jobs those were.
    ///
    /// # Errors
    /// The store failed.
    pub async fn cancel_all_of(&self, user_or_chat: i64) -> Result<usize, StoreError> {
        let mut cancelled = 0;
        for job in self.queue.pending().await? {
            let is_meant =
                job.requester.0 == user_or_chat || job.chat().is_some_and(|chat| chat.chat_id == user_or_chat);
            if is_meant && !self.policy.is_admin(job.requester) {
                self.queue.cancel(job.id, job.requester).await?;
                cancelled += 1;
            }
        }
        Ok(cancelled)
    }
}
