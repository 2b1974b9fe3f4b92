//! The queue, as those see it who ask for pictures, and as the worker sees it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::broadcast;

use super::{
    CancelOutcome, Claim, ClaimedJob, EncodedPicture, Failure, Heartbeat, JobEvent, JobId, JobSummary, LeaseStatus,
    NewJob, QueuePosition, QueueStats, Requester, StoreError, Submission, UpdateOutcome, Warnings,
};
use crate::limits::Limits;
use crate::recipe::Recipe;

/// Jobs that wait or run.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Writes a job, its input pictures and what else the request changes, in one transaction; when this returns, they survive
    /// a crash. The same request key twice gives the first job. If the job would pass a limit, nothing is written.
    async fn submit(&self, job: NewJob, limits: &Limits, with: UpdateOutcome) -> Result<Submission, StoreError>;

    /// Cancels a job on behalf of the user who asked for it.
    async fn cancel(&self, job: JobId, by: Requester) -> Result<CancelOutcome, StoreError>;

    /// Cancels what waits for a chat. Returns how many jobs that were.
    async fn cancel_chat(&self, chat_id: i64) -> Result<u64, StoreError>;

    /// The job, if there is one.
    async fn job(&self, job: JobId) -> Result<Option<JobSummary>, StoreError>;

    /// All jobs that wait or run, in the order in which they will be served. It reads every recipe: for rare occasions.
    async fn pending(&self) -> Result<Vec<JobSummary>, StoreError>;

    /// A user's jobs that wait or run, in the order in which they will be served.
    async fn pending_of(&self, user: Requester) -> Result<Vec<(JobSummary, Option<QueuePosition>)>, StoreError>;

    /// How many jobs wait or run.
    async fn pending_count(&self) -> Result<u64, StoreError>;

    /// The positions of all jobs that wait or run.
    async fn positions(&self) -> Result<HashMap<JobId, QueuePosition>, StoreError>;

    /// The position of a job; `None` once it has ended.
    async fn position(&self, job: JobId) -> Result<Option<QueuePosition>, StoreError>;

    /// Whether the owner has paused the queue.
    async fn is_paused(&self) -> Result<bool, StoreError>;

    /// Hands out no jobs from now on, or does again. Running jobs go on; a restart changes nothing.
    async fn set_paused(&self, is_paused: bool) -> Result<(), StoreError>;

    /// The queue in figures.
    async fn stats(&self) -> Result<QueueStats, StoreError>;

    /// How many jobs failed through no fault of their users since the last picture.
    async fn failures_in_a_row(&self) -> Result<u64, StoreError>;
}

/// The worker's side of the queue.
#[async_trait]
pub trait WorkQueue: Signals {
    /// The next job in fair order: the user who was served longest ago first, then the oldest job. `None` if no job waits.
    async fn claim(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedJob>, StoreError>;

    /// Reports progress and renews the lease; the answer says whether to continue.
    async fn heartbeat(&self, claim: &Claim, heartbeat: Heartbeat, lease: Duration) -> Result<LeaseStatus, StoreError>;

    /// Stores the recipe as it was drawn: with what the worker added to it. Nothing is written if the claim is no longer valid.
    async fn set_recipe(&self, claim: &Claim, recipe: &Recipe) -> Result<(), StoreError>;

    /// Stores the pictures with what the worker noticed about them and marks the job drawn. Nothing is written if the claim is
    /// no longer valid; the status says so.
    async fn finish(
        &self,
        claim: &Claim,
        pictures: Vec<EncodedPicture>,
        warnings: &Warnings,
    ) -> Result<LeaseStatus, StoreError>;

    /// Marks the job failed. Nothing is written if the claim is no longer valid.
    async fn fail(&self, claim: &Claim, failure: Failure) -> Result<LeaseStatus, StoreError>;

    /// Gives the job back unfinished, because the program ends; the attempt does not count.
    async fn release(&self, claim: &Claim) -> Result<(), StoreError>;

    /// Gives the job back after an error, to be drawn again; the attempt counts.
    async fn retry(&self, claim: &Claim) -> Result<(), StoreError>;
}

/// News that are kept in memory: they end with the process.
pub trait Signals: Send + Sync {
    /// Events from now on.
    fn events(&self) -> broadcast::Receiver<JobEvent>;

    /// The newest preview (JPEG) of a running job; [`JobEvent::Progress`] says that there may be another. The same preview
    /// twice is the same allocation.
    fn preview(&self, job: JobId) -> Option<Bytes>;

    /// Whether the worker's model is being loaded; waiting users are notified. At first it is not.
    fn set_loading(&self, is_loading: bool);

    /// Whether the worker translates Russian texts. At first, and while its model is being loaded, it does not.
    fn translates(&self) -> bool;

    /// The worker translates Russian texts from now on, or does not.
    fn set_translates(&self, translates: bool);
}

/// The traits of one store, by who calls them. Cheap to clone.
#[derive(Clone)]
pub struct JobStore {
    /// Jobs that wait or run.
    pub queue: Arc<dyn Queue>,
    /// Updates that are not yet handled.
    pub inbox: Arc<dyn super::Inbox>,
    /// What has to be sent.
    pub outbox: Arc<dyn super::Outbox>,
    /// Input pictures that have to be fetched.
    pub inputs: Arc<dyn super::Inputs>,
    /// Pictures and history.
    pub archive: Arc<dyn super::Archive>,
    /// Events and previews.
    pub signals: Arc<dyn Signals>,
}

impl<S> From<Arc<S>> for JobStore
where
    S: Queue + super::Inbox + super::Outbox + super::Inputs + super::Archive + Signals + 'static,
{
    fn from(store: Arc<S>) -> Self {
        Self {
            queue: Arc::clone(&store) as _,
            inbox: Arc::clone(&store) as _,
            outbox: Arc::clone(&store) as _,
            inputs: Arc::clone(&store) as _,
            archive: Arc::clone(&store) as _,
            signals: store,
        }
    }
}
