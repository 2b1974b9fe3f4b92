//! The worker's side of the queue: claims with lease and fencing number, heartbeats, endings.
//!
//! Every write names the worker and the attempt. A worker whose lease ran out and whose job was claimed again finds no row and
//! gets [`LeaseStatus::LeaseLost`].

use std::time::Duration;

use async_trait::async_trait;
use sqlx::SqliteConnection;

use super::SqliteStore;
use super::clock::{milliseconds, now_ms};
use super::pictures::{Role, store_pictures};
use crate::jobs::{
    Claim, ClaimedJob, EncodedPicture, Failure, Heartbeat, JobEvent, JobId, LeaseStatus, StoreError, Warnings,
    WorkQueue,
};
use crate::recipe::Recipe;

/// A job that was claimed so often without an ending takes the process down; it is given up.
const MAX_ATTEMPTS: i64 = 3;

/// Jobs whose worker has been silent for longer than its lease wait again.
const REQUEUE_EXPIRED: &str = "
    UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, progress = 0
    WHERE state = 'running' AND lease_until < $1";

/// The next job in fair order. A trigger notes that its user was served last. See [`crate::jobs::order::fair_order`], which computes the same order for users.
const CLAIM: &str = "
    UPDATE jobs SET state = 'running', worker = $1, lease_until = $2, attempts = attempts + 1, progress = 0, started_at = $3
    WHERE id = (
        SELECT next_job FROM users
        WHERE next_job IS NOT NULL AND NOT EXISTS (SELECT 1 FROM settings WHERE key = 'paused')
        ORDER BY last_served, next_job LIMIT 1)
    RETURNING id, attempts, recipe, previews";

#[async_trait]
impl WorkQueue for SqliteStore {
    async fn claim(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedJob>, StoreError> {
        loop {
            let Some(claimed) = self.claim_row(worker, lease).await? else { return Ok(None) };
            let claim = Claim { job: JobId(claimed.id), worker: worker.to_owned(), attempt: claimed.attempts };
            if claimed.attempts > MAX_ATTEMPTS {
                self.fail(&claim, Failure::Crashed).await?;
                continue;
            }
            let Ok(recipe) = serde_json::from_str::<Recipe>(&claimed.recipe) else {
                self.fail(&claim, Failure::Unreadable).await?;
                continue;
            };
            let inputs = match recipe.task.inputs() {
                0 => Vec::new(),
                _ => self.pictures_of(claim.job, Role::Input).await?,
            };
            self.queue_moved();
            self.events.send(JobEvent::Started(claim.job));
            return Ok(Some(ClaimedJob { claim, recipe, inputs, previews: claimed.previews }));
        }
    }

    async fn heartbeat(&self, claim: &Claim, heartbeat: Heartbeat, lease: Duration) -> Result<LeaseStatus, StoreError> {
        let cancelled: Option<bool> = sqlx::query_scalar(
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
        match cancelled {
            None => Ok(LeaseStatus::LeaseLost),
            Some(true) => self.end(claim, &Ending::Cancelled).await.map(|status| match status {
                LeaseStatus::Continue => LeaseStatus::Cancelled,
                other => other,
            }),
            Some(false) => {
                if let Some(preview) = heartbeat.preview {
                    self.previews.set(claim.job, preview);
                }
                self.events.send(JobEvent::Progress(claim.job, heartbeat.progress));
                Ok(LeaseStatus::Continue)
            }
        }
    }

    async fn set_recipe(&self, claim: &Claim, recipe: &Recipe) -> Result<(), StoreError> {
        let Ok(recipe) = serde_json::to_string(recipe) else { return Ok(()) };
        sqlx::query(
            "UPDATE jobs SET recipe = $4 WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        )
        .bind(claim.job.0)
        .bind(&claim.worker)
        .bind(claim.attempt)
        .bind(recipe)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    async fn finish(
        &self,
        claim: &Claim,
        pictures: Vec<EncodedPicture>,
        warnings: &Warnings,
    ) -> Result<LeaseStatus, StoreError> {
        let warnings = match *warnings == Warnings::default() {
            true => None,
            false => serde_json::to_string(warnings).ok(),
        };
        self.end(claim, &Ending::Drawn { pictures, warnings }).await
    }

    async fn fail(&self, claim: &Claim, failure: Failure) -> Result<LeaseStatus, StoreError> {
        self.end(claim, &Ending::Failed(failure)).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        // The attempt does not count; a new claim still gets a number that no old one has, because this worker is gone.
        self.give_up(claim, 1).await
    }

    async fn retry(&self, claim: &Claim) -> Result<(), StoreError> {
        self.give_up(claim, 0).await
    }
}

/// What is read of a job when it is claimed.
#[derive(Debug, sqlx::FromRow)]
struct ClaimedRow {
    id: i64,
    attempts: i64,
    recipe: String,
    previews: bool,
}

/// How a claimed job ended.
enum Ending {
    Drawn { pictures: Vec<EncodedPicture>, warnings: Option<String> },
    Failed(Failure),
    Cancelled,
}

impl Ending {
    /// The state in the database.
    fn state(&self) -> &'static str {
        match self {
            Self::Drawn { .. } => "drawn",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn failure(&self) -> Option<&'static str> {
        match self {
            Self::Failed(failure) => Some(failure.name()),
            Self::Drawn { .. } | Self::Cancelled => None,
        }
    }

    fn warnings(&self) -> Option<&str> {
        match self {
            Self::Drawn { warnings, .. } => warnings.as_deref(),
            Self::Failed(_) | Self::Cancelled => None,
        }
    }

    fn pictures(&self) -> &[EncodedPicture] {
        match self {
            Self::Drawn { pictures, .. } => pictures,
            Self::Failed(_) | Self::Cancelled => &[],
        }
    }
}

impl SqliteStore {
    async fn claim_row(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedRow>, StoreError> {
        let now = now_ms();
        // Two statements with a commit each: the first one seldom finds a row, and then writes nothing.
        sqlx::query(REQUEUE_EXPIRED).bind(now).execute(self.writer()).await?;
        let claim = sqlx::query_as(CLAIM).bind(worker).bind(now.saturating_add(milliseconds(lease))).bind(now);
        Ok(claim.fetch_optional(self.writer()).await?)
    }

    /// Writes the ending and the pictures in one transaction, if the claim still holds.
    async fn end(&self, claim: &Claim, ending: &Ending) -> Result<LeaseStatus, StoreError> {
        let mut transaction = self.begin().await?;
        if !write_ending(&mut transaction, claim, ending).await? {
            return Ok(LeaseStatus::LeaseLost);
        }
        store_pictures(&mut transaction, claim.job, Role::Result, ending.pictures()).await?;
        transaction.commit().await?;
        self.previews.remove(claim.job);
        self.events.send(JobEvent::Ended(claim.job));
        self.queue_moved();
        Ok(LeaseStatus::Continue)
    }

    /// The job waits again; so many of its attempts do not count.
    async fn give_up(&self, claim: &Claim, forgiven: i64) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, attempts = attempts - $4
             WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        )
        .bind(claim.job.0)
        .bind(&claim.worker)
        .bind(claim.attempt)
        .bind(forgiven)
        .execute(self.writer())
        .await?;
        self.previews.remove(claim.job);
        self.queue_moved();
        Ok(())
    }

    /// What was running when the former process ended waits again, and what it had put off is due. The progress stays, until the
    /// job is claimed again: its user sees that it was interrupted.
    pub(super) async fn requeue_orphans(&self) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for statement in [
            "UPDATE jobs SET state = 'cancelled', finished_at = $1 WHERE state = 'running' AND cancel_requested",
            "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL WHERE state = 'running' AND $1 IS NOT NULL",
            "UPDATE jobs SET deliver_after = 0 WHERE delivered_at IS NULL AND state IN ('drawn', 'failed')
                AND chat_id IS NOT NULL AND deliver_after > 0 AND $1 IS NOT NULL",
            "UPDATE jobs SET fetch_after = 0 WHERE pending_inputs IS NOT NULL AND state = 'queued' AND fetch_after > 0
                AND $1 IS NOT NULL",
        ] {
            sqlx::query(statement).bind(now_ms()).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// Writes how a job ended; false if the claim does not hold any more.
async fn write_ending(connection: &mut SqliteConnection, claim: &Claim, ending: &Ending) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query(
        "UPDATE jobs SET state = $4, failure = $5, warnings = $6, finished_at = $7, lease_until = NULL
         WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
    )
    .bind(claim.job.0)
    .bind(&claim.worker)
    .bind(claim.attempt)
    .bind(ending.state())
    .bind(ending.failure())
    .bind(ending.warnings())
    .bind(now_ms())
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() > 0)
}
