//! The archive: pictures and history of jobs that have ended.

use async_trait::async_trait;
use bytes::Bytes;

use super::{
    DeliveredJob, DeliveredMessage, JobId, JobSummary, PictureInfo, Requester, Retention, RetentionReport, StoreError,
};

/// Pictures and history.
#[async_trait]
pub trait Archive: Send + Sync {
    /// The sizes of a drawn job's pictures, in the order of their seeds; empty before it is drawn and once they were removed.
    async fn picture_infos(&self, job: JobId) -> Result<Vec<PictureInfo>, StoreError>;

    /// One picture of a drawn job, PNG, by its place in the order of the seeds (from 0).
    async fn picture(&self, job: JobId, index: u32) -> Result<Option<Bytes>, StoreError>;

    /// The job whose picture a message shows, and which of its pictures; `None` for other messages.
    async fn job_of_message(&self, chat: i64, message: i32) -> Result<Option<(JobId, Option<u32>)>, StoreError>;

    /// A user's delivered jobs, latest first, from before a job on: those of one chat, or all. Descriptions are left out: they
    /// have no pictures.
    async fn recent(
        &self,
        user: Requester,
        chat: Option<i64>,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<DeliveredJob>, StoreError>;

    /// Removes a job's pictures for good. Returns the messages that show them.
    async fn remove(&self, job: JobId) -> Result<Vec<DeliveredMessage>, StoreError>;

    /// Gives a job a name for links, or returns the one that it has; `None` if there is no such job.
    async fn share(&self, job: JobId, token: &str) -> Result<Option<String>, StoreError>;

    /// The job with this name.
    async fn shared(&self, token: &str) -> Result<Option<JobSummary>, StoreError>;

    /// Deletes pictures that are kept no longer and gives their room back.
    async fn sweep(&self, retention: &Retention) -> Result<RetentionReport, StoreError>;

    /// Deletes everything about a user in one transaction: jobs, pictures that no other job needs, the state of the private
    /// chat and what the user was composing in groups. Returns the jobs among them that waited or ran. `keep_usage` keeps for
    /// a day when the jobs were asked for, so that limits can not be passed this way.
    async fn forget(&self, user: Requester, keep_usage: bool) -> Result<Vec<JobSummary>, StoreError>;

    /// A group has another number: its jobs, state and ban move in one transaction. Returns how many jobs there are.
    async fn move_chat(&self, from: i64, to: i64) -> Result<u64, StoreError>;
}
