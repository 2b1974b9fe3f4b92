//! Who waits for which job. A job that was asked for by a request that waits for it is cancelled once nobody waits any more: the
//! client has left. It gets some time to come back first, because clients repeat requests whose connection broke.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::jobs::{CancelOutcome, JobId, Requester};
use crate::orders::{Authority, Orders};

/// Requests that wait, by job.
#[derive(Clone)]
pub(super) struct Presences {
    counts: Arc<Mutex<HashMap<JobId, usize>>>,
    orders: Orders,
    return_within: Duration,
}

/// One request that waits for a job. When it is dropped and nobody else comes in time, the job is cancelled.
pub(super) struct Presence {
    presences: Presences,
    job: JobId,
    requester: Requester,
    is_needed: bool,
}

impl Presences {
    pub(super) fn new(orders: Orders, return_within: Duration) -> Self {
        Self { counts: Arc::default(), orders, return_within }
    }

    /// A request begins to wait.
    pub(super) fn enter(&self, job: JobId, requester: Requester) -> Presence {
        *self.lock().entry(job).or_default() += 1;
        Presence { presences: self.clone(), job, requester, is_needed: true }
    }

    /// Whether some request waits for a job.
    pub(super) fn is_awaited(&self, job: JobId) -> bool {
        self.lock().contains_key(&job)
    }

    fn leave(&self, job: JobId) {
        let mut counts = self.lock();
        if let Some(count) = counts.get_mut(&job) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&job);
            }
        }
    }

    async fn cancel_unless_awaited(self, job: JobId, requester: Requester) {
        tokio::time::sleep(self.return_within).await;
        if self.is_awaited(job) {
            return;
        }
        match self.orders.cancel(job, Authority::Requester(requester)).await {
            Ok(CancelOutcome::Cancelled | CancelOutcome::Stopping) => {
                tracing::info!(%job, "a job is cancelled, because its client has left");
            }
            Ok(CancelOutcome::TooLate | CancelOutcome::NotYours) => {}
            Err(error) => tracing::warn!(%job, %error, "a job whose client has left can not be cancelled"),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Presence {
    /// The job goes on, or has ended, whether anybody waits or not.
    pub(super) fn release(mut self) {
        self.is_needed = false;
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.presences.leave(self.job);
        if !self.is_needed || self.presences.is_awaited(self.job) {
            return;
        }
        // Without a runtime the program ends: the job goes on after the restart.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(self.presences.clone().cancel_unless_awaited(self.job, self.requester));
        }
    }
}
