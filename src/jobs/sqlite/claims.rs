//! Who may work on a job: claims with lease and fencing number, reports, endings.
//!
//! Every write names the worker and the attempt. A worker whose lease ran out and whose job was claimed again finds no row
//! and is told [`Verdict::LeaseLost`].

use std::time::Duration;

use super::super::{
    CancelOutcome, Claim, ClaimedJob, Failure, JobEvent, JobId, QueueError, Report, Requester, Verdict,
};
use super::{SqliteQueue, milliseconds, store_blobs};
use crate::database::now_ms;

/// A job that was claimed so often without an ending takes the process down; it is given up.
const ATTEMPT_LIMIT: i64 = 3;

/// The next job by fair turns: see [`super::super::order::fair_order`], which tells people the same order.
const CLAIM: &str = "
    UPDATE jobs SET
        state = 'running', worker = $1, lease_until = $2, attempts = attempts + 1, progress = 0, started_at = $3,
        turn = (SELECT COALESCE(MAX(turn), 0) + 1 FROM jobs)
    WHERE id = (
        SELECT id FROM jobs AS waiting
        WHERE ((state = 'queued' AND pending_inputs IS NULL) OR (state = 'running' AND lease_until < $3))
            AND NOT EXISTS (SELECT 1 FROM house WHERE key = 'paused')
        ORDER BY (SELECT MAX(turn) FROM jobs AS mine WHERE mine.user_id = waiting.user_id) NULLS FIRST, id
        LIMIT 1)
    RETURNING id, attempts, recipe, previews";

impl SqliteQueue {
    pub(super) async fn claim_next(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedJob>, QueueError> {
        loop {
            let now = now_ms();
            let row: Option<(i64, i64, String, bool)> = sqlx::query_as(CLAIM)
                .bind(worker)
                .bind(now.saturating_add(milliseconds(lease)))
                .bind(now)
                .fetch_optional(&self.writer)
                .await?;
            let Some((id, attempt, recipe, previews)) = row else {
                return Ok(None);
            };
            let claim = Claim { job: JobId(id), worker: worker.to_owned(), attempt };
            if attempt > ATTEMPT_LIMIT {
                self.store_failure(&claim, Failure::Crashed).await?;
                continue;
            }
            let Ok(recipe) = serde_json::from_str(&recipe) else {
                self.store_failure(&claim, Failure::Unreadable).await?;
                continue;
            };
            let inputs = self.blobs(claim.job, "input").await?;
            self.moved();
            self.events.send(JobEvent::Started(claim.job));
            return Ok(Some(ClaimedJob { claim, recipe, inputs, previews }));
        }
    }

    pub(super) async fn renew(&self, claim: &Claim, report: Report, lease: Duration) -> Result<Verdict, QueueError> {
        let cancelled: Option<bool> = sqlx::query_scalar(
            "UPDATE jobs SET progress = $4, lease_until = $5
             WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running' RETURNING cancel_requested",
        )
        .bind(claim.job.0)
        .bind(&claim.worker)
        .bind(claim.attempt)
        .bind(report.progress)
        .bind(now_ms().saturating_add(milliseconds(lease)))
        .fetch_optional(&self.writer)
        .await?;
        match cancelled {
            None => Ok(Verdict::LeaseLost),
            Some(true) => self.end(claim, "cancelled", None, &[]).await.map(|verdict| match verdict {
                Verdict::Continue => Verdict::Cancelled,
                other => other,
            }),
            Some(false) => {
                if let Some(preview) = report.preview {
                    self.previews.set(claim.job, preview);
                }
                self.events.send(JobEvent::Progress(claim.job, report.progress));
                Ok(Verdict::Continue)
            }
        }
    }

    pub(super) async fn store_results(&self, claim: &Claim, pictures: &[Vec<u8>]) -> Result<Verdict, QueueError> {
        self.end(claim, "drawn", None, pictures).await
    }

    pub(super) async fn store_failure(&self, claim: &Claim, failure: Failure) -> Result<Verdict, QueueError> {
        self.end(claim, "failed", Some(failure), &[]).await
    }

    /// Writes the ending and the pictures in one transaction, if the claim still holds.
    async fn end(
        &self,
        claim: &Claim,
        state: &str,
        failure: Option<Failure>,
        pictures: &[Vec<u8>],
    ) -> Result<Verdict, QueueError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let ended = sqlx::query(
            "UPDATE jobs SET state = $4, failure = $5, finished_at = $6, lease_until = NULL
             WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        )
        .bind(claim.job.0)
        .bind(&claim.worker)
        .bind(claim.attempt)
        .bind(state)
        .bind(failure.map(failure_name))
        .bind(now_ms())
        .execute(&mut *transaction)
        .await?;
        if ended.rows_affected() == 0 {
            return Ok(Verdict::LeaseLost);
        }
        store_blobs(&mut transaction, claim.job, "result", pictures).await?;
        transaction.commit().await?;
        self.previews.remove(claim.job);
        self.events.send(JobEvent::Ended(claim.job));
        self.moved();
        Ok(Verdict::Continue)
    }

    /// The job waits again; so many of its attempts do not count.
    pub(super) async fn give_back(&self, claim: &Claim, forgiven: i64) -> Result<(), QueueError> {
        sqlx::query(
            "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, progress = 0, attempts = attempts - $4
             WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        )
        .bind(claim.job.0)
        .bind(&claim.worker)
        .bind(claim.attempt)
        .bind(forgiven)
        .execute(&self.writer)
        .await?;
        self.previews.remove(claim.job);
        self.moved();
        Ok(())
    }

    /// Whatever was running when the program ended waits again.
    pub(super) async fn take_back_all(&self) -> Result<(), QueueError> {
        sqlx::query(
            "UPDATE jobs SET state = 'cancelled', finished_at = $1 WHERE state = 'running' AND cancel_requested",
        )
        .bind(now_ms())
        .execute(&self.writer)
        .await?;
        let jobs: Vec<i64> = sqlx::query_scalar(
            "UPDATE jobs SET state = 'queued', worker = NULL, lease_until = NULL, progress = 0
             WHERE state = 'running' RETURNING id",
        )
        .fetch_all(&self.writer)
        .await?;
        for job in jobs {
            self.events.send(JobEvent::Requeued(JobId(job)));
        }
        Ok(())
    }

    pub(super) async fn cancel_for(&self, job: JobId, by: Requester) -> Result<CancelOutcome, QueueError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let state: Option<String> = sqlx::query_scalar("SELECT state FROM jobs WHERE id = $1 AND user_id = $2")
            .bind(job.0)
            .bind(by.0)
            .fetch_optional(&mut *transaction)
            .await?;
        let (outcome, statement) = match state.as_deref() {
            None => return Ok(CancelOutcome::NotYours),
            Some("queued") => (
                CancelOutcome::Cancelled,
                "UPDATE jobs SET cancel_requested = 1, state = 'cancelled', finished_at = $2 WHERE id = $1",
            ),
            Some("running") => {
                (CancelOutcome::Stopping, "UPDATE jobs SET cancel_requested = 1 WHERE id = $1 AND $2 IS NOT NULL")
            }
            Some(_) => return Ok(CancelOutcome::TooLate),
        };
        sqlx::query(statement).bind(job.0).bind(now_ms()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        if outcome == CancelOutcome::Cancelled {
            self.events.send(JobEvent::Ended(job));
            self.moved();
        } else {
            self.events.send(JobEvent::CalledOff(job));
        }
        Ok(outcome)
    }
}

/// The name in the database.
pub(super) fn failure_name(failure: Failure) -> &'static str {
    match failure {
        Failure::PictureGone => "picture_gone",
        Failure::BadPicture => "bad_picture",
        Failure::BadMask => "bad_mask",
        Failure::Engine => "engine",
        Failure::Crashed => "crashed",
        Failure::Unreadable => "unreadable",
    }
}
