//! The queue in figures.

use sqlx::FromRow;

use super::SqliteStore;
use super::clock::{milliseconds, now_ms};
use crate::jobs::{Queue, QueueStats, StoreError, Work};
use crate::limits::DAY;

#[derive(Debug, FromRow)]
struct StatsRow {
    users: i64,
    users_today: i64,
    jobs: i64,
    jobs_today: i64,
    waiting: i64,
    running: i64,
    failed: i64,
    failed_today: i64,
}

const STATS: &str = "
    SELECT COUNT(DISTINCT user_id) AS users,
           COUNT(DISTINCT CASE WHEN created_at > $1 THEN user_id END) AS users_today,
           COUNT(*) AS jobs,
           COUNT(CASE WHEN created_at > $1 THEN 1 END) AS jobs_today,
           COUNT(CASE WHEN state = 'queued' THEN 1 END) AS waiting,
           COUNT(CASE WHEN state = 'running' THEN 1 END) AS running,
           COUNT(CASE WHEN state = 'failed' THEN 1 END) AS failed,
           COUNT(CASE WHEN state = 'failed' AND finished_at > $1 THEN 1 END) AS failed_today
    FROM jobs";

/// Failures of the machine since the last picture; a picture that somebody sent and nobody can read is no failure of its.
const FAILURES: &str = "
    SELECT COUNT(*) FROM jobs WHERE state = 'failed' AND failure IN ('engine', 'crashed') AND finished_at >= COALESCE(
        (SELECT MAX(finished_at) FROM jobs WHERE state IN ('drawn', 'delivered')), 0)";

impl SqliteStore {
    pub(super) async fn count(&self) -> Result<QueueStats, StoreError> {
        let day_ago = now_ms().saturating_sub(milliseconds(DAY));
        let row: StatsRow = sqlx::query_as(STATS).bind(day_ago).fetch_one(self.reader()).await?;
        let number = |count: i64| count.max(0).unsigned_abs();
        Ok(QueueStats {
            users: number(row.users),
            users_today: number(row.users_today),
            jobs: number(row.jobs),
            jobs_today: number(row.jobs_today),
            waiting: number(row.waiting),
            running: number(row.running),
            failed: number(row.failed),
            failed_today: number(row.failed_today),
            median: self.pace(Work::Draw).await?,
            disk_bytes: self.disk_bytes().await?,
            is_paused: self.is_paused().await?,
        })
    }

    pub(super) async fn count_failures(&self) -> Result<u64, StoreError> {
        let failures: i64 = sqlx::query_scalar(FAILURES).fetch_one(self.reader()).await?;
        Ok(failures.max(0).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{Failure, WorkQueue};
    use crate::store::sqlite::fixture::Fixture;

    #[tokio::test]
    async fn jobs_and_users_are_counted() {
        let fixture = Fixture::new().await;
        for (user, prompt) in [(1, "a"), (1, "b"), (2, "c"), (2, "d")] {
            fixture.ask(user, prompt).await;
        }
        let drawn = fixture.next().await.unwrap().claim;
        fixture.finish(&drawn, &[]).await;
        let failed = fixture.next().await.unwrap().claim;
        fixture.store.fail(&failed, Failure::Engine).await.unwrap();
        fixture.next().await.unwrap();
        sqlx::query("UPDATE jobs SET created_at = 0, finished_at = 0 WHERE id = $1")
            .bind(failed.job.0)
            .execute(fixture.store.writer())
            .await
            .unwrap();
        let stats = fixture.store.stats().await.unwrap();
        assert_eq!((stats.users, stats.users_today), (2, 2));
        assert_eq!((stats.jobs, stats.jobs_today), (4, 3));
        assert_eq!((stats.waiting, stats.running, stats.failed, stats.failed_today), (1, 1, 1, 0));
        assert!(stats.median.is_some() && stats.disk_bytes > 4096 && !stats.is_paused);
    }

    #[tokio::test]
    async fn failures_in_a_row_are_counted_until_a_picture_succeeds() {
        let fixture = Fixture::new().await;
        for (prompt, failure) in [("a", Failure::Engine), ("b", Failure::Unreadable), ("c", Failure::Crashed)] {
            fixture.ask(1, prompt).await;
            let claim = fixture.next().await.unwrap().claim;
            fixture.store.fail(&claim, failure).await.unwrap();
        }
        assert_eq!(fixture.store.failures_in_a_row().await.unwrap(), 2);
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        fixture.ask(1, "d").await;
        let claim = fixture.next().await.unwrap().claim;
        fixture.finish(&claim, &[]).await;
        assert_eq!(fixture.store.failures_in_a_row().await.unwrap(), 0);
    }
}
