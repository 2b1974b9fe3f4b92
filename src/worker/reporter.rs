//! Reports a job to the queue: the device thread never waits for the queue, a task for each job does.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::spawn_blocking;
use tokio::time::sleep_until;

use super::DrawError;
use super::backend::{Finalize, RenderPreview};
use crate::jobs::{Claim, Failure, JobEvent, JobId, JobQueue, QueueError, Remarks, Report, Verdict};

/// A step at full size takes seconds; a worker that is silent for so long is gone.
pub(super) const LEASE_DURATION: Duration = Duration::from_secs(300);
/// Between two reports of one job: steps may be quicker than the disk.
const REPORT_INTERVAL: Duration = Duration::from_millis(100);

/// The device thread's end. Dropping it without [`ReporterHandle::end`] releases the job.
#[derive(Debug)]
pub(super) struct ReporterHandle(Arc<Shared>);

/// How work on a job ended.
pub(super) enum Outcome {
    /// It is drawn; the pictures are still to be encoded.
    Drawn(Finalize, Remarks),
    /// It can not be drawn.
    Failed(DrawError),
    /// The worker ends.
    Released,
}

/// Sends the progress and the outcome of one job to the queue, and reads back whether to continue.
pub(super) struct Reporter {
    queue: Arc<dyn JobQueue>,
    claim: Claim,
    started: Instant,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    mailbox: Mutex<Mailbox>,
    /// Notified when something was put into the mailbox.
    filled: Notify,
    /// Set once, to anything but [`Verdict::Continue`].
    verdict: OnceLock<Verdict>,
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
    pub(super) fn verdict(&self) -> Verdict {
        self.0.verdict.get().copied().unwrap_or(Verdict::Continue)
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
        let _ = self.shared.verdict.set(Verdict::LeaseLost);
    }
}

impl Reporter {
    /// The reporter of a claimed job, and its handle; [`Reporter::run`] must be spawned.
    pub(super) fn new(queue: Arc<dyn JobQueue>, claim: Claim) -> (Self, ReporterHandle) {
        let shared = Arc::new(Shared::default());
        (Self { queue, claim, started: Instant::now(), shared: Arc::clone(&shared) }, ReporterHandle(shared))
    }

    /// Reports until the job's outcome is stored.
    pub(super) async fn run(self) {
        let job = self.claim.job;
        match self.report_until_ended().await {
            Ok(outcome) => {
                tracing::info!(%job, seconds = self.started.elapsed().as_secs_f64(), outcome, "job ended");
            }
            Err(error) => tracing::error!(%job, %error, "the job's outcome can not be stored"),
        }
    }

    async fn report_until_ended(&self) -> Result<&'static str, QueueError> {
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
            if let Some(verdict) = self.report(Report { progress, preview }).await {
                let _ = self.shared.verdict.set(verdict);
                return Ok(if verdict == Verdict::Cancelled { "cancelled" } else { "lease lost" });
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
    async fn report(&self, report: Report) -> Option<Verdict> {
        match self.queue.report(&self.claim, report, LEASE_DURATION).await {
            Ok(verdict) => Some(verdict).filter(|verdict| *verdict != Verdict::Continue),
            // The queue may be back at the next step; the lease is long.
            Err(error) => {
                tracing::warn!(job = %self.claim.job, %error, "progress can not be reported");
                None
            }
        }
    }

    async fn store(&self, outcome: Outcome) -> Result<&'static str, QueueError> {
        match outcome {
            Outcome::Released => {
                self.queue.release(&self.claim).await?;
                Ok("released")
            }
            Outcome::Failed(error) => self.fail(error).await,
            Outcome::Drawn(finalize, warnings) => match encoded(finalize).await {
                Ok(pictures) => {
                    if warnings != Remarks::default() {
                        self.queue.remark(&self.claim, &warnings).await?;
                    }
                    Ok(or_lost(self.queue.finish(&self.claim, pictures).await?, "drawn"))
                }
                Err(error) => self.fail(error).await,
            },
        }
    }

    async fn fail(&self, error: DrawError) -> Result<&'static str, QueueError> {
        let (queue, claim) = (&self.queue, &self.claim);
        // It may have been a passing fault, such as a shortage of memory: the job is tried twice.
        if error.failure == Failure::Engine && claim.attempt == 1 {
            tracing::warn!(job = %claim.job, %error, "the job could not be drawn and is tried once more");
            queue.try_again(claim).await?;
            return Ok("to be retried");
        }
        tracing::error!(job = %claim.job, %error, "the job can not be drawn");
        Ok(or_lost(queue.fail(claim, error.failure).await?, "failed"))
    }
}

/// The encoded pictures. Everything that is computed from their bytes before they are stored belongs into this closure: it runs
/// neither on the device thread, nor on an async thread, nor inside a transaction of the database.
async fn encoded(finalize: Finalize) -> Result<Vec<Vec<u8>>, DrawError> {
    let encoded = spawn_blocking(finalize).await;
    encoded.unwrap_or_else(|_| Err(DrawError::engine("encoding the pictures panicked")))
}

/// The encoded preview; `None` if there is none or it can not be encoded.
async fn rendered(preview: Option<RenderPreview>) -> Option<Vec<u8>> {
    spawn_blocking(preview?).await.ok().flatten()
}

fn or_lost(verdict: Verdict, outcome: &'static str) -> &'static str {
    if verdict == Verdict::Continue { outcome } else { "lease lost" }
}

/// Waits until the job is cancelled, or ended in another way.
async fn cancelled(events: &mut Receiver<JobEvent>, job: JobId) {
    loop {
        match events.recv().await {
            Ok(JobEvent::CalledOff(other) | JobEvent::Ended(other)) if other == job => return,
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
    use crate::database::Database;
    use crate::jobs::{JobState, SqliteQueue, wish};

    async fn preview_of(queue: &SqliteQueue, job: JobId) -> Vec<u8> {
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
        let database = Database::open(folder.path()).await.unwrap();
        let queue = Arc::new(SqliteQueue::open(&database).await.unwrap());
        let job = queue.submit(wish(1, "cat")).await.unwrap();
        let claim = queue.claim("worker", LEASE_DURATION).await.unwrap().unwrap().claim;
        let (reporter, handle) = Reporter::new(queue.clone(), claim);
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
        handle.end(Outcome::Drawn(Box::new(|| Ok(vec![b"png".to_vec()])), Remarks::default()));
        running.await.unwrap();
        assert_eq!(queue.job(job).await.unwrap().unwrap().state, JobState::Drawn);
    }
}
