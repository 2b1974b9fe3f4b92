//! An order becomes a job: moderation, limits, the queue.

use super::{Orders, Refusal};
use crate::jobs::{JobId, NewJob, OutgoingId, Requester, StoreError, Submission, UpdateOutcome};
use crate::limits::Limits;

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// It is a job that waits.
    Queued {
        /// The job.
        job: JobId,
        /// The messages that were stored in the same transaction; none if the same request was queued before.
        messages: Vec<OutgoingId>,
    },
    /// A rule is against it: nothing was written.
    Refused(Refusal),
}

impl Orders {
    /// Queues a job, and writes in the same transaction what else the request changes; unless a rule is against it.
    ///
    /// # Errors
    /// The store failed: nothing was written.
    pub async fn place(&self, job: NewJob, with: UpdateOutcome) -> Result<Placed, StoreError> {
        let limits = self.limits_of(job.requester);
        self.place_within(job, &limits, with).await
    }

    /// How much a user may ask for.
    #[must_use]
    pub fn limits_of(&self, user: Requester) -> Limits {
        if self.policy.is_admin(user) { Limits::NONE } else { self.policy.limits }
    }

    /// The same with limits of the requester's own.
    ///
    /// # Errors
    /// The store failed: nothing was written.
    pub async fn place_within(&self, job: NewJob, limits: &Limits, with: UpdateOutcome) -> Result<Placed, StoreError> {
        if let Some(kind) = self.policy.refuses(&job.recipe) {
            return Ok(refused(Refusal::Moderated(kind)));
        }
        match self.queue.submit(job, limits, with).await {
            Ok(Submission::Queued(job, messages)) => Ok(Placed::Queued { job, messages }),
            Ok(Submission::OverLimit(over)) => Ok(refused(Refusal::OverLimit(over))),
            Err(StoreError::InputsGone { .. }) => Ok(refused(Refusal::InputsGone)),
            Err(error) => Err(error),
        }
    }
}

fn refused(refusal: Refusal) -> Placed {
    tracing::info!(?refusal, "an order is refused");
    Placed::Refused(refusal)
}
