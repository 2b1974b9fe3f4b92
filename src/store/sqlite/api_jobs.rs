//! Jobs by the API key that asked for them.

use std::time::Duration;

use async_trait::async_trait;

use super::SqliteStore;
use super::clock::{milliseconds, now_ms, time};
use super::rows::{JobRow, SELECT_BY_ID, SELECT_OF_API_KEY, SELECT_RECENT_REQUEST};
use crate::jobs::{ApiJob, ApiJobs, Failure, JobId, Origin, StoreError};

#[async_trait]
impl ApiJobs for SqliteStore {
    async fn api_job(&self, key: i64, job: JobId) -> Result<Option<ApiJob>, StoreError> {
        let row: Option<JobRow> = sqlx::query_as(SELECT_BY_ID).bind(job.0).fetch_optional(self.reader()).await?;
        let job = row.map(api_job).transpose()?;
        Ok(job.filter(|job| job.job.origin == Origin::Api(key)))
    }

    async fn api_jobs(&self, key: i64, before: Option<JobId>, limit: u32) -> Result<Vec<ApiJob>, StoreError> {
        let before = before.map_or(i64::MAX, |job| job.0);
        let rows: Vec<JobRow> =
            sqlx::query_as(SELECT_OF_API_KEY).bind(key).bind(before).bind(limit).fetch_all(self.reader()).await?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{JobState, NewJob, Outbox, Queue, Requester, WorkQueue};
    use crate::store::sqlite::fixture::{Fixture, new_job};

    fn asked_by(key: i64, request_key: &str) -> NewJob {
        NewJob { origin: Origin::Api(key), request_key: request_key.to_owned(), ..new_job(-key, "a") }
    }

    #[tokio::test]
    async fn a_key_sees_its_own_jobs_newest_first() {
        let fixture = Fixture::new().await;
        let mine = fixture.submit(asked_by(1, "r:1")).await;
        let other = fixture.submit(asked_by(2, "r:2")).await;
        let newer = fixture.submit(asked_by(1, "r:3")).await;
        let ids = |jobs: Vec<ApiJob>| jobs.iter().map(|job| job.job.id).collect::<Vec<_>>();
        assert_eq!(ids(fixture.store.api_jobs(1, None, 10).await.unwrap()), [newer, mine]);
        assert_eq!(ids(fixture.store.api_jobs(1, Some(newer), 10).await.unwrap()), [mine]);
        assert_eq!(fixture.store.api_job(1, other).await.unwrap(), None);
        let chat = fixture.ask(7, "b").await;
        assert_eq!(fixture.store.api_job(1, chat).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_request_is_found_again_unless_its_job_failed() {
        let fixture = Fixture::new().await;
        let first = fixture.submit(asked_by(1, "api:1:abc:x")).await;
        fixture.submit(asked_by(1, "api:1:abcd:x")).await;
        let minute = Duration::from_secs(60);
        let found = async |prefix| fixture.store.recent_request(prefix, minute).await.unwrap().map(|job| job.job.id);
        assert_eq!(found("api:1:abc").await, Some(first));
        assert_eq!(found("api:1:ab").await, None);
        let claim = fixture.next().await.unwrap().claim;
        fixture.store.fail(&claim, Failure::Engine).await.unwrap();
        assert_eq!(found("api:1:abc").await, None);
        let failed = fixture.store.api_job(1, first).await.unwrap().unwrap();
        assert_eq!((failed.job.state, failed.failure), (JobState::Failed, Some(Failure::Engine)));
        fixture.store.execute("UPDATE jobs SET created_at = created_at - 61000").await;
        assert_eq!(found("api:1:abcd").await, None, "that was long ago");
    }

    #[tokio::test]
    async fn fetched_pictures_are_delivered_and_previews_are_drawn() {
        let fixture = Fixture::new().await;
        let job = fixture.submit(asked_by(1, "r:1")).await;
        let claimed = fixture.next().await.unwrap();
        assert!(claimed.previews, "a program may look on");
        fixture.finish(&claimed.claim, &[b"a"]).await;
        assert!(fixture.store.due_deliveries(&[], 10).await.unwrap().is_empty(), "nobody sends them");
        fixture.store.mark_delivered(job, &[]).await.unwrap();
        assert_eq!(fixture.state(job).await, JobState::Delivered);
        assert!(fixture.store.pending_of(Requester(-1)).await.unwrap().is_empty());
    }
}
