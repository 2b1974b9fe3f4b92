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
    visits: Arc<Mutex<HashMap<JobId, Visits>>>,
    orders: Orders,
    return_within: Duration,
}

/// Those who wait for a job, or may come back.
#[derive(Debug, Default, Clone, Copy)]
struct Visits {
    waiting: usize,
    /// How many there ever were: whoever comes back gives the next one its whole time.
    ever: u64,
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
        Self { visits: Arc::default(), orders, return_within }
    }

    /// A request begins to wait.
    pub(super) fn enter(&self, job: JobId, requester: Requester) -> Presence {
        let mut visits = self.lock();
        let visit = visits.entry(job).or_default();
        visit.waiting += 1;
        visit.ever += 1;
        Presence { presences: self.clone(), job, requester, is_needed: true }
    }

    /// Whether some request waits for a job.
    pub(super) fn is_awaited(&self, job: JobId) -> bool {
        self.lock().get(&job).is_some_and(|visits| visits.waiting > 0)
    }

    /// A request waits no longer. Returns how many there ever were, if it was the last that waited.
    fn leave(&self, job: JobId) -> Option<u64> {
        let mut visits = self.lock();
        let visit = visits.get_mut(&job)?;
        visit.waiting -= 1;
        (visit.waiting == 0).then_some(visit.ever)
    }

    /// Nobody is expected to come back. Returns whether nobody did since there were so many.
    fn forget(&self, job: JobId, ever: u64) -> bool {
        let mut visits = self.lock();
        let is_last = visits.get(&job).is_some_and(|visits| visits.waiting == 0 && visits.ever == ever);
        if is_last {
            visits.remove(&job);
        }
        is_last
    }

    async fn cancel_unless_visited(self, job: JobId, requester: Requester, ever: u64) {
        tokio::time::sleep(self.return_within).await;
        if !self.forget(job, ever) {
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

    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Visits>> {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner)
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
        let Some(ever) = self.presences.leave(self.job) else { return };
        if !self.is_needed {
            self.presences.forget(self.job, ever);
            return;
        }
        // Without a runtime the program ends: the job goes on after the restart.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(self.presences.clone().cancel_unless_visited(self.job, self.requester, ever));
        }
    }
}
