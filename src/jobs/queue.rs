//! The seam between the queue and everybody who uses it.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::{
    CancelOutcome, Claim, ClaimedJob, Failure, JobEvent, JobId, JobSummary, NewJob, Place, QueueError, Report,
    Requester, Submission, Telling, Verdict,
};
use crate::limits::Limits;

/// A queue of jobs. [`super::SqliteQueue`] is the one that there is; another database would be a second implementation.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Writes a job and its input pictures; when this returns, the job survives a crash. The same request key twice gives
    /// the first job.
    async fn submit(&self, job: NewJob) -> Result<JobId, QueueError> {
        match self.submit_within(job, &Limits::NONE).await? {
            Submission::Queued(job) => Ok(job),
            Submission::OverLimit(over) => Err(QueueError::Limit(over)),
        }
    }

    /// The same, unless the job would pass a limit; then nothing is written.
    async fn submit_within(&self, job: NewJob, limits: &Limits) -> Result<Submission, QueueError>;

    /// Remembers the message that tells about the job.
    async fn set_status_message(&self, job: JobId, message_id: i32) -> Result<(), QueueError>;

    /// The next job by fair turns: whoever was served longest ago first, then the oldest job. `None` if nobody waits.
    async fn claim(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedJob>, QueueError>;

    /// Progress and heartbeat; the answer says whether to go on.
    async fn report(&self, claim: &Claim, report: Report, lease: Duration) -> Result<Verdict, QueueError>;

    /// Stores the pictures and marks the job drawn. Nothing is written if the claim is no longer valid; the verdict says so.
    async fn finish(&self, claim: &Claim, pictures: Vec<Vec<u8>>) -> Result<Verdict, QueueError>;

    /// Marks the job failed. Nothing is written if the claim is no longer valid.
    async fn fail(&self, claim: &Claim, failure: Failure) -> Result<Verdict, QueueError>;

    /// Gives the job back unfinished, to be drawn again later (the program ends).
    async fn release(&self, claim: &Claim) -> Result<(), QueueError>;

    /// Calls a job off on behalf of the person who asked for it.
    async fn cancel(&self, job: JobId, by: Requester) -> Result<CancelOutcome, QueueError>;

    /// The job, if there is one.
    async fn job(&self, job: JobId) -> Result<Option<JobSummary>, QueueError>;

    /// All jobs that wait or run, in the order in which they will be served.
    async fn waiting(&self) -> Result<Vec<JobSummary>, QueueError>;

    /// Where a job stands; `None` once it has ended.
    async fn place(&self, job: JobId) -> Result<Option<Place>, QueueError>;

    /// The pictures of a drawn job, encoded as PNG, in the order of their seeds; empty before and when they were removed.
    async fn pictures(&self, job: JobId) -> Result<Vec<Vec<u8>>, QueueError>;

    /// Endings that people have to be told about and whose time has come, oldest first.
    async fn untold(&self, limit: u32) -> Result<Vec<Telling>, QueueError>;

    /// The person was told: a drawn job becomes delivered.
    async fn told(&self, job: JobId) -> Result<(), QueueError>;

    /// Telling failed; try again after the delay.
    async fn tell_later(&self, job: JobId, delay: Duration) -> Result<(), QueueError>;

    /// News from now on.
    fn events(&self) -> broadcast::Receiver<JobEvent>;
}
