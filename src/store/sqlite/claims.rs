//! The worker's side of the queue: claims with lease and fencing number, heartbeats, endings.
//!
//! Every write names the worker and the attempt. A worker whose lease ran out and whose job was claimed again finds no row and
//! gets [`LeaseStatus::LeaseLost`].

use std::sync::atomic::Ordering;
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

/// A job whose worker fell silent so often is given up. The end of the process counts elsewhere.
const MAX_ATTEMPTS: i64 = 3;
/// A job that was drawn alone each time that the process died, so many times in a row, takes it down; it is given up.
const MAX_LONE_CRASHES: i64 = 5;
/// A job that was among those being drawn so many times that the process died is given up, whoever is at fault: otherwise one
/// that takes the process down beside others would do so for ever.
const MAX_CRASHES: i64 = 20;

/// How long the result of a job from the editor is kept from the chat: as long as that somebody may look at it there.
const EDITOR_HOLD_MS: i64 = 120_000;

/// Who came into the editor by a link and never wrote to the bot can not be written to: their results stay in the editor.
const END_WITHOUT_CHAT: &str = "
    UPDATE jobs SET delivered_at = $2, state = CASE state WHEN 'drawn' THEN 'delivered' ELSE state END
    WHERE id = $1 AND is_from_editor AND state IN ('drawn', 'failed')
        AND NOT EXISTS (SELECT 1 FROM chats WHERE chats.chat_id = jobs.chat_id)";

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
            let Some(recipe) = readable(&claim, &claimed.recipe) else {
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
            Some(true) => self.end_if_cancelled(claim).await,
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
        self.end_unless_cancelled(claim, &Ending::Drawn { pictures, warnings }).await
    }

    async fn fail(&self, claim: &Claim, failure: Failure) -> Result<LeaseStatus, StoreError> {
        self.end_unless_cancelled(claim, &Ending::Failed(failure)).await
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

    /// As if a second had passed.
    #[cfg(test)]
    pub(super) fn forget_the_lease_check(&self) {
        self.leases_checked.store(0, Ordering::Relaxed);
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

    /// Writes the ending and the pictures in one transaction, if the claim still holds.
    async fn end(&self, claim: &Claim, ending: &Ending) -> Result<LeaseStatus, StoreError> {
        let mut transaction = self.begin().await?;
        if !write_ending(&mut transaction, claim, ending).await? {
            return Ok(LeaseStatus::LeaseLost);
        }
        store_pictures(&mut transaction, claim.job, Role::Result, ending.pictures()).await?;
        sqlx::query(END_WITHOUT_CHAT).bind(claim.job.0).bind(now_ms()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.previews.remove(claim.job);
        self.events.send(JobEvent::Ended(claim.job));
        self.queue_moved();
        Ok(LeaseStatus::Continue)
    }

    /// Ends a job, or cancels it if that was asked for while the last step ran: its user knows that already.
    async fn end_unless_cancelled(&self, claim: &Claim, ending: &Ending) -> Result<LeaseStatus, StoreError> {
        match self.end(claim, ending).await? {
            LeaseStatus::LeaseLost => self.end_if_cancelled(claim).await,
            status => Ok(status),
        }
    }

    /// Ends a job that its user has cancelled.
    async fn end_if_cancelled(&self, claim: &Claim) -> Result<LeaseStatus, StoreError> {
        Ok(match self.end(claim, &Ending::Cancelled).await? {
            LeaseStatus::Continue => LeaseStatus::Cancelled,
            other => other,
        })
    }

    /// The job waits again; so many of its attempts do not count.
    async fn give_up(&self, claim: &Claim, forgiven: i64) -> Result<(), StoreError> {
        if self.end_if_cancelled(claim).await? == LeaseStatus::Cancelled {
            return Ok(());
        }
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
async fn count_crash(connection: &mut SqliteConnection, is_lone: bool) -> Result<(), sqlx::Error> {
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

/// The recipe of a row; `None` if it is of another version, or holds what no version writes.
fn readable(claim: &Claim, text: &str) -> Option<Recipe> {
    let recipe = serde_json::from_str::<Recipe>(text).map_err(|error| error.to_string());
    match recipe.and_then(|recipe| recipe.check().map(|()| recipe).map_err(|error| error.to_string())) {
        Ok(recipe) => Some(recipe),
        Err(reason) => {
            tracing::error!(job = %claim.job, reason, "the recipe of a job can not be read");
            None
        }
    }
}

/// Writes how a job ended; false if the claim does not hold any more. A job that its user has cancelled ends in no other way.
async fn write_ending(connection: &mut SqliteConnection, claim: &Claim, ending: &Ending) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query(
        "UPDATE jobs SET state = $4, failure = $5, warnings = $6, finished_at = $7, lease_until = NULL,
            deliver_after = CASE WHEN is_from_editor THEN $8 ELSE deliver_after END
         WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'
            AND cancel_requested = ($4 = 'cancelled')",
    )
    .bind(claim.job.0)
    .bind(&claim.worker)
    .bind(claim.attempt)
    .bind(ending.state())
    .bind(ending.failure())
    .bind(ending.warnings())
    .bind(now_ms())
    .bind(now_ms().saturating_add(EDITOR_HOLD_MS))
    .execute(connection)
    .await?;
    Ok(ended.rows_affected() > 0)
}
