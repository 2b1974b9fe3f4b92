//! Downloads the input pictures of jobs that wait for them.
//!
//! The store keeps which they are, so that a restart forgets none. A download that fails is put off, longer each time; one that
//! can never succeed ends the job, and the user is notified.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::picture_fetcher::{PictureFetchError, PictureFetcher};
use crate::jobs::{EncodedPicture, Failure, InputFetch, JobEvent, JobId, JobStore, StoreError};
use crate::telegram::tasks::Tasks;

/// How many jobs get their pictures at a time.
const CONCURRENCY: usize = 16;
/// How often the store is asked though no event came: what was put off comes due.
const TICK: Duration = Duration::from_secs(2);
/// The first delay after a failure; it doubles each time.
const FIRST_DELAY: Duration = Duration::from_secs(2);
/// After so many failures in a row, some minutes in all, the job fails.
const ATTEMPTS: u32 = 8;

/// Downloads pictures for jobs.
pub(in crate::telegram) struct InputFetcher {
    store: JobStore,
    fetcher: PictureFetcher,
    tasks: Tasks,
    busy: Mutex<HashSet<JobId>>,
}

impl InputFetcher {
    pub(in crate::telegram) fn new(store: JobStore, fetcher: PictureFetcher, tasks: Tasks) -> Self {
        Self { store, fetcher, tasks, busy: Mutex::default() }
    }

    /// Downloads until `stop`.
    pub(in crate::telegram) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut events = self.store.signals.events();
        while !stop.is_cancelled() {
            if let Err(error) = self.begin().await {
                tracing::warn!(%error, "pictures that are to be fetched can not be read from the store");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                is_open = queue_moved(&mut events) => if !is_open { return },
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    async fn begin(self: &Arc<Self>) -> Result<(), StoreError> {
        // Those that are being fetched are still due.
        let limit = CONCURRENCY + self.busy().len();
        for fetch in self.store.inputs.due_fetches(limit as u32).await? {
            let job = fetch.job.id;
            if self.busy().len() < CONCURRENCY && self.busy().insert(job) {
                let fetcher = Arc::clone(self);
                let fetching = async move {
                    let _busy = BusyJob { fetcher: &fetcher, job };
                    if let Err(error) = fetcher.fetch(&fetch).await {
                        tracing::error!(%error, "what was fetched can not be stored");
                        // The job stays due: no haste while the store fails.
                        tokio::time::sleep(FIRST_DELAY).await;
                    }
                };
                self.tasks.spawn_until_stop(fetching.instrument(tracing::info_span!("job", %job)));
            }
        }
        Ok(())
    }

    fn busy(&self) -> MutexGuard<'_, HashSet<JobId>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self, fetch: &InputFetch) -> Result<(), StoreError> {
        let (inputs, job) = (&self.store.inputs, fetch.job.id);
        match self.pictures(fetch).await {
            Ok(pictures) => inputs.store_inputs(job, pictures).await,
            Err(error) => match error.failure() {
                Some(failure) => {
                    tracing::info!(%error, "a job's pictures can not be used");
                    inputs.fail_fetch(job, failure).await
                }
                None if fetch.attempts + 1 >= ATTEMPTS => {
                    tracing::error!(%error, "a job's pictures can not be fetched");
                    inputs.fail_fetch(job, Failure::PictureGone).await
                }
                None => {
                    tracing::warn!(%error, "a job's pictures can not be fetched yet");
                    inputs.postpone_fetch(job, FIRST_DELAY * 2_u32.pow(fetch.attempts.min(6))).await
                }
            },
        }
    }

    async fn pictures(&self, fetch: &InputFetch) -> Result<Vec<EncodedPicture>, PictureFetchError> {
        let mut pictures = Vec::with_capacity(fetch.inputs.len());
        for input in &fetch.inputs {
            let bytes = self.fetcher.input(input).await?;
            let encoded = tokio::task::spawn_blocking(move || EncodedPicture::new(bytes)).await;
            pictures.push(encoded.map_err(|error| PictureFetchError::Passing(error.to_string()))?);
        }
        Ok(pictures)
    }
}

/// A job whose pictures are being fetched; no more when this is dropped, also by a panic.
struct BusyJob<'a> {
    fetcher: &'a InputFetcher,
    job: JobId,
}

impl Drop for BusyJob<'_> {
    fn drop(&mut self) {
        self.fetcher.busy().remove(&self.job);
    }
}

/// Waits until the queue moved, or perhaps did. False if there are no more events.
async fn queue_moved(events: &mut Receiver<JobEvent>) -> bool {
    loop {
        match events.recv().await {
            Ok(JobEvent::QueueMoved) | Err(RecvError::Lagged(_)) => return true,
            Ok(_) => {}
            Err(RecvError::Closed) => return false,
        }
    }
}
