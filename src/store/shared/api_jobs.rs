//! Jobs by the API key that asked for them.

use std::time::Duration;

use async_trait::async_trait;

use super::Store;
use super::clock::{milliseconds, now_ms, time};
use super::rows::{JobRow, SELECT_BY_ID, SELECT_OF_API_KEY, SELECT_RECENT_REQUEST};
use crate::jobs::{ApiJob, ApiJobs, Failure, JobId, Origin, StoreError};

#[async_trait]
impl ApiJobs for Store {
    async fn api_job(&self, key: i64, job: JobId) -> Result<Option<ApiJob>, StoreError> {
        let row: Option<JobRow> = sqlx::query_as(SELECT_BY_ID).bind(job.0).fetch_optional(self.reader()).await?;
        let job = row.map(api_job).transpose()?;
        Ok(job.filter(|job| job.job.origin == Origin::Api(key)))
    }

    async fn api_jobs(&self, key: i64, before: Option<JobId>, limit: u32) -> Result<Vec<ApiJob>, StoreError> {
        let before = before.map_or(i64::MAX, |job| job.0);
        let rows: Vec<JobRow> = sqlx::query_as(SELECT_OF_API_KEY)
            .bind(key)
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await?;
        // A row of another version hides itself, not the others.
        Ok(rows.into_iter().filter_map(|row| api_job(row).ok()).collect())
    }

    async fn recent_request(&self, prefix: &str, within: Duration) -> Result<Option<ApiJob>, StoreError> {
        // From the writer, which has seen every job that was submitted. The semicolon comes after the colon.
        let row: Option<JobRow> = sqlx::query_as(SELECT_RECENT_REQUEST)
            .bind(format!("{prefix}:"))
            .bind(format!("{prefix};"))
            .bind(now_ms().saturating_sub(milliseconds(within)))
            .fetch_optional(self.writer())
            .await?;
        row.map(api_job).transpose()
    }
}

fn api_job(row: JobRow) -> Result<ApiJob, StoreError> {
    let failure = row.failure.as_deref().map(Failure::from_name);
    let created_at = time(row.created_at);
    Ok(ApiJob { job: row.summary()?, failure, created_at })
}
