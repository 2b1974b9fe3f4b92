//! Reports a job to the queue: the device thread never waits for the queue, a task for each job does.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::spawn_blocking;
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;

use super::DrawError;
use super::backend::{Finalize, RenderPreview};
use crate::jobs::{
    Claim, EncodedPicture, Failure, Heartbeat, JobEvent, JobId, LeaseStatus, StoreError, Warnings, WorkQueue,
};
use crate::recipe::Recipe;

/// A step at full size takes seconds; a worker that is silent for so long is gone.
pub(super) const LEASE_DURATION: Duration = Duration::from_secs(300);
/// Between two reports of one job: steps may be quicker than the disk.
const REPORT_INTERVAL: Duration = Duration::from_millis(100);
/// The pauses between attempts to store an outcome double from the first to the longest.
const FIRST_STORE_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_STORE_PAUSE: Duration = Duration::from_secs(10);

/// The device thread's end. Dropping it without [`ReporterHandle::end`] releases the job.
#[derive(Debug)]
pub(super) struct ReporterHandle(Arc<Shared>);

/// How work on a job ended.
pub(super) enum Outcome {
    /// It is drawn; the pictures are still to be encoded. The recipe is there if the backend added something to it.
    Drawn(Finalize, Warnings, Option<Box<Recipe>>),
    /// It can not be drawn.
    Failed(DrawError),
    /// The worker ends.
    Released,
}

/// Sends the progress and the outcome of one job to the queue, and reads back whether to continue.
pub(super) struct Reporter {
    queue: Arc<dyn WorkQueue>,
    claim: Claim,
    /// The worker stops.
    stop: CancellationToken,
    started: Instant,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    mailbox: Mutex<Mailbox>,
    /// Notified when something was put into the mailbox.
    filled: Notify,
    /// Set once, to anything but [`LeaseStatus::Continue`].
    status: OnceLock<LeaseStatus>,
}

/// Messages from the device thread to the reporter, of each kind only the latest.
#[derive(Default)]
struct Mailbox {
    progress: Option<f64>,
    preview: Option<RenderPreview>,
    outcome: Option<Outcome>,
}

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { progress, preview: _, outcome } = self;
        f.debug_struct("Mailbox").field("progress", progress).field("outcome", outcome).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Drawn(..) => "Drawn",
            Self::Failed(_) => "Failed",
            Self::Released => "Released",
        })
    }
}

impl ReporterHandle {
    /// Reports the progress, 0 to 1. A preview stays in the mailbox until it is sent, also if another report follows.
    pub(super) fn report(&self, progress: f64, preview: Option<RenderPreview>) {
        let mut mailbox = self.0.mailbox();
        mailbox.progress = Some(progress);
        mailbox.preview = preview.or(mailbox.preview.take());
        drop(mailbox);
        self.0.filled.notify_one();
    }

    /// The queue's latest answer.
    pub(super) fn status(&self) -> LeaseStatus {
        self.0.status.get().copied().unwrap_or(LeaseStatus::Continue)
    }

    /// Reports the outcome.
    pub(super) fn end(self, outcome: Outcome) {
        self.0.mailbox().outcome = Some(outcome);
    }
}

impl Drop for ReporterHandle {
    fn drop(&mut self) {
        self.0.mailbox().outcome.get_or_insert(Outcome::Released);
        self.0.filled.notify_one();
    }
}

impl Shared {
    /// A panic elsewhere does not make the mailbox unusable.
    fn mailbox(&self) -> MutexGuard<'_, Mailbox> {
        self.mailbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reporter {
    /// Stops the job if its reporter panicked: its outcome could not be stored.
    fn drop(&mut self) {
        let _ = self.shared.status.set(LeaseStatus::LeaseLost);
    }
}

impl Reporter {
    /// The reporter of a claimed job, and its handle; [`Reporter::run`] must be spawned.
    pub(super) fn new(queue: Arc<dyn WorkQueue>, claim: Claim, stop: CancellationToken) -> (Self, ReporterHandle) {
        let shared = Arc::new(Shared::default());
        (Self { queue, claim, stop, started: Instant::now(), shared: Arc::clone(&shared) }, ReporterHandle(shared))
    }

    /// Reports until the job's outcome is stored.
    pub(super) async fn run(self) {
        let job = self.claim.job;
        match self.report_until_ended().await {
            Ok(outcome) => {
                metrics::counter!("kandinsky_attempts_total", "outcome" => outcome).increment(1);
                if outcome == "drawn" {
                    metrics::histogram!("kandinsky_attempt_seconds").record(self.started.elapsed().as_secs_f64());
                }
                tracing::info!(%job, seconds = self.started.elapsed().as_secs_f64(), outcome, "job ended");
            }
            Err(error) => tracing::error!(%job, %error, "the job's outcome can not be stored"),
        }
    }

    async fn report_until_ended(&self) -> Result<&'static str, StoreError> {
        let mut events = self.queue.events();
        let mut progress = 0.0;
        let mut next = tokio::time::Instant::now();
        loop {
            let is_cancelled = tokio::select! {
                () = self.shared.filled.notified() => false,
                () = cancelled(&mut events, self.claim.job) => true,
            };
            if !is_cancelled {
                tokio::select! {
                    () = sleep_until(next) => {}
                    () = cancelled(&mut events, self.claim.job) => {}
                    () = self.ended() => {}
                }
            }
            let mailbox = std::mem::take(&mut *self.shared.mailbox());
            if let Some(outcome) = mailbox.outcome {
                return self.store(outcome).await;
            }
            progress = mailbox.progress.unwrap_or(progress);
            let preview = rendered(mailbox.preview).await;
            if let Some(status) = self.report(Heartbeat { progress, preview }).await {
                let _ = self.shared.status.set(status);
                return Ok(if status == LeaseStatus::Cancelled { "cancelled" } else { "lease lost" });
            }
            next = tokio::time::Instant::now() + REPORT_INTERVAL;
        }
    }

    /// Waits until the outcome is in the mailbox.
    async fn ended(&self) {
        while self.shared.mailbox().outcome.is_none() {
            self.shared.filled.notified().await;
        }
    }

    /// Reports; the queue's answer, unless it is to continue.
    async fn report(&self, report: Heartbeat) -> Option<LeaseStatus> {
        match self.queue.heartbeat(&self.claim, report, LEASE_DURATION).await {
            Ok(status) => Some(status).filter(|status| *status != LeaseStatus::Continue),
            // The queue may be back at the next step; the lease is long.
            Err(error) => {
                tracing::debug!(job = %self.claim.job, %error, "progress can not be reported");
                None
            }
        }
    }

    /// Stores the outcome. While the database refuses, such as for want of room on the disk, it tries again: until the worker stops
    /// or the lease ends.
    async fn store(&self, outcome: Outcome) -> Result<&'static str, StoreError> {
        let (ending, begun) = (self.ending(outcome).await, Instant::now());
        let mut pause = FIRST_STORE_PAUSE;
        loop {
            let error = match self.write(&ending).await {
                Ok(written) => return Ok(written),
                Err(error) if self.stop.is_cancelled() || begun.elapsed() >= LEASE_DURATION => return Err(error),
                Err(error) => error,
            };
            if pause == FIRST_STORE_PAUSE {
                tracing::warn!(job = %self.claim.job, %error, "the job's outcome can not be stored yet; trying again");
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
            pause = (pause * 2).min(LONGEST_STORE_PAUSE);
        }
    }

    /// What an outcome means to the queue.
    async fn ending(&self, outcome: Outcome) -> Ending {
        match outcome {
            Outcome::Released => Ending::Released,
            Outcome::Failed(error) => self.failed(&error),
            Outcome::Drawn(finalize, warnings, recipe) => match encoded(finalize).await {
                Ok(pictures) => Ending::Drawn(pictures, warnings, recipe),
                Err(error) => self.failed(&error),
            },
        }
    }

    fn failed(&self, error: &DrawError) -> Ending {
        // It may have been a passing fault, such as a shortage of memory: the job is tried twice.
        if error.failure == Failure::Engine && self.claim.attempt == 1 {
            tracing::warn!(job = %self.claim.job, %error, "the job could not be drawn and is tried once more");
            return Ending::Retried;
        }
        match error.failure {
            Failure::Moderated(_) => tracing::info!(job = %self.claim.job, %error, "the job is refused"),
            _ => tracing::error!(job = %self.claim.job, %error, "the job can not be drawn"),
        }
        Ending::Failed(error.failure)
    }

    async fn write(&self, ending: &Ending) -> Result<&'static str, StoreError> {
        let (queue, claim) = (&self.queue, &self.claim);
        Ok(match ending {
            Ending::Released => {
                queue.release(claim).await?;
                "released"
            }
            Ending::Retried => {
                queue.retry(claim).await?;
                "to be retried"
            }
            Ending::Failed(failure) => or_lost(queue.fail(claim, *failure).await?, "failed"),
            Ending::Drawn(pictures, warnings, recipe) => {
                if let Some(recipe) = recipe {
                    queue.set_recipe(claim, recipe).await?;
                }
                or_lost(queue.finish(claim, pictures.clone(), warnings).await?, "drawn")
            }
        })
    }
}

/// How a job ended, as it is stored.
enum Ending {
    Drawn(Vec<EncodedPicture>, Warnings, Option<Box<Recipe>>),
    Failed(Failure),
    Retried,
    Released,
}

/// The encoded pictures and their hashes, which are computed neither on the device thread, nor on an async thread, nor inside a
/// transaction of the database.
async fn encoded(finalize: Finalize) -> Result<Vec<EncodedPicture>, DrawError> {
    let encode = move || Ok(finalize()?.into_iter().map(EncodedPicture::new).collect());
    let encoded = spawn_blocking(encode).await;
    encoded.unwrap_or_else(|_| Err(DrawError::engine("encoding the pictures panicked")))
}

/// The encoded preview; `None` if there is none or it can not be encoded.
async fn rendered(preview: Option<RenderPreview>) -> Option<Vec<u8>> {
    spawn_blocking(preview?).await.ok().flatten()
}

fn or_lost(status: LeaseStatus, outcome: &'static str) -> &'static str {
    match status {
        LeaseStatus::Continue => outcome,
        LeaseStatus::Cancelled => "cancelled",
        LeaseStatus::LeaseLost => "lease lost",
    }
}

/// Waits until the job is cancelled, or ended in another way.
async fn cancelled(events: &mut Receiver<JobEvent>, job: JobId) {
    loop {
        match events.recv().await {
            Ok(JobEvent::CancelRequested(other) | JobEvent::Ended(other)) if other == job => return,
            // It may have been among the missed events.
            Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::jobs::{JobState, Queue, Signals};
    use crate::recipe::Translation;
    use crate::store::sqlite::SqliteStore;
    use crate::store::sqlite::fixture::submit;

    async fn preview_of(queue: &SqliteStore, job: JobId) -> Vec<u8> {
        for _ in 0..500 {
            if let Some(preview) = queue.preview(job) {
                return preview.to_vec();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no preview came");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_preview_is_rendered_by_the_reporter_and_a_panic_there_costs_only_the_preview() {
        let folder = tempfile::tempdir().unwrap();
        let queue = Arc::new(SqliteStore::open(folder.path()).await.unwrap());
        let job = submit(&queue, 1, "cat").await;
        let claim = queue.claim("worker", LEASE_DURATION).await.unwrap().unwrap().claim;
        let (reporter, handle) = Reporter::new(queue.clone(), claim, CancellationToken::new());
        let running = tokio::spawn(reporter.run());

        // The handle does not wait for the preview.
        let (go, wait) = std::sync::mpsc::channel::<()>();
        handle.report(
            0.3,
            Some(Box::new(move || wait.recv_timeout(REPORT_INTERVAL * 50).ok().map(|()| b"jpeg".to_vec()))),
        );
        go.send(()).unwrap();
        assert_eq!(preview_of(&queue, job).await, b"jpeg");

        handle.report(0.6, Some(Box::new(|| panic!("the lens is broken"))));
        tokio::time::sleep(2 * REPORT_INTERVAL).await;
        handle.end(Outcome::Drawn(Box::new(|| Ok(vec![b"png".to_vec()])), Warnings::default(), None));
        running.await.unwrap();
        assert_eq!(queue.job(job).await.unwrap().unwrap().state, JobState::Drawn);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_added_to_the_recipe_is_stored_with_the_job() {
        let folder = tempfile::tempdir().unwrap();
        let queue = Arc::new(SqliteStore::open(folder.path()).await.unwrap());
        let job = submit(&queue, 1, "cat").await;
        let claimed = queue.claim("worker", LEASE_DURATION).await.unwrap().unwrap();
        let texts = [("cat".to_owned(), "a cat".to_owned())].into();
        let recipe = claimed.recipe.with_translation(Translation { texts, only_for_prior: false });
        let (reporter, handle) = Reporter::new(queue.clone(), claimed.claim, CancellationToken::new());
        let running = tokio::spawn(reporter.run());
        let finalize = Box::new(|| Ok(vec![b"png".to_vec()]));
        handle.end(Outcome::Drawn(finalize, Warnings::default(), Some(Box::new(recipe.clone()))));
        running.await.unwrap();
        let stored = queue.job(job).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.recipe), (JobState::Drawn, recipe));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_outcome_that_the_database_refuses_is_stored_once_it_takes_it_again() {
        let folder = tempfile::tempdir().unwrap();
        let queue = Arc::new(SqliteStore::open(folder.path()).await.unwrap());
        let job = submit(&queue, 1, "cat").await;
        let claim = queue.claim("worker", LEASE_DURATION).await.unwrap().unwrap().claim;
        let (reporter, handle) = Reporter::new(queue.clone(), claim, CancellationToken::new());
        let running = tokio::spawn(reporter.run());
        queue.execute("CREATE TRIGGER full BEFORE INSERT ON pictures BEGIN SELECT RAISE(ABORT, 'full'); END").await;
        handle.end(Outcome::Drawn(Box::new(|| Ok(vec![b"png".to_vec()])), Warnings::default(), None));
        tokio::time::sleep(FIRST_STORE_PAUSE / 2).await;
        assert_eq!(queue.job(job).await.unwrap().unwrap().state, JobState::Running);
        queue.execute("DROP TRIGGER full").await;
        running.await.unwrap();
        assert_eq!(queue.job(job).await.unwrap().unwrap().state, JobState::Drawn);
    }
}
