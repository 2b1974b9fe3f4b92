//! Jobs whose pictures are yet to be fetched: they wait in the queue, but nobody claims them before.

use std::time::Duration;

use sqlx::SqliteConnection;

use super::super::{Failure, Gathering, Input, Inputs, JobEvent, JobId, QueueError};
use super::claims::failure_name;
use super::rows::{JobRow, SELECT_TO_GATHER};
use super::{SqliteQueue, store_blobs};
use crate::database::now_ms;

impl SqliteQueue {
    pub(super) async fn next_gatherings(&self, limit: u32) -> Result<Vec<Gathering>, QueueError> {
        let rows: Vec<JobRow> =
            sqlx::query_as(SELECT_TO_GATHER).bind(now_ms()).bind(limit).fetch_all(&self.reader).await?;
        let mut gatherings = Vec::with_capacity(rows.len());
        for row in rows {
            let id = JobId(row.id);
            match gathering(row) {
                Ok(gathering) => gatherings.push(gathering),
                Err(error) => {
                    tracing::error!(job = %id, %error, "the job's pictures can not be fetched");
                    self.fail_unclaimed(id, Failure::Unreadable).await?;
                }
            }
        }
        Ok(gatherings)
    }

    pub(super) async fn store_inputs(&self, job: JobId, pictures: &[Vec<u8>]) -> Result<(), QueueError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
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
        store_blobs(&mut transaction, job, "input", pictures).await?;
        transaction.commit().await?;
        self.moved();
        Ok(())
    }

    pub(super) async fn put_off_gathering(&self, job: JobId, delay: Duration) -> Result<(), QueueError> {
        let delay = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
        sqlx::query("UPDATE jobs SET gather_after = $2, gather_attempts = gather_attempts + 1 WHERE id = $1")
            .bind(job.0)
            .bind(now_ms().saturating_add(delay))
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// A job that nobody has claimed can not be drawn.
    pub(super) async fn fail_unclaimed(&self, job: JobId, failure: Failure) -> Result<(), QueueError> {
        sqlx::query(
            "UPDATE jobs SET state = 'failed', failure = $2, finished_at = $3, pending_inputs = NULL
             WHERE id = $1 AND state = 'queued'",
        )
        .bind(job.0)
        .bind(failure_name(failure))
        .bind(now_ms())
        .execute(&self.writer)
        .await?;
        self.events.send(JobEvent::Ended(job));
        self.moved();
        Ok(())
    }
}

fn gathering(row: JobRow) -> Result<Gathering, QueueError> {
    let job = JobId(row.id);
    let attempts = u32::try_from(row.gather_attempts).unwrap_or(u32::MAX);
    let text = row.pending_inputs.clone().unwrap_or_default();
    let inputs: Vec<Input> =
        serde_json::from_str(&text).map_err(|error| QueueError::Unreadable { job, reason: error.to_string() })?;
    Ok(Gathering { job: row.summary()?, inputs, attempts })
}

/// The pictures of a new job: stored, named or copied.
pub(super) async fn store_new_inputs(
    connection: &mut SqliteConnection,
    job: JobId,
    expected: usize,
    inputs: &Inputs,
) -> Result<(), QueueError> {
    match inputs {
        Inputs::None => Ok(()),
        Inputs::Encoded(pictures) => Ok(store_blobs(connection, job, "input", pictures).await?),
        Inputs::Pending(pending) => {
            let text = serde_json::to_string(pending)
                .map_err(|error| QueueError::Unreadable { job, reason: error.to_string() })?;
            sqlx::query("UPDATE jobs SET pending_inputs = $2 WHERE id = $1")
                .bind(job.0)
                .bind(text)
                .execute(connection)
                .await?;
            Ok(())
        }
        Inputs::SameAs(other) => copy_inputs(connection, job, *other, expected).await,
    }
}

async fn copy_inputs(
    connection: &mut SqliteConnection,
    job: JobId,
    other: JobId,
    expected: usize,
) -> Result<(), QueueError> {
    let pending = sqlx::query(
        "UPDATE jobs SET pending_inputs = (SELECT pending_inputs FROM jobs AS other WHERE other.id = $2) WHERE id = $1
         RETURNING pending_inputs IS NOT NULL",
    )
    .bind(job.0)
    .bind(other.0);
    let is_pending: bool = sqlx::Row::get(&pending.fetch_one(&mut *connection).await?, 0);
    let copied = sqlx::query(
        "INSERT INTO job_blobs (job_id, role, position, hash)
         SELECT $1, role, position, hash FROM job_blobs WHERE job_id = $2 AND role = 'input'",
    )
    .bind(job.0)
    .bind(other.0)
    .execute(connection)
    .await?;
    if !is_pending && copied.rows_affected() < expected as u64 {
        return Err(QueueError::InputsGone { job: other });
    }
    Ok(())
}
