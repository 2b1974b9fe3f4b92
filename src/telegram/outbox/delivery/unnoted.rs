//! Results that were sent and could not be noted as delivered.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::jobs::{DeliveredMessage, JobId};

/// The messages of such results. A job in here is not sent again by this process, whatever happens.
#[derive(Debug, Default)]
pub(super) struct Unnoted(Mutex<HashMap<JobId, Vec<DeliveredMessage>>>);

impl Unnoted {
    pub(super) fn put(&self, job: JobId, messages: Vec<DeliveredMessage>) {
        self.lock().insert(job, messages);
    }

    /// The messages in which a job was sent.
    pub(super) fn get(&self, job: JobId) -> Option<Vec<DeliveredMessage>> {
        self.lock().get(&job).cloned()
    }

    pub(super) fn remove(&self, job: JobId) {
        self.lock().remove(&job);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Vec<DeliveredMessage>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
