//! Claims and heartbeats, and what a process that was killed leaves.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::SqliteStore;
use super::clock::{milliseconds, now_ms};
use super::dialect::Connection;
use super::work_queue::ClaimedRow;
use crate::jobs::{Claim, Failure, Heartbeat, StoreError};

/// A job that was drawn alone each time that the process died, so many times in a row, takes it down; it is given up.
const MAX_LONE_CRASHES: i64 = 5;
/// A job that was among those being drawn so many times that the process died is given up, whoever is at fault: otherwise one
/// that takes the process down beside others would do so for ever.
const MAX_CRASHES: i64 = 20;

/// Milliseconds between two looks for expired leases while there is work.
const LEASE_CHECK_MS: i64 = 1_000;

/// Jobs whose worker has been silent for longer than its lease wait again.
const REQUEUE_EXPIRED: &str = "
    UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, progress = 0
    WHERE state = 'running' AND lease_until < $1";

/// The next job in fair order. A trigger notes that its user was served last. See [`crate::jobs::order::fair_order`], which computes the same order for users.
const CLAIM: &str = "
    UPDATE jobs SET state = 'running', worker = $1, lease_until = $2, attempts = attempts + 1, progress = 0, started_at = $3,
        status_text = NULL
    WHERE id = (
        SELECT next_job FROM users
        WHERE next_job IS NOT NULL AND NOT EXISTS (SELECT 1 FROM settings WHERE key = 'paused')
        ORDER BY last_served, next_job LIMIT 1)
    RETURNING id, worker, attempts, recipe, previews";

impl SqliteStore {
    /// The next job in fair order.
    pub(super) async fn claim_row(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedRow>, StoreError> {
        let now = now_ms();
        // Each statement is a write, and most find no row: once a second is often enough while there is other work.
        if self.is_lease_check_due(now) {
            self.requeue_expired(now).await?;
        }
        if let Some(row) = self.claim_waiting(worker, lease, now).await? {
            return Ok(Some(row));
        }
        match self.requeue_expired(now).await? {
            0 => Ok(None),
            _ => self.claim_waiting(worker, lease, now).await,
        }
    }

    /// Notes progress and renews the lease. Returns whether the user has cancelled the job; `None` if the claim does not hold any more.
    pub(super) async fn record_heartbeat(
        &self,
        claim: &Claim,
        heartbeat: &Heartbeat,
        lease: Duration,
    ) -> Result<Option<bool>, StoreError> {
        let cancelled = sqlx::query_scalar(
            "UPDATE jobs SET progress = $4, lease_until = $5
             WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running' RETURNING cancel_requested",
        )
        .bind(claim.job.0)
        .bind(&claim.worker)
        .bind(claim.attempt)
        .bind(heartbeat.progress)
        .bind(now_ms().saturating_add(milliseconds(lease)))
        .fetch_optional(self.writer())
        .await?;
        Ok(cancelled)
    }

    async fn claim_waiting(&self, worker: &str, lease: Duration, now: i64) -> Result<Option<ClaimedRow>, StoreError> {
        let claim = sqlx::query_as(CLAIM).bind(worker).bind(now.saturating_add(milliseconds(lease))).bind(now);
        Ok(claim.fetch_optional(self.writer()).await?)
    }

    /// How many jobs wait again.
    async fn requeue_expired(&self, now: i64) -> Result<u64, StoreError> {
        Ok(sqlx::query(REQUEUE_EXPIRED).bind(now).execute(self.writer()).await?.rows_affected())
    }

    /// Whether the last check of the leases was a while ago, or the clock was set back; if so, this is the next one.
    fn is_lease_check_due(&self, now: i64) -> bool {
        let last = self.leases_checked.load(Ordering::Relaxed);
        let is_due = !(last..last.saturating_add(LEASE_CHECK_MS)).contains(&now);
        if is_due {
            self.leases_checked.store(now, Ordering::Relaxed);
        }
        is_due
    }

    /// What was running when the former process ended waits again, and what it had put off is due. The progress stays, until the
    /// job is claimed again: its user sees that it was interrupted.
    pub(super) async fn requeue_orphans(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let running: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM jobs WHERE state = 'running'")
            .fetch_one(&mut *transaction)
            .await?;
        if running > 0 {
            count_crash(&mut transaction, running == 1).await?;
        }
        for statement in [
            "UPDATE jobs SET state = 'cancelled', finished_at = $1 WHERE state = 'running' AND cancel_requested",
            "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL WHERE state = 'running' AND $1 IS NOT NULL",
            "UPDATE jobs SET deliver_after = 0 WHERE delivered_at IS NULL AND state IN ('drawn', 'failed')
                AND chat_id IS NOT NULL AND deliver_after > 0 AND NOT is_from_editor AND $1 IS NOT NULL",
            "UPDATE jobs SET fetch_after = 0 WHERE pending_inputs IS NOT NULL AND state = 'queued' AND fetch_after > 0
                AND $1 IS NOT NULL",
        ] {
            sqlx::query(statement).bind(now_ms()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Counts the end of a process for the jobs that it was drawing, and gives their attempts back: most often the machine is at
/// fault, not a job. A job counts its lonely crashes only as long as no other was drawn in one. What has too many has failed.
async fn count_crash(connection: &mut Connection, is_lone: bool) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE jobs SET lone_crashes = 0 WHERE state = 'queued' AND lone_crashes > 0")
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE jobs SET attempts = MAX(attempts - 1, 0), crashes = crashes + 1,
            lone_crashes = CASE WHEN $1 THEN lone_crashes + 1 ELSE 0 END
         WHERE state = 'running'",
    )
    .bind(is_lone)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE jobs SET state = 'failed', failure = $1, finished_at = $2, lease_until = NULL
         WHERE state = 'running' AND NOT cancel_requested AND (lone_crashes >= $3 OR crashes >= $4)",
    )
    .bind(Failure::Crashed.name())
    .bind(now_ms())
    .bind(MAX_LONE_CRASHES)
    .bind(MAX_CRASHES)
    .execute(connection)
    .await?;
    Ok(())
}
