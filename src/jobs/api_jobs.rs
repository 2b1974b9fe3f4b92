//! Jobs of programs that ask over HTTP.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use super::{Failure, JobId, JobSummary, StoreError};

/// A job as the program that asked for it sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiJob {
    /// The job.
    pub job: JobSummary,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When it was asked for.
    pub created_at: SystemTime,
}

/// Jobs by the API key that asked for them. [`super::Outbox::mark_delivered`] notes that a program has got the pictures.
#[async_trait]
pub trait ApiJobs: Send + Sync {
    /// A job of this key; `None` for those of others.
    async fn api_job(&self, key: i64, job: JobId) -> Result<Option<ApiJob>, StoreError>;

    /// The newest jobs of a key, from before a job on.
    async fn api_jobs(&self, key: i64, before: Option<JobId>, limit: u32) -> Result<Vec<ApiJob>, StoreError>;

    /// The newest job whose request key is this prefix, a colon and anything, and that was asked for within this time; without
    /// those that failed or were cancelled.
    async fn recent_request(&self, prefix: &str, within: Duration) -> Result<Option<ApiJob>, StoreError>;
}
