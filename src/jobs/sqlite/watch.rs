//! What the owner sees and stops: figures, failures in a row, the pause.

use sqlx::FromRow;

use super::super::{Census, Claim, JobEvent, QueueError, Remarks};
use super::{SqliteQueue, milliseconds};
use crate::database::now_ms;
use crate::limits::DAY;

#[derive(Debug, FromRow)]
struct CensusRow {
    people: i64,
    people_today: i64,
    jobs: i64,
    jobs_today: i64,
    waiting: i64,
    running: i64,
    failed: i64,
    failed_today: i64,
}

const CENSUS: &str = "
    SELECT COUNT(DISTINCT user_id) AS people,
           COUNT(DISTINCT CASE WHEN created_at > $1 THEN user_id END) AS people_today,
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

impl SqliteQueue {
    pub(super) async fn count(&self) -> Result<Census, QueueError> {
        let day_ago = now_ms().saturating_sub(milliseconds(DAY));
        let row: CensusRow = sqlx::query_as(CENSUS).bind(day_ago).fetch_one(&self.reader).await?;
        let number = |count: i64| count.max(0).unsigned_abs();
        Ok(Census {
            people: number(row.people),
            people_today: number(row.people_today),
            jobs: number(row.jobs),
            jobs_today: number(row.jobs_today),
            waiting: number(row.waiting),
            running: number(row.running),
            failed: number(row.failed),
            failed_today: number(row.failed_today),
            median: self.pace().await?,
            disk_bytes: self.disk_bytes().await?,
            is_paused: self.paused().await?,
        })
    }

    pub(super) async fn count_failures(&self) -> Result<u64, QueueError> {
        let failures: i64 = sqlx::query_scalar(FAILURES).fetch_one(&self.reader).await?;
        Ok(failures.max(0).unsigned_abs())
    }

    pub(super) async fn paused(&self) -> Result<bool, QueueError> {
        Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM house WHERE key = 'paused')")
            .fetch_one(&self.reader)
            .await?)
    }

    pub(super) async fn pause(&self, is_paused: bool) -> Result<(), QueueError> {
        let statement = match is_paused {
            true => "INSERT INTO house (key, value) VALUES ('paused', '') ON CONFLICT DO NOTHING",
            false => "DELETE FROM house WHERE key = 'paused'",
        };
        sqlx::query(statement).execute(&self.writer).await?;
        self.events.send(JobEvent::PauseChanged);
        self.moved();
        Ok(())
    }

    pub(super) async fn write_remarks(&self, claim: &Claim, remarks: &Remarks) -> Result<(), QueueError> {
        let text = serde_json::to_string(remarks)
            .map_err(|error| QueueError::Unreadable { job: claim.job, reason: error.to_string() })?;
        sqlx::query(
            "UPDATE jobs SET remarks = $4 WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        )
        .bind(claim.job.0)
        .bind(&claim.worker)
        .bind(claim.attempt)
        .bind(text)
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::sqlite::tests::House;
    use crate::jobs::{Failure, JobQueue};

    #[tokio::test]
    async fn while_paused_jobs_are_kept_and_not_drawn_even_after_a_restart() {
        let house = House::new().await;
        house.queue.set_paused(true).await.unwrap();
        let job = house.ask(1, "a").await;
        assert!(house.next().await.is_none());
        assert!(house.queue.place(job).await.unwrap().unwrap().is_paused);
        let house = house.restart().await;
        assert!(house.queue.is_paused().await.unwrap());
        assert!(house.next().await.is_none());
        house.queue.set_paused(false).await.unwrap();
        assert!(!house.queue.place(job).await.unwrap().unwrap().is_paused);
        assert_eq!(house.next().await.unwrap().claim.job, job);
    }

    #[tokio::test]
    async fn jobs_and_people_are_counted() {
        let house = House::new().await;
        for (user, prompt) in [(1, "a"), (1, "b"), (2, "c"), (2, "d")] {
            house.ask(user, prompt).await;
        }
        let drawn = house.next().await.unwrap().claim;
        house.queue.finish(&drawn, vec![]).await.unwrap();
        let failed = house.next().await.unwrap().claim;
        house.queue.fail(&failed, Failure::Engine).await.unwrap();
        house.next().await.unwrap();
        sqlx::query("UPDATE jobs SET created_at = 0, finished_at = 0 WHERE id = $1")
            .bind(failed.job.0)
            .execute(&house.database.writer)
            .await
            .unwrap();
        let census = house.queue.census().await.unwrap();
        assert_eq!((census.people, census.people_today), (2, 2));
        assert_eq!((census.jobs, census.jobs_today), (4, 3));
        assert_eq!((census.waiting, census.running, census.failed, census.failed_today), (1, 1, 1, 0));
        assert!(census.median.is_some() && census.disk_bytes > 4096 && !census.is_paused);
    }

    #[tokio::test]
    async fn failures_in_a_row_are_counted_until_a_picture_succeeds() {
        let house = House::new().await;
        for (prompt, failure) in [("a", Failure::Engine), ("b", Failure::Unreadable), ("c", Failure::Crashed)] {
            house.ask(1, prompt).await;
            let claim = house.next().await.unwrap().claim;
            house.queue.fail(&claim, failure).await.unwrap();
        }
        assert_eq!(house.queue.failures_in_a_row().await.unwrap(), 2);
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        house.ask(1, "d").await;
        let claim = house.next().await.unwrap().claim;
        house.queue.finish(&claim, vec![]).await.unwrap();
        assert_eq!(house.queue.failures_in_a_row().await.unwrap(), 0);
    }

    #[tokio::test]
    async fn what_the_worker_remarks_stays_with_the_job() {
        let house = House::new().await;
        let job = house.ask(1, "a").await;
        let claim = house.next().await.unwrap().claim;
        let remarks = Remarks { doubtful: vec![1], unread: Some("конец".to_owned()) };
        house.queue.remark(&claim, &remarks).await.unwrap();
        house.queue.finish(&claim, vec![vec![1]]).await.unwrap();
        assert_eq!(house.queue.untold(1).await.unwrap()[0].job.remarks, remarks);
        assert_eq!(house.queue.job(job).await.unwrap().unwrap().remarks, remarks);
    }
}
