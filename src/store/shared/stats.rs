//! The queue in figures.

use sqlx::FromRow;

use super::Store;
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

impl Store {
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
