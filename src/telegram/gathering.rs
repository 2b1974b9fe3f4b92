//! Fetches the pictures of jobs that wait for them.
//!
//! The queue keeps which they are, so a restart forgets none; what can not be fetched now is put off, longer each time,
//! and what can never be fetched ends the job with a word to the person.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::fetching::{FetchError, Fetcher};
use crate::jobs::{Failure, Gathering, JobId, QueueError};

/// How many jobs are looked at together.
const BATCH: u32 = 16;
/// How often the queue is asked though no news came.
const TICK: Duration = Duration::from_secs(2);
const FIRST_DELAY: Duration = Duration::from_secs(2);
/// After so many failures in a row, some minutes in all, the person is told.
const ATTEMPTS: u32 = 8;

/// Fetches pictures for jobs.
pub(super) struct Gatherer {
    fetcher: Fetcher,
    busy: Mutex<HashSet<JobId>>,
}

impl Gatherer {
    pub(super) fn new(fetcher: Fetcher) -> Self {
        Self { fetcher, busy: Mutex::default() }
    }

    /// Fetches until `stop` turns true.
    pub(super) async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut news = self.fetcher.queue.events();
        let mut tasks = JoinSet::new();
        while !*stop.borrow() {
            while tasks.try_join_next().is_some() {}
            if let Err(error) = self.begin(&mut tasks).await {
                tracing::warn!(%error, "the queue can not be asked for pictures to fetch");
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => {}
                event = news.recv() => if event == Err(RecvError::Closed) { return },
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    async fn begin(self: &Arc<Self>, tasks: &mut JoinSet<()>) -> Result<(), QueueError> {
        for gathering in self.fetcher.queue.to_gather(BATCH).await? {
            let job = gathering.job.id;
            if self.busy().insert(job) {
                let gatherer = Arc::clone(self);
                tasks.spawn(async move {
                    if let Err(error) = gatherer.gather(&gathering).await {
                        tracing::error!(%job, %error, "what was fetched can not be stored");
                    }
                    gatherer.busy().remove(&job);
                });
            }
        }
        Ok(())
    }

    fn busy(&self) -> std::sync::MutexGuard<'_, HashSet<JobId>> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn gather(&self, gathering: &Gathering) -> Result<(), QueueError> {
        let (queue, job) = (&self.fetcher.queue, gathering.job.id);
        match self.fetch(gathering).await {
            Ok(pictures) => queue.gathered(job, pictures).await,
            Err(error) => match error.failure() {
                Some(failure) => {
                    tracing::info!(%job, %error, "a job's pictures can not be used");
                    queue.fail_gathering(job, failure).await
                }
                None if gathering.attempts + 1 >= ATTEMPTS => {
                    tracing::error!(%job, %error, "a job's pictures can not be fetched");
                    queue.fail_gathering(job, Failure::PictureGone).await
                }
                None => {
                    tracing::warn!(%job, %error, "a job's pictures can not be fetched yet");
                    queue.gather_later(job, FIRST_DELAY * 2_u32.pow(gathering.attempts.min(6))).await
                }
            },
        }
    }

    async fn fetch(&self, gathering: &Gathering) -> Result<Vec<Vec<u8>>, FetchError> {
        let mut pictures = Vec::with_capacity(gathering.inputs.len());
        for input in &gathering.inputs {
            pictures.push(self.fetcher.input(input).await?);
        }
        Ok(pictures)
    }
}
