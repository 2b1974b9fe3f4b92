//! When each job of this process was last reported to the database: the worker reports ten times a second, the rows bear one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::jobs::{Claim, Heartbeat, JobId};

/// Between two reports of a job.
const INTERVAL: Duration = Duration::from_secs(1);

/// The latest reports by job; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Beats(Arc<Mutex<HashMap<JobId, Beat>>>);

#[derive(Debug)]
struct Beat {
    /// The worker that reported, which names its claim.
    worker: String,
    at: Instant,
    /// A preview that is yet to be stored.
    preview: Option<Vec<u8>>,
}

impl Beats {
    /// Whether the last report of this claim is so young that this one can wait; its preview is kept for the next.
    pub(super) fn can_wait(&self, claim: &Claim, heartbeat: &Heartbeat) -> bool {
        let mut beats = self.lock();
        let Some(beat) = beats.get_mut(&claim.job).filter(|beat| beat.worker == claim.worker) else { return false };
        let can_wait = beat.at.elapsed() < INTERVAL;
        if can_wait && heartbeat.preview.is_some() {
            beat.preview.clone_from(&heartbeat.preview);
        }
        can_wait
    }

    /// A claim is about to be reported: returns the preview that waits.
    pub(super) fn begin(&self, claim: &Claim) -> Option<Vec<u8>> {
        let beat = Beat { worker: claim.worker.clone(), at: Instant::now(), preview: None };
        self.lock().insert(claim.job, beat).and_then(|before| before.preview)
    }

    /// Something happened to the job: its next report may not wait.
    pub(super) fn forget(&self, job: JobId) {
        self.lock().remove(&job);
    }

    /// A panic elsewhere does not make the map unusable.
    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Beat>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
