//! Claims and prepares jobs before the device thread needs them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::sync::broadcast;
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use tracing::Instrument;

use super::DrawError;
use super::backend::Prepare;
use super::reporter::{LEASE_DURATION, Outcome, Reporter, ReporterHandle};
use crate::jobs::{ClaimedJob, JobEvent, WorkQueue};

/// How long to wait when the queue has no job or can not be asked, unless an event comes first.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// A job that was claimed and prepared.
pub(super) struct PreparedJob<G> {
    pub(super) generation: G,
    pub(super) reporter: ReporterHandle,
    pub(super) wants_previews: bool,
}

/// The task that claims and prepares jobs has ended.
#[derive(Debug)]
pub(super) struct PrefetchEnded;

/// Hands prepared jobs to the device thread. A job that was claimed but not received goes back to the queue.
pub(super) struct Prefetcher<G> {
    requests: UnboundedSender<()>,
    prepared: UnboundedReceiver<PreparedJob<G>>,
    /// Jobs that were requested and not received.
    outstanding: usize,
    task: JoinHandle<()>,
    /// One [`Reporter`] for each claimed job. They outlive `task`, whether it ends or panics.
    reporters: TaskTracker,
}

impl<G: Send + 'static> Prefetcher<G> {
    /// Starts the task; it ends when `stop` is cancelled.
    pub(super) fn start(
        runtime: &Handle,
        queue: Arc<dyn WorkQueue>,
        prepare: Prepare<G>,
        stop: CancellationToken,
    ) -> Self {
        let ((requests, requested), (sender, prepared)) = (unbounded_channel(), unbounded_channel());
        let (events, reporters) = (queue.events(), TaskTracker::new());
        let claimer = Claimer { queue, prepare, stop, events, name: worker_name(), reporters: reporters.clone() };
        let task = runtime.spawn(claimer.run(requested, sender));
        Self { requests, prepared, outstanding: 0, task, reporters }
    }

    /// Requests jobs until so many are outstanding.
    pub(super) fn request(&mut self, wanted: usize) {
        while self.outstanding < wanted {
            self.outstanding += 1;
            // A closed channel is noticed when receiving.
            let _ = self.requests.send(());
        }
    }

    /// The next job, if one is prepared.
    ///
    /// # Errors
    /// [`PrefetchEnded`].
    pub(super) fn try_receive(&mut self) -> Result<Option<PreparedJob<G>>, PrefetchEnded> {
        match self.prepared.try_recv() {
            Ok(job) => {
                self.outstanding -= 1;
                Ok(Some(job))
            }
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(PrefetchEnded),
        }
    }

    /// Waits for the next job.
    ///
    /// # Errors
    /// [`PrefetchEnded`].
    pub(super) fn receive(&mut self) -> Result<PreparedJob<G>, PrefetchEnded> {
        let job = self.prepared.blocking_recv().ok_or(PrefetchEnded)?;
        self.outstanding -= 1;
        Ok(job)
    }

    /// Gives back the jobs that were not received, and waits until the outcome of every job is stored.
    ///
    /// # Errors
    /// The message of the panic that ended the task.
    pub(super) fn close(self, runtime: &Handle) -> Result<(), String> {
        let Self { requests, prepared, task, reporters, .. } = self;
        drop((requests, prepared));
        let ended = runtime.block_on(task);
        reporters.close();
        runtime.block_on(reporters.wait());
        ended.map_err(|error| error.to_string())
    }
}

/// A name that no earlier process had: its claims must not look like this one's.
fn worker_name() -> String {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("{}-{}", std::process::id(), since_epoch.as_millis())
}

/// The task behind a [`Prefetcher`].
struct Claimer<G> {
    queue: Arc<dyn WorkQueue>,
    prepare: Prepare<G>,
    stop: CancellationToken,
    events: broadcast::Receiver<JobEvent>,
    name: String,
    reporters: TaskTracker,
}

impl<G: Send + 'static> Claimer<G> {
    async fn run(mut self, mut requests: UnboundedReceiver<()>, prepared: UnboundedSender<PreparedJob<G>>) {
        let stop = self.stop.clone();
        loop {
            tokio::select! {
                request = requests.recv() => if request.is_none() { break },
                () = stop.cancelled() => break,
            }
            let Some(job) = self.next().await else { break };
            if prepared.send(job).is_err() {
                break;
            }
        }
    }

    /// Claims until there is a job; `None` when the worker is stopped.
    async fn next(&mut self) -> Option<PreparedJob<G>> {
        let stop = self.stop.clone();
        while !stop.is_cancelled() {
            // Never cancelled half-way: a claimed job must be prepared or released.
            let pause = match self.queue.claim(&self.name, LEASE_DURATION).await {
                Ok(Some(job)) => match self.prepare(job).await {
                    Some(prepared) => return Some(prepared),
                    None => continue,
                },
                Ok(None) => futures::future::Either::Left(queue_moved(&mut self.events)),
                Err(error) => {
                    tracing::error!(%error, "no job can be claimed");
                    futures::future::Either::Right(tokio::time::sleep(POLL_INTERVAL))
                }
            };
            tokio::select! {
                () = pause => {}
                () = stop.cancelled() => {}
            }
        }
        None
    }

    /// Prepares a claimed job off the async threads; `None` if that fails, and with it the job.
    async fn prepare(&mut self, job: ClaimedJob) -> Option<PreparedJob<G>> {
        let id = job.claim.job;
        let (reporter, handle) = Reporter::new(Arc::clone(&self.queue), job.claim, self.stop.clone());
        self.reporters.spawn(reporter.run().instrument(tracing::info_span!("job", job = %id)));
        let prepare = Arc::clone(&self.prepare);
        let prepared = tokio::task::spawn_blocking(move || prepare(&job.recipe, &job.inputs)).await;
        match prepared.unwrap_or_else(|_| Err(DrawError::engine("preparing the job panicked"))) {
            Ok(generation) => Some(PreparedJob { generation, reporter: handle, wants_previews: job.previews }),
            Err(error) => {
                handle.end(Outcome::Failed(error));
                None
            }
        }
    }
}

/// Waits until the queue moves, at most [`POLL_INTERVAL`].
async fn queue_moved(events: &mut broadcast::Receiver<JobEvent>) {
    let moved = async {
        loop {
            match events.recv().await {
                Ok(JobEvent::QueueMoved) | Err(broadcast::error::RecvError::Lagged(_)) => break,
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    let _ = timeout(POLL_INTERVAL, moved).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_task_is_noticed_and_returned() {
        let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        let ((requests, _), (_, prepared)) = (unbounded_channel(), unbounded_channel::<PreparedJob<()>>());
        let task = runtime.spawn(async { panic!("the queue panics, as the test wants it") });
        let mut prefetcher = Prefetcher { requests, prepared, outstanding: 0, task, reporters: TaskTracker::new() };
        prefetcher.request(2);
        assert!(prefetcher.try_receive().is_err() && prefetcher.receive().is_err());
        let message = prefetcher.close(runtime.handle()).unwrap_err();
        assert!(message.contains("the queue panics"), "{message}");
    }
}
