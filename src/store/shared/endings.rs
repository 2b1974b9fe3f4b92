//! How claimed jobs end. Every write names the worker and the attempt: a worker whose claim does not hold any more finds no row.

use super::clock::now_ms;
use super::pictures::{Role, store_pictures};
use super::{Connection, Store};
use crate::jobs::{Claim, EncodedPicture, Failure, JobEvent, LeaseStatus, StoreError, Warnings};
use crate::recipe::Recipe;

/// How long the result of a job from the editor is kept from the chat: as long as that somebody may look at it there.
const EDITOR_HOLD_MS: i64 = 120_000;

/// Who came into the editor by a link and never wrote to the bot can not be written to: their results stay in the editor.
const END_WITHOUT_CHAT: &str = "
    UPDATE jobs SET delivered_at = $2, state = CASE state WHEN 'drawn' THEN 'delivered' ELSE state END
    WHERE id = $1 AND is_from_editor AND state IN ('drawn', 'failed')
        AND NOT EXISTS (SELECT 1 FROM chats WHERE chats.chat_id = jobs.chat_id)";

/// How a claimed job ended.
pub(super) enum Ending {
    Drawn { pictures: Vec<EncodedPicture>, warnings: Option<String> },
    Failed(Failure),
    Cancelled,
}

impl Ending {
    /// The job is drawn.
    pub(super) fn drawn(pictures: Vec<EncodedPicture>, warnings: &Warnings) -> Self {
        let warnings = match *warnings == Warnings::default() {
            true => None,
            false => serde_json::to_string(warnings).ok(),
        };
        Self::Drawn { pictures, warnings }
    }

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

impl Store {
    /// Writes the ending and the pictures in one transaction, if the claim still holds.
    pub(super) async fn end(&self, claim: &Claim, ending: &Ending) -> Result<LeaseStatus, StoreError> {
        let mut transaction = self.begin().await?;
        if !write_ending(&mut transaction, claim, ending).await? {
            transaction.rollback().await?;
            return Ok(LeaseStatus::LeaseLost);
        }
        store_pictures(&mut transaction, claim.job, Role::Result, ending.pictures()).await?;
        sqlx::query(END_WITHOUT_CHAT).bind(claim.job.0).bind(now_ms()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.stopped(claim.job);
        self.events.send(JobEvent::Ended(claim.job));
        self.queue_moved();
        Ok(LeaseStatus::Continue)
    }

    /// Ends a job, or cancels it if that was asked for while the last step ran: its user knows that already.
    pub(super) async fn end_unless_cancelled(&self, claim: &Claim, ending: &Ending) -> Result<LeaseStatus, StoreError> {
        match self.end(claim, ending).await? {
            LeaseStatus::LeaseLost => self.end_if_cancelled(claim).await,
            status => Ok(status),
        }
    }

    /// Ends a job that its user has cancelled.
    pub(super) async fn end_if_cancelled(&self, claim: &Claim) -> Result<LeaseStatus, StoreError> {
        Ok(match self.end(claim, &Ending::Cancelled).await? {
            LeaseStatus::Continue => LeaseStatus::Cancelled,
            other => other,
        })
    }

    /// The job waits again; so many of its attempts do not count.
    pub(super) async fn give_up(&self, claim: &Claim, forgiven: i64) -> Result<(), StoreError> {
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
        self.stopped(claim.job);
        self.queue_moved();
        Ok(())
    }
}

/// The recipe of a row; `None` if it is of another version, or holds what no version writes.
pub(super) fn readable(claim: &Claim, text: &str) -> Option<Recipe> {
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
async fn write_ending(connection: &mut Connection, claim: &Claim, ending: &Ending) -> Result<bool, sqlx::Error> {
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
