//! The way between the device thread and the queue: the thread never waits for the queue, a task for each job does.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep_until;

use super::DrawError;
use super::artist::{Finishing, Previewing};
use super::supply::LEASE;
use crate::jobs::{Claim, Failure, JobEvent, JobId, JobQueue, QueueError, Remarks, Report, Verdict};

/// The pause between two reports on one job: steps may be quicker than the disk.
const PAUSE: Duration = Duration::from_millis(100);

/// The thread's end of the way. Whoever drops it without an [ending](Line::end) gives the job back.
#[derive(Debug)]
pub(super) struct Line(Arc<Shared>);

/// How work on a job ended.
pub(super) enum Ending {
    /// It is drawn; the pictures have to be made of it yet.
    Drawn(Finishing, Remarks),
    /// It can not be drawn.
    Failed(DrawError),
    /// The program ends.
    GivenBack,
}

/// The queue's end of the way.
pub(super) struct Courier {
    queue: Arc<dyn JobQueue>,
    claim: Claim,
    begun: Instant,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    letters: Mutex<Letters>,
    /// There is something to carry.
    bell: Notify,
    /// Anything but [`Verdict::Continue`] is said once.
    verdict: OnceLock<Verdict>,
}

/// What is to be carried: of each kind only the last one matters.
#[derive(Default)]
struct Letters {
    progress: Option<f64>,
    preview: Option<Previewing>,
    ending: Option<Ending>,
}

impl std::fmt::Debug for Letters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { progress, preview: _, ending } = self;
        f.debug_struct("Letters").field("progress", progress).field("ending", ending).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Ending {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Drawn(..) => "Drawn",
            Self::Failed(_) => "Failed",
            Self::GivenBack => "GivenBack",
        })
    }
}

impl Line {
    /// Tells how far the job is; a preview is not lost if another report follows at once.
    pub(super) fn tell(&self, progress: f64, preview: Option<Previewing>) {
        let mut letters = self.0.letters();
        letters.progress = Some(progress);
        letters.preview = preview.or(letters.preview.take());
        drop(letters);
        self.0.bell.notify_one();
    }

    /// What the queue last said.
    pub(super) fn verdict(&self) -> Verdict {
        self.0.verdict.get().copied().unwrap_or(Verdict::Continue)
    }

    /// Tells the ending.
    pub(super) fn end(self, ending: Ending) {
        self.0.letters().ending = Some(ending);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.0.letters().ending.get_or_insert(Ending::GivenBack);
        self.0.bell.notify_one();
    }
}

impl Shared {
    /// A panic elsewhere does not make the letters unreadable.
    fn letters(&self) -> MutexGuard<'_, Letters> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Courier {
    /// A way for a job that was just claimed; [`Courier::run`] must be spawned.
    pub(super) fn new(queue: Arc<dyn JobQueue>, claim: Claim) -> (Self, Line) {
        let shared = Arc::new(Shared::default());
        (Self { queue, claim, begun: Instant::now(), shared: Arc::clone(&shared) }, Line(shared))
    }

    /// Carries reports and verdicts until the job's ending is stored.
    pub(super) async fn run(self) {
        let job = self.claim.job;
        match self.carry().await {
            Ok(outcome) => {
                tracing::info!(%job, seconds = self.begun.elapsed().as_secs_f64(), outcome, "job ended");
            }
            Err(error) => tracing::error!(%job, %error, "the job's ending can not be stored"),
        }
    }

    async fn carry(&self) -> Result<&'static str, QueueError> {
        let mut news = self.queue.events();
        let mut progress = 0.0;
        let mut next = tokio::time::Instant::now();
        loop {
            let is_called_off = tokio::select! {
                () = self.shared.bell.notified() => false,
                () = called_off(&mut news, self.claim.job) => true,
            };
            if !is_called_off {
                tokio::select! {
                    () = sleep_until(next) => {}
                    () = called_off(&mut news, self.claim.job) => {}
                    () = self.ends() => {}
                }
            }
            let letters = std::mem::take(&mut *self.shared.letters());
            if let Some(ending) = letters.ending {
                return self.store(ending).await;
            }
            progress = letters.progress.unwrap_or(progress);
            let preview = made(letters.preview).await;
            if let Some(verdict) = self.report(Report { progress, preview }).await {
                let _ = self.shared.verdict.set(verdict);
                return Ok(if verdict == Verdict::Cancelled { "cancelled" } else { "lease lost" });
            }
            next = tokio::time::Instant::now() + PAUSE;
        }
    }

    /// Until the ending is told, should it not have been; other letters can wait.
    async fn ends(&self) {
        while self.shared.letters().ending.is_none() {
            self.shared.bell.notified().await;
        }
    }

    /// Reports; what it is answered, if that is not to go on.
    async fn report(&self, report: Report) -> Option<Verdict> {
        match self.queue.report(&self.claim, report, LEASE).await {
            Ok(verdict) => Some(verdict).filter(|verdict| *verdict != Verdict::Continue),
            // The queue may be back at the next step; the lease is long.
            Err(error) => {
                tracing::warn!(job = %self.claim.job, %error, "progress can not be reported");
                None
            }
        }
    }

    async fn store(&self, ending: Ending) -> Result<&'static str, QueueError> {
        match ending {
            Ending::GivenBack => {
                self.queue.release(&self.claim).await?;
                Ok("given back")
            }
            Ending::Failed(error) => self.fail(error).await,
            Ending::Drawn(finishing, remarks) => match tokio::task::spawn_blocking(finishing).await {
                Ok(Ok(pictures)) => {
                    if remarks != Remarks::default() {
                        self.queue.remark(&self.claim, &remarks).await?;
                    }
                    Ok(or_lost(self.queue.finish(&self.claim, pictures).await?, "drawn"))
                }
                Ok(Err(error)) => self.fail(error).await,
                Err(_) => self.fail(DrawError::engine("finishing the pictures panicked")).await,
            },
        }
    }

    async fn fail(&self, error: DrawError) -> Result<&'static str, QueueError> {
        let (queue, claim) = (&self.queue, &self.claim);
        // A stumble, perhaps: the recipe gets a second chance.
        if error.failure == Failure::Engine && claim.attempt == 1 {
            tracing::warn!(job = %claim.job, %error, "the job could not be drawn and is tried once more");
            queue.try_again(claim).await?;
            return Ok("to be tried again");
        }
        tracing::error!(job = %claim.job, %error, "the job can not be drawn");
        Ok(or_lost(queue.fail(claim, error.failure).await?, "failed"))
    }
}

/// A preview that can not be made is no reason for anything.
async fn made(previewing: Option<Previewing>) -> Option<Vec<u8>> {
    tokio::task::spawn_blocking(previewing?).await.ok().flatten()
}

fn or_lost(verdict: Verdict, outcome: &'static str) -> &'static str {
    if verdict == Verdict::Continue { outcome } else { "lease lost" }
}

/// Until somebody calls the job off, or ends it in another way.
async fn called_off(news: &mut Receiver<JobEvent>, job: JobId) {
    loop {
        match news.recv().await {
            Ok(JobEvent::CalledOff(other) | JobEvent::Ended(other)) if other == job => return,
            // It may have been among what was missed.
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
    async fn a_preview_is_made_on_the_way_and_a_panic_there_costs_only_the_preview() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).await.unwrap();
        let queue = Arc::new(SqliteQueue::open(&database).await.unwrap());
        let job = queue.submit(wish(1, "cat")).await.unwrap();
        let claim = queue.claim("worker", LEASE).await.unwrap().unwrap().claim;
        let (courier, line) = Courier::new(queue.clone(), claim);
        let running = tokio::spawn(courier.run());

        // Whoever tells does not wait: it goes on before the preview can be made.
        let (go, wait) = std::sync::mpsc::channel::<()>();
        line.tell(0.3, Some(Box::new(move || wait.recv_timeout(PAUSE * 50).ok().map(|()| b"jpeg".to_vec()))));
        go.send(()).unwrap();
        assert_eq!(preview_of(&queue, job).await, b"jpeg");

        line.tell(0.6, Some(Box::new(|| panic!("the lens is broken"))));
        tokio::time::sleep(2 * PAUSE).await;
        line.end(Ending::Drawn(Box::new(|| Ok(vec![b"png".to_vec()])), Remarks::default()));
        running.await.unwrap();
        assert_eq!(queue.job(job).await.unwrap().unwrap().state, JobState::Drawn);
    }
}
