//! The seam between the queue and everybody who uses it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::{
    CancelOutcome, Census, Claim, ClaimedJob, Delivered, DeliveredJob, Failure, Gathering, JobEvent, JobId, JobSummary,
    Keeping, NewJob, Place, QueueError, Remarks, Report, Requester, Submission, Swept, Telling, Verdict,
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

    /// Gives the job back after a stumble, to be drawn again; the attempt counts.
    async fn try_again(&self, claim: &Claim) -> Result<(), QueueError>;

    /// Calls a job off on behalf of the person who asked for it.
    async fn cancel(&self, job: JobId, by: Requester) -> Result<CancelOutcome, QueueError>;

    /// The job, if there is one.
    async fn job(&self, job: JobId) -> Result<Option<JobSummary>, QueueError>;

    /// All jobs that wait or run, in the order in which they will be served.
    async fn waiting(&self) -> Result<Vec<JobSummary>, QueueError>;

    /// All jobs that wait or run with where they stand, in the order in which they will be served.
    async fn places(&self) -> Result<Vec<(JobSummary, Place)>, QueueError>;

    /// Where a job stands; `None` once it has ended.
    async fn place(&self, job: JobId) -> Result<Option<Place>, QueueError>;

    /// The pictures of a drawn job, encoded as PNG, in the order of their seeds; empty before and when they were removed.
    async fn pictures(&self, job: JobId) -> Result<Vec<Vec<u8>>, QueueError>;

    /// Endings that people have to be told about and whose time has come, oldest first.
    async fn untold(&self, limit: u32) -> Result<Vec<Telling>, QueueError>;

    /// The person was told, in these messages: a drawn job becomes delivered.
    async fn told(&self, job: JobId, messages: &[Delivered]) -> Result<(), QueueError>;

    /// A part of it was told, in these messages: what comes later need not say it again.
    async fn told_partly(&self, job: JobId, messages: &[Delivered]) -> Result<(), QueueError>;

    /// Telling failed; try again after the delay.
    async fn tell_later(&self, job: JobId, delay: Duration) -> Result<(), QueueError>;

    /// Jobs whose pictures are yet to be fetched and whose time has come, oldest first. Nobody claims them before.
    async fn to_gather(&self, limit: u32) -> Result<Vec<Gathering>, QueueError>;

    /// The encoded pictures of such a job, in the order of the recipe: it can be claimed now.
    async fn gathered(&self, job: JobId, pictures: Vec<Vec<u8>>) -> Result<(), QueueError>;

    /// Fetching failed; try again after the delay.
    async fn gather_later(&self, job: JobId, delay: Duration) -> Result<(), QueueError>;

    /// The pictures can not be fetched: the job fails.
    async fn fail_gathering(&self, job: JobId, failure: Failure) -> Result<(), QueueError>;

    /// The job whose picture a message shows, and which of its pictures; `None` for other messages.
    async fn job_of_message(&self, chat: i64, message: i32) -> Result<Option<(JobId, Option<u32>)>, QueueError>;

    /// A person's delivered jobs, latest first, from before a job on.
    async fn recent(
        &self,
        person: Requester,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<DeliveredJob>, QueueError>;

    /// Removes a job's pictures for good; the messages that show them.
    async fn remove(&self, job: JobId) -> Result<Vec<Delivered>, QueueError>;

    /// Gives a job a name for links, or tells the one that it has; `None` if there is no such job.
    async fn share(&self, job: JobId, token: &str) -> Result<Option<String>, QueueError>;

    /// The job with this name.
    async fn shared(&self, token: &str) -> Result<Option<JobSummary>, QueueError>;

    /// The newest preview (JPEG) of a job that is being drawn; a [`JobEvent::Progress`] tells that there may be another.
    fn preview(&self, job: JobId) -> Option<Arc<Vec<u8>>>;

    /// Keeps what the worker remarks about its pictures, before it finishes. Nothing is written if the claim is no longer
    /// valid.
    async fn remark(&self, claim: &Claim, remarks: &Remarks) -> Result<(), QueueError>;

    /// Whether nothing is handed out, by the owner's wish.
    async fn is_paused(&self) -> Result<bool, QueueError>;

    /// Hands nothing out from now on, or does again. What runs goes on; a restart changes nothing.
    async fn set_paused(&self, is_paused: bool) -> Result<(), QueueError>;

    /// Whether the worker's model is being loaded; whoever waits is told so. At first it is not.
    fn set_loading(&self, is_loading: bool);

    /// The queue in figures.
    async fn census(&self) -> Result<Census, QueueError>;

    /// How many jobs the machine failed to draw since its last picture.
    async fn failures_in_a_row(&self) -> Result<u64, QueueError>;

    /// Deletes pictures that are kept no longer and gives their room back.
    async fn sweep(&self, keeping: &Keeping) -> Result<Swept, QueueError>;

    /// Deletes everything about a person's jobs, those that wait or run among them, which are returned. `keep_times` keeps
    /// for a day when they were asked for, so that limits can not be passed this way.
    async fn forget(&self, person: Requester, keep_times: bool) -> Result<Vec<JobSummary>, QueueError>;

    /// A group has another number: its jobs go there. How many there are.
    async fn move_chat(&self, from: i64, to: i64) -> Result<u64, QueueError>;

    /// Nobody reads a chat any more: calls off what waits for it. How many jobs that were.
    async fn abandon(&self, chat_id: i64) -> Result<u64, QueueError>;

    /// News from now on.
    fn events(&self) -> broadcast::Receiver<JobEvent>;
}
