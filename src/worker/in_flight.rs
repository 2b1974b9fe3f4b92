//! The jobs in flight, and which of them take the next step.

use std::time::{Duration, Instant};

use super::prefetch::PreparedJob;
use super::preview_pace::PreviewPace;
use super::reporter::ReporterHandle;
use crate::jobs::{LeaseStatus, Pace};

/// A job that will be finished so soon is replaced already: claiming and preparing the next one takes a few milliseconds, and
/// tens on a busy processor.
const PREFETCH_LEAD_TIME: Duration = Duration::from_millis(250);

/// A job that is being drawn.
pub(super) struct RunningJob<G, K> {
    pub(super) generation: G,
    pub(super) reporter: ReporterHandle,
    pub(super) previews: PreviewPace,
    /// 0 to 1, after the last step.
    pub(super) progress: f64,
    /// Jobs with an equal key can share the next step; `None`: it is taken alone.
    pub(super) batch_key: Option<K>,
    /// Whether it was asked if this may be drawn by its English texts, and it may.
    pub(super) is_reviewed: bool,
    started: Instant,
}

/// All jobs that are being drawn; the one whose last step was longest ago is first.
pub(super) struct InFlight<G, K>(Vec<RunningJob<G, K>>);

impl<G, K: PartialEq> RunningJob<G, K> {
    pub(super) fn start(prepared: PreparedJob<G>, batch_key: Option<K>, pace: Pace, now: Instant) -> Self {
        let PreparedJob { generation, reporter, wants_previews } = prepared;
        let previews = PreviewPace::start(wants_previews, pace, now);
        Self { generation, reporter, previews, progress: 0.0, batch_key, is_reviewed: false, started: now }
    }

    /// Whether it will still run when a job that is requested now has been prepared.
    fn outlasts_prefetch(&self, now: Instant) -> bool {
        !is_nearly_done(now.duration_since(self.started), self.progress)
    }
}

impl<G, K: PartialEq> InFlight<G, K> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many jobs will still run when a job that is requested now has been prepared.
    pub(super) fn outlasting_prefetch(&self, now: Instant) -> usize {
        self.0.iter().filter(|job| job.outlasts_prefetch(now)).count()
    }

    /// Adds a job, or puts one back after its step: it is stepped last.
    pub(super) fn push(&mut self, job: RunningJob<G, K>) {
        self.0.push(job);
    }

    /// Drops the jobs that were cancelled or whose lease is lost.
    pub(super) fn drop_cancelled(&mut self) {
        self.0.retain(|job| job.reporter.status() == LeaseStatus::Continue);
    }

    /// Takes out the jobs of the next step: one that steps alone, or up to `capacity` with equal keys.
    ///
    /// Steps that are taken alone come first: they bring a new job to where it can share steps, or finish one. Keys take turns.
    pub(super) fn next_batch(&mut self, capacity: usize) -> Vec<RunningJob<G, K>> {
        if let Some(alone) = self.0.iter().position(|job| job.batch_key.is_none()) {
            return vec![self.0.remove(alone)];
        }
        let (mut batch, mut others) = (Vec::new(), Vec::new());
        for job in std::mem::take(&mut self.0) {
            let is_first = batch.is_empty();
            let has_key = batch.first().is_some_and(|first: &RunningJob<G, K>| first.batch_key == job.batch_key);
            let group = if is_first || (has_key && batch.len() < capacity) { &mut batch } else { &mut others };
            group.push(job);
        }
        self.0 = others;
        batch
    }
}

/// Whether a job with this progress after this time will be finished within [`PREFETCH_LEAD_TIME`].
fn is_nearly_done(elapsed: Duration, progress: f64) -> bool {
    progress > 0.0 && elapsed.mul_f64((1.0 - progress).max(0.0)) < PREFETCH_LEAD_TIME.mul_f64(progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_nearly_done_a_moment_before_its_end() {
        let seconds = Duration::from_secs;
        assert!(!is_nearly_done(seconds(0), 0.0), "nothing is known yet");
        assert!(!is_nearly_done(seconds(9), 0.9));
        assert!(is_nearly_done(seconds(1), 0.9));
        assert!(is_nearly_done(seconds(1000), 1.0));
    }
}
