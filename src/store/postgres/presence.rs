//! Which processes live. What a process that fell silent was drawing waits again.

use std::collections::BTreeMap;
use std::time::Duration;

use super::PostgresStore;
use super::clock::now_ms;
use super::dialect::{Connection, lock};
use crate::jobs::{Failure, JobEvent, JobId, StoreError};

/// How often a process notes that it lives, and looks for those that do not.
const INTERVAL: Duration = Duration::from_secs(5);
/// A job that was drawn alone each time that its process died, so many times in a row, takes it down; it is given up.
const MAX_LONE_CRASHES: i64 = 5;
/// A job that was among those being drawn so many times that a process died is given up, whoever is at fault.
const MAX_CRASHES: i64 = 20;

/// Whether some process fell silent, or a running job has none.
const SOMEBODY_IS_GONE: &str = "
    SELECT EXISTS (SELECT 1 FROM processes WHERE NOT is_alive(id))
        OR EXISTS (SELECT 1 FROM jobs WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM processes WHERE id = process))";

/// Running jobs whose processes are gone.
const ORPHANS: &str = "
    SELECT id, COALESCE(process, '') FROM jobs
    WHERE state = 'running' AND NOT EXISTS (SELECT 1 FROM processes WHERE id = process) ORDER BY id FOR NO KEY UPDATE";

impl PostgresStore {
    /// Notes every few seconds that this process lives, and takes back what dead ones were drawing, for ever.
    pub(super) async fn keep_presence(self) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let done = async {
                self.note_presence().await?;
                self.rescue().await
            };
            if let Err(error) = done.await {
                tracing::warn!(%error, "the database can not be told that this process lives");
            }
        }
    }

    /// Notes that this process lives.
    pub(super) async fn note_presence(&self) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO processes (id, seen_at) VALUES ($1, now_ms())
             ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
        )
        .bind(&*self.process)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// This process ends in order.
    pub(super) async fn leave(&self) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM processes WHERE id = $1").bind(&*self.process).execute(&self.pool).await?;
        Ok(())
    }

    /// What was put off by processes that are gone is due.
    pub(super) async fn make_due(&self) -> Result<(), StoreError> {
        for statement in [
            "UPDATE jobs SET deliver_after = 0 WHERE delivered_at IS NULL AND state IN ('drawn', 'failed')
                AND chat_id IS NOT NULL AND deliver_after > 0 AND NOT is_from_editor
                AND (delivery_process IS NULL OR NOT is_alive(delivery_process))",
            "UPDATE jobs SET fetch_after = 0 WHERE pending_inputs IS NOT NULL AND state = 'queued' AND fetch_after > 0
                AND (fetch_process IS NULL OR NOT is_alive(fetch_process))",
        ] {
            sqlx::query(statement).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// What dead processes were drawing waits again. The progress stays, until the job is claimed again: its user sees that it
    /// was interrupted.
    pub(super) async fn rescue(&self) -> Result<(), StoreError> {
        let is_needed: bool = sqlx::query_scalar(SOMEBODY_IS_GONE).fetch_one(&self.pool).await?;
        if !is_needed {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        lock(&mut transaction, "rescue".to_owned()).await?;
        sqlx::query("DELETE FROM processes WHERE NOT is_alive(id)").execute(&mut *transaction).await?;
        let orphans: Vec<(i64, String)> = sqlx::query_as(ORPHANS).fetch_all(&mut *transaction).await?;
        let mut by_process: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        for (job, process) in orphans {
            by_process.entry(process).or_default().push(job);
        }
        let mut ended = Vec::new();
        for jobs in by_process.values() {
            ended.extend(requeue(&mut transaction, jobs).await?);
        }
        transaction.commit().await?;
        for job in ended {
            self.events.send(JobEvent::Ended(JobId(job)));
        }
        if !by_process.is_empty() {
            self.queue_moved();
        }
        Ok(())
    }
}

/// Counts the death of a process for the jobs that it was drawing, and gives their attempts back: most often the machine is at
/// fault, not a job. A job counts its lonely crashes only as long as no other was drawn in one. What has too many has failed, what
/// was cancelled has ended, the rest waits again. Returns the jobs that have ended.
async fn requeue(connection: &mut Connection, jobs: &[i64]) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query("UPDATE jobs SET lone_crashes = 0 WHERE state = 'queued' AND lone_crashes > 0")
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE jobs SET attempts = GREATEST(attempts - 1, 0), crashes = crashes + 1,
            lone_crashes = CASE WHEN $2 THEN lone_crashes + 1 ELSE 0 END
         WHERE id = ANY ($1)",
    )
    .bind(jobs)
    .bind(jobs.len() == 1)
    .execute(&mut *connection)
    .await?;
    let ended: Vec<i64> = sqlx::query_scalar(
        "UPDATE jobs SET finished_at = $2, lease_until = NULL,
            state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'failed' END,
            failure = CASE WHEN NOT cancel_requested THEN $3 END
         WHERE id = ANY ($1) AND (cancel_requested OR lone_crashes >= $4 OR crashes >= $5) RETURNING id",
    )
    .bind(jobs)
    .bind(now_ms())
    .bind(Failure::Crashed.name())
    .bind(MAX_LONE_CRASHES)
    .bind(MAX_CRASHES)
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE jobs SET state = 'queued', worker = NULL, process = NULL, lease_until = NULL
         WHERE id = ANY ($1) AND state = 'running'",
    )
    .bind(jobs)
    .execute(connection)
    .await?;
    Ok(ended)
}
