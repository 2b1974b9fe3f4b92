//! Input pictures that are still on the chat platform: their jobs wait in the queue, but no worker claims them before.

use std::time::Duration;

use async_trait::async_trait;

use super::clock::now_ms;
use super::outbox::after;
use super::pictures::{Role, store_pictures};
use super::rows::JobRow;
use super::{Connection, Store, unreadable};
use crate::jobs::{EncodedPicture, Failure, Input, InputFetch, Inputs, JobEvent, JobId, JobInputs, StoreError};

#[async_trait]
impl Inputs for Store {
    async fn due_fetches(&self, limit: u32) -> Result<Vec<InputFetch>, StoreError> {
        let rows = self.take_due_fetches(limit).await?;
        let mut fetches = Vec::with_capacity(rows.len());
        for row in rows {
            let id = JobId(row.id);
            match fetch(row) {
                Ok(fetch) => fetches.push(fetch),
                Err(error) => {
                    tracing::error!(job = %id, %error, "the input pictures can not be fetched");
                    self.fail_fetch(id, Failure::Unreadable).await?;
                }
            }
        }
        Ok(fetches)
    }

    async fn store_inputs(&self, job: JobId, pictures: Vec<EncodedPicture>) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let waiting = sqlx::query(
            "UPDATE jobs SET pending_inputs = NULL
             WHERE id = $1 AND pending_inputs IS NOT NULL AND state = 'queued'",
        )
        .bind(job.0)
        .execute(&mut *transaction)
        .await?;
        if waiting.rows_affected() == 0 {
            return Ok(());
        }
        store_pictures(&mut transaction, job, Role::Input, &pictures).await?;
        transaction.commit().await?;
        self.queue_moved();
        Ok(())
    }

    async fn postpone_fetch(&self, job: JobId, delay: Duration) -> Result<(), StoreError> {
        sqlx::query("UPDATE jobs SET fetch_after = $2, fetch_attempts = fetch_attempts + 1 WHERE id = $1")
            .bind(job.0)
            .bind(after(delay))
            .execute(self.writer())
            .await?;
        Ok(())
    }

    async fn fail_fetch(&self, job: JobId, failure: Failure) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE jobs SET state = 'failed', failure = $2, finished_at = $3, pending_inputs = NULL
             WHERE id = $1 AND state = 'queued'",
        )
        .bind(job.0)
        .bind(failure.name())
        .bind(now_ms())
        .execute(self.writer())
        .await?;
        self.events.send(JobEvent::Ended(job));
        self.queue_moved();
        Ok(())
    }
}

fn fetch(row: JobRow) -> Result<InputFetch, StoreError> {
    let attempts = u32::try_from(row.fetch_attempts).unwrap_or(u32::MAX);
    let text = row.pending_inputs.clone().unwrap_or_default();
    let inputs: Vec<Input> = serde_json::from_str(&text).map_err(|error| unreadable(row.id, error))?;
    Ok(InputFetch { job: row.summary()?, inputs, attempts })
}

/// The input pictures of a new job: stored, listed or copied.
pub(super) async fn store_new_inputs(
    connection: &mut Connection,
    job: JobId,
    expected: usize,
    inputs: &JobInputs,
) -> Result<(), StoreError> {
    match inputs {
        JobInputs::None => Ok(()),
        JobInputs::Encoded(pictures) => Ok(store_pictures(connection, job, Role::Input, pictures).await?),
        JobInputs::Pending(pending) => {
            let text = serde_json::to_string(pending).map_err(|error| unreadable(job.0, error))?;
            let update = sqlx::query("UPDATE jobs SET pending_inputs = $2 WHERE id = $1").bind(job.0).bind(text);
            update.execute(connection).await?;
            Ok(())
        }
        JobInputs::SameAs(other) => copy_inputs(connection, job, *other, expected).await,
    }
}

async fn copy_inputs(connection: &mut Connection, job: JobId, other: JobId, expected: usize) -> Result<(), StoreError> {
    let is_pending: bool = sqlx::query_scalar(
        "UPDATE jobs SET pending_inputs = (SELECT pending_inputs FROM jobs AS other WHERE other.id = $2) WHERE id = $1
         RETURNING pending_inputs IS NOT NULL",
    )
    .bind(job.0)
    .bind(other.0)
    .fetch_one(&mut *connection)
    .await?;
    let copied = sqlx::query(
        "INSERT INTO job_pictures (job_id, role, position, picture_id)
         SELECT $1, role, position, picture_id FROM job_pictures WHERE job_id = $2 AND role = 'input'",
    )
    .bind(job.0)
    .bind(other.0)
    .execute(connection)
    .await?;
    if !is_pending && copied.rows_affected() < expected as u64 {
        return Err(StoreError::InputsGone { job: other });
    }
    Ok(())
}
