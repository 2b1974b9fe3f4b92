//! Jobs that wait or run, as those see them who ask for pictures.

use std::collections::HashMap;

use async_trait::async_trait;

use super::clock::now_ms;
use super::dialect::lock_for_submit;
use super::inbox::write_outcome;
use super::inputs::store_new_inputs;
use super::rows::{JobRow, LOCK_STATE, SELECT_BY_ID, SELECT_BY_STATE, SELECT_PENDING_OF_USER};
use super::{Connection, Store, limits, unreadable};
use crate::jobs::{
    CancelOutcome, JobEvent, JobId, JobState, JobSummary, NewJob, Origin, Queue, QueuePosition, QueueStats, Requester,
    StoreError, Submission, UpdateOutcome, Work,
};
use crate::limits::Limits;

#[async_trait]
impl Queue for Store {
    async fn submit(&self, job: NewJob, limits: &Limits, with: UpdateOutcome) -> Result<Submission, StoreError> {
        let mut transaction = self.begin().await?;
        lock_for_submit(&mut transaction, &job, limits).await?;
        let Some(id) = insert(&mut transaction, &job).await? else {
            let id = sqlx::query_scalar("SELECT id FROM jobs WHERE request_key = $1")
                .bind(&job.request_key)
                .fetch_one(&mut *transaction)
                .await?;
            // The first request has notified the user.
            let with = UpdateOutcome { outgoing: Vec::new(), ..with };
            write_outcome(&mut transaction, with, Some(JobId(id))).await?;
            transaction.commit().await?;
            return Ok(Submission::Queued(JobId(id), Vec::new()));
        };
        if let Some(over) = limits::passed(&mut transaction, id, &job, limits).await? {
            // The row is gone and its user is free again when this returns.
            transaction.rollback().await?;
            return Ok(Submission::OverLimit(over));
        }
        store_new_inputs(&mut transaction, JobId(id), job.recipe.task.inputs(), &job.inputs).await?;
        let messages = write_outcome(&mut transaction, with, Some(JobId(id))).await?;
        transaction.commit().await?;
        self.queue_moved();
        Ok(Submission::Queued(JobId(id), messages))
    }

    async fn cancel(&self, job: JobId, by: Requester) -> Result<CancelOutcome, StoreError> {
        let mut transaction = self.begin().await?;
        let state: Option<String> =
            sqlx::query_scalar(LOCK_STATE).bind(job.0).bind(by.0).fetch_optional(&mut *transaction).await?;
        let (outcome, statement) = match state.as_deref() {
            None => return Ok(CancelOutcome::NotYours),
            Some("queued") => (
                CancelOutcome::Cancelled,
                "UPDATE jobs SET cancel_requested = TRUE, state = 'cancelled', finished_at = $2 WHERE id = $1",
            ),
            Some("running") => {
                (CancelOutcome::Stopping, "UPDATE jobs SET cancel_requested = TRUE WHERE id = $1 AND $2 IS NOT NULL")
            }
            Some(_) => {
                // The row is free again when this returns.
                transaction.rollback().await?;
                return Ok(CancelOutcome::TooLate);
            }
        };
        sqlx::query(statement).bind(job.0).bind(now_ms()).execute(&mut *transaction).await?;
        transaction.commit().await?;
        if outcome == CancelOutcome::Cancelled {
            self.events.send(JobEvent::Ended(job));
            self.queue_moved();
        } else {
            self.events.send(JobEvent::CancelRequested(job));
        }
        Ok(outcome)
    }

    async fn cancel_chat(&self, chat_id: i64) -> Result<u64, StoreError> {
        let jobs: Vec<i64> = sqlx::query_scalar(
            "UPDATE jobs SET cancel_requested = TRUE, state = 'cancelled', finished_at = $2
             WHERE chat_id = $1 AND state = 'queued' RETURNING id",
        )
        .bind(chat_id)
        .bind(now_ms())
        .fetch_all(self.writer())
        .await?;
        for job in &jobs {
            self.events.send(JobEvent::Ended(JobId(*job)));
        }
        if !jobs.is_empty() {
            self.queue_moved();
        }
        Ok(jobs.len() as u64)
    }

    async fn job(&self, job: JobId) -> Result<Option<JobSummary>, StoreError> {
        let row: Option<JobRow> = sqlx::query_as(SELECT_BY_ID).bind(job.0).fetch_optional(self.reader()).await?;
        row.map(JobRow::summary).transpose()
    }

    async fn pending(&self) -> Result<Vec<JobSummary>, StoreError> {
        let mut rows = Vec::new();
        for state in [JobState::Running, JobState::Queued] {
            let in_state = sqlx::query_as(SELECT_BY_STATE).bind(state.name()).fetch_all(self.reader()).await?;
            rows.extend(in_state);
        }
        self.in_order(rows).await
    }

    async fn pending_of(&self, user: Requester) -> Result<Vec<(JobSummary, Option<QueuePosition>)>, StoreError> {
        let rows: Vec<JobRow> = sqlx::query_as(SELECT_PENDING_OF_USER).bind(user.0).fetch_all(self.reader()).await?;
        let mut pending = Vec::with_capacity(rows.len());
        for job in self.in_order(rows).await? {
            let position = self.position(job.id).await?;
            pending.push((job, position));
        }
        Ok(pending)
    }

    async fn pending_count(&self) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running')")
            .fetch_one(self.reader())
            .await?;
        Ok(count.max(0).unsigned_abs())
    }

    async fn positions(&self) -> Result<HashMap<JobId, QueuePosition>, StoreError> {
        self.all_positions().await
    }

    async fn position(&self, job: JobId) -> Result<Option<QueuePosition>, StoreError> {
        self.position_of(job).await
    }

    async fn is_paused(&self) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM settings WHERE key = 'paused')";
        Ok(sqlx::query_scalar(query).fetch_one(self.reader()).await?)
    }

    async fn set_paused(&self, is_paused: bool) -> Result<(), StoreError> {
        let statement = match is_paused {
            true => "INSERT INTO settings (key, value) VALUES ('paused', '') ON CONFLICT DO NOTHING",
            false => "DELETE FROM settings WHERE key = 'paused'",
        };
        sqlx::query(statement).execute(self.writer()).await?;
        self.events.send(JobEvent::PauseChanged);
        self.queue_moved();
        Ok(())
    }

    async fn stats(&self) -> Result<QueueStats, StoreError> {
        self.count().await
    }

    async fn failures_in_a_row(&self) -> Result<u64, StoreError> {
        self.count_failures().await
    }
}

impl Store {
    /// Jobs in the order in which they will be served.
    async fn in_order(&self, rows: Vec<JobRow>) -> Result<Vec<JobSummary>, StoreError> {
        let positions = self.all_positions().await?;
        // A row of another version hides itself, not the others; the worker fails it when it claims it.
        let mut jobs: Vec<JobSummary> = rows.into_iter().filter_map(|row| row.summary().ok()).collect();
        jobs.sort_by_key(|job| positions.get(&job.id).map_or(usize::MAX, |position| position.number));
        Ok(jobs)
    }
}

/// Writes the row of a job; `None` if there is one with this request key.
async fn insert(connection: &mut Connection, job: &NewJob) -> Result<Option<i64>, StoreError> {
    let recipe = serde_json::to_string(&job.recipe).map_err(|error| unreadable(0, error))?;
    let chat = job.origin.chat();
    let (api_key, is_from_editor, parent) = match &job.origin {
        Origin::Api(key) => (Some(*key), false, None),
        Origin::Chat(_) => (None, false, None),
        Origin::Editor { parent, .. } => (None, true, parent.as_deref()),
    };
    let inserted = sqlx::query_scalar(
        "INSERT INTO jobs (request_key, user_id, chat_id, api_key_id, thread_id, request_message_id, status_message_id,
                           language, previews, recipe, work, created_at, is_from_editor, parent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (request_key) DO NOTHING RETURNING id",
    )
    .bind(&job.request_key)
    .bind(job.requester.0)
    .bind(chat.map(|chat| chat.chat_id))
    .bind(api_key)
    .bind(chat.and_then(|chat| chat.thread_id))
    .bind(chat.and_then(|chat| chat.request_message_id))
    .bind(chat.and_then(|chat| chat.status_message_id))
    .bind(chat.map_or("", |chat| chat.language.code()))
    // A program may look on at any time.
    .bind(chat.is_none_or(|chat| chat.previews))
    .bind(recipe)
    .bind(Work::of(&job.recipe).name())
    .bind(now_ms())
    .bind(is_from_editor)
    .bind(parent);
    Ok(inserted.fetch_optional(connection).await?)
}
