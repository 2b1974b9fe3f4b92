//! The latest preview of each running job. In memory only: after a restart drawing begins anew anyway.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::JobId;

/// Previews by job; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Previews(Arc<Mutex<HashMap<JobId, Bytes>>>);

impl Previews {
    /// Keeps a job's newest preview in the place of the one before.
    pub fn set(&self, job: JobId, preview: Vec<u8>) {
        self.lock().insert(job, preview.into());
    }

    /// A job's newest preview. The same preview twice is the same allocation.
    #[must_use]
    pub fn get(&self, job: JobId) -> Option<Bytes> {
        self.lock().get(&job).cloned()
    }

    /// Drops the preview of a job that no longer runs.
    pub fn remove(&self, job: JobId) {
        self.lock().remove(&job);
    }

    /// A panic elsewhere does not make the map unusable.
    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
