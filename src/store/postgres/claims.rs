//! Claims and heartbeats. Leases are set and compared by the database's clock.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::PostgresStore;
use super::clock::{milliseconds, now_ms};
use super::work_queue::ClaimedRow;
use crate::jobs::{Claim, Heartbeat, StoreError};

/// Milliseconds between two looks for expired leases while there is work.
const LEASE_CHECK_MS: i64 = 1_000;

/// Jobs whose worker has been silent for longer than its lease wait again, with no progress.
const REQUEUE_EXPIRED: &str = "
    WITH expired AS (
        SELECT id FROM jobs WHERE state = 'running' AND lease_until < now_ms() ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),
    progress AS (DELETE FROM job_progress WHERE job_id IN (SELECT id FROM expired))
    UPDATE jobs SET state = 'queued', worker = NULL, process = NULL, lease_until = NULL
    WHERE id IN (SELECT id FROM expired)";

/// Stores the progress, and renews a lease of which less than half is left: the row of a job is wide.
const HEARTBEAT: &str = "
    WITH mine AS (
        SELECT id, cancel_requested FROM jobs WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'),
    renewed AS (
        UPDATE jobs SET lease_until = now_ms() + $6
        WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running' AND lease_until < now_ms() + $6 / 2),
    noted AS (
        INSERT INTO job_progress AS known (job_id, progress, preview, preview_at)
        SELECT id, $4, $5, CASE WHEN $5 IS NULL THEN 0 ELSE now_ms() END FROM mine WHERE NOT cancel_requested
        ON CONFLICT (job_id) DO UPDATE SET progress = excluded.progress,
            preview = COALESCE(excluded.preview, known.preview), preview_at = GREATEST(excluded.preview_at, known.preview_at))
    SELECT cancel_requested FROM mine";

impl PostgresStore {
    /// The next job in fair order.
    pub(super) async fn claim_row(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedRow>, StoreError> {
        let is_check_due = self.is_lease_check_due(now_ms());
        if is_check_due {
            self.requeue_expired().await?;
        }
        if let Some(row) = self.claim_waiting(worker, lease).await? {
            return Ok(Some(row));
        }
        match self.requeue_expired().await? {
            0 => Ok(None),
            _ => self.claim_waiting(worker, lease).await,
        }
    }

    async fn claim_waiting(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedRow>, StoreError> {
        let claim = sqlx::query_as("SELECT id, worker, attempts, recipe, previews FROM claim_next($1, $2, $3)");
        let claim = claim.bind(worker).bind(&*self.process).bind(milliseconds(lease));
        Ok(claim.fetch_optional(&self.pool).await?)
    }

    /// How many jobs wait again.
    async fn requeue_expired(&self) -> Result<u64, StoreError> {
        Ok(sqlx::query(REQUEUE_EXPIRED).execute(&self.pool).await?.rows_affected())
    }

    /// Whether this process has not looked at the leases for a while; if so, it does now.
    fn is_lease_check_due(&self, now: i64) -> bool {
        let last = self.leases_checked.load(Ordering::Relaxed);
        let is_due = !(last..last.saturating_add(LEASE_CHECK_MS)).contains(&now);
        if is_due {
            self.leases_checked.store(now, Ordering::Relaxed);
        }
        is_due
    }

    /// Notes progress and renews the lease, once a second at most unless something happened to the job. Returns whether the user
    /// has cancelled the job; `None` if the claim does not hold any more.
    pub(super) async fn record_heartbeat(
        &self,
        claim: &Claim,
        heartbeat: &Heartbeat,
        lease: Duration,
    ) -> Result<Option<bool>, StoreError> {
        if self.beats.can_wait(claim, heartbeat) {
            return Ok(Some(false));
        }
        let waiting = self.beats.begin(claim);
        let preview = heartbeat.preview.clone().or(waiting);
        let status = sqlx::query_scalar(HEARTBEAT)
            .bind(claim.job.0)
            .bind(&claim.worker)
            .bind(claim.attempt)
            .bind(heartbeat.progress)
            .bind(preview)
            .bind(milliseconds(lease))
            .fetch_optional(&self.pool)
            .await;
        if !matches!(status, Ok(Some(false))) {
            self.beats.forget(claim.job);
        }
        Ok(status?)
    }
}
