//! The thread itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{broadcast, oneshot};
use tokio::time::timeout;

use super::preview_pace::PreviewPace;
use super::{Artist, DrawError, Drawing, Progress};
use crate::database::now_ms;
use crate::jobs::{ClaimedJob, Failure, JobEvent, JobQueue, QueueError, Remarks, Report, Verdict};

/// A step at full size takes seconds; a worker that is silent for so long is gone.
const LEASE: Duration = Duration::from_secs(300);
/// How long to wait when the queue can not be asked, or when no news came.
const PAUSE: Duration = Duration::from_secs(2);

/// A running worker. Stop it with [`Worker::stop`]; dropping it stops it as well, without waiting.
#[derive(Debug)]
pub struct Worker {
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// The worker could not begin.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError<E> {
    /// The artist could not be made.
    #[error(transparent)]
    Artist(E),
    /// The system gave no thread, or it ended at once.
    #[error("the worker's thread did not start")]
    Thread,
}

impl Worker {
    /// Starts the thread and waits until it has made its artist there.
    ///
    /// # Errors
    /// What `make_artist` says.
    pub async fn start<A, E>(
        queue: Arc<dyn JobQueue>,
        make_artist: impl FnOnce() -> Result<A, E> + Send + 'static,
    ) -> Result<Self, WorkerError<E>>
    where
        A: Artist + 'static,
        E: Send + 'static,
    {
        let stopping = Arc::new(AtomicBool::new(false));
        let (ready, is_ready) = oneshot::channel();
        let work = {
            let (stopping, runtime) = (Arc::clone(&stopping), Handle::current());
            move || match make_artist() {
                Ok(artist) => {
                    let _ = ready.send(Ok(()));
                    Loop { queue, artist, runtime, stopping, name: name() }.run();
                }
                Err(error) => drop(ready.send(Err(error))),
            }
        };
        let thread =
            std::thread::Builder::new().name("worker".to_owned()).spawn(work).map_err(|_| WorkerError::Thread)?;
        is_ready.await.map_err(|_| WorkerError::Thread)?.map_err(WorkerError::Artist)?;
        Ok(Self { stopping, thread: Some(thread) })
    }

    /// Asks the thread to stop after the current step and waits for it. An unfinished job goes back to the queue.
    pub async fn stop(mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = tokio::task::spawn_blocking(|| thread.join()).await;
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

/// A name that no former process had: claims of the dead must not look like ours.
fn name() -> String {
    format!("{}-{}", std::process::id(), now_ms())
}

struct Loop<A> {
    queue: Arc<dyn JobQueue>,
    artist: A,
    runtime: Handle,
    stopping: Arc<AtomicBool>,
    name: String,
}

impl<A: Artist> Loop<A> {
    fn run(mut self) {
        let mut news = self.queue.events();
        while !self.is_stopping() {
            match self.runtime.block_on(self.queue.claim(&self.name, LEASE)) {
                Ok(Some(job)) => self.work_on(&job),
                Ok(None) => self.runtime.block_on(wait_for_news(&mut news)),
                Err(error) => {
                    tracing::error!(%error, "no job can be claimed");
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    fn work_on(&mut self, job: &ClaimedJob) {
        let started = Instant::now();
        match self.draw(job).and_then(|drawing| self.store(job, drawing)) {
            Ok(outcome) => {
                tracing::info!(job = %job.claim.job, seconds = started.elapsed().as_secs_f64(), outcome, "job ended");
            }
            Err(error) => tracing::error!(job = %job.claim.job, %error, "the job's ending can not be stored"),
        }
    }

    fn draw(&mut self, job: &ClaimedJob) -> Result<Outcome, QueueError> {
        let Self { queue, artist, runtime, stopping, .. } = self;
        let mut lost = None;
        let mut pace = PreviewPace::begin(job.previews, Instant::now());
        let mut report = |progress: Progress<'_>| {
            if stopping.load(Ordering::Relaxed) {
                lost = Some(Outcome::GivenBack);
                return Verdict::Cancelled;
            }
            let preview = if pace.is_due(progress.share, Instant::now()) { (progress.preview)() } else { None };
            if preview.is_some() {
                pace.made(Instant::now());
            }
            let report = Report { progress: progress.share, preview };
            match runtime.block_on(queue.report(&job.claim, report, LEASE)) {
                Ok(Verdict::Continue) => Verdict::Continue,
                Ok(verdict) => {
                    lost = Some(Outcome::Ended(if verdict == Verdict::Cancelled { "cancelled" } else { "lease lost" }));
                    verdict
                }
                // The queue may be back at the next step; the lease is long.
                Err(error) => {
                    tracing::warn!(job = %job.claim.job, %error, "progress can not be reported");
                    Verdict::Continue
                }
            }
        };
        let drawn = catch_unwind(AssertUnwindSafe(|| artist.draw(&job.recipe, &job.inputs, &mut report)));
        Ok(match (drawn, lost) {
            (_, Some(outcome)) => outcome,
            (Ok(Ok(Drawing::Pictures(pictures))), None) => Outcome::Pictures(pictures),
            (Ok(Ok(Drawing::Stopped)), None) => Outcome::GivenBack,
            (Ok(Err(error)), None) => Outcome::Failed(error),
            (Err(_), None) => {
                Outcome::Failed(DrawError { failure: Failure::Engine, reason: "the engine panicked".to_owned() })
            }
        })
    }

    fn store(&self, job: &ClaimedJob, outcome: Outcome) -> Result<&'static str, QueueError> {
        let claim = &job.claim;
        let verdict = match outcome {
            Outcome::Ended(how) => return Ok(how),
            Outcome::GivenBack => {
                self.runtime.block_on(self.queue.release(claim))?;
                return Ok("given back");
            }
            Outcome::Pictures(pictures) => {
                self.remark(job, &pictures)?;
                (self.runtime.block_on(self.queue.finish(claim, pictures))?, "drawn")
            }
            // A stumble, perhaps: the recipe gets a second chance.
            Outcome::Failed(error) if error.failure == Failure::Engine && claim.attempt == 1 => {
                tracing::warn!(job = %claim.job, %error, "the job could not be drawn and is tried once more");
                self.runtime.block_on(self.queue.try_again(claim))?;
                return Ok("to be tried again");
            }
            Outcome::Failed(error) => {
                tracing::error!(job = %claim.job, %error, "the job can not be drawn");
                (self.runtime.block_on(self.queue.fail(claim, error.failure))?, "failed")
            }
        };
        Ok(if verdict.0 == Verdict::Continue { verdict.1 } else { "lease lost" })
    }
}

impl<A: Artist> Loop<A> {
    /// Keeps what there is to say about the pictures; that they can not be looked at is no reason to withhold them.
    fn remark(&self, job: &ClaimedJob, pictures: &[Vec<u8>]) -> Result<(), QueueError> {
        let remarks = match catch_unwind(AssertUnwindSafe(|| self.artist.remarks(&job.recipe, pictures))) {
            Ok(Ok(remarks)) => remarks,
            Ok(Err(error)) => {
                tracing::error!(job = %job.claim.job, %error, "the pictures can not be looked at");
                return Ok(());
            }
            Err(_) => {
                tracing::error!(job = %job.claim.job, "looking at the pictures panicked");
                return Ok(());
            }
        };
        match remarks == Remarks::default() {
            true => Ok(()),
            false => self.runtime.block_on(self.queue.remark(&job.claim, &remarks)),
        }
    }
}

enum Outcome {
    Pictures(Vec<Vec<u8>>),
    Failed(DrawError),
    /// The queue has the ending already.
    Ended(&'static str),
    /// The program ends.
    GivenBack,
}

/// Until the queue moves, or a little while.
async fn wait_for_news(news: &mut broadcast::Receiver<JobEvent>) {
    let _ = timeout(PAUSE, async {
        loop {
            match news.recv().await {
                Ok(JobEvent::QueueMoved | JobEvent::Requeued(_)) | Err(broadcast::error::RecvError::Lagged(_)) => break,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests;
