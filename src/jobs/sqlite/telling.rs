//! Delivery is a state of its own: what people still have to be told, retried until they were.

use std::time::Duration;

use super::super::{Delivered, Failure, JobId, QueueError, Telling, Tidings};
use super::deliveries::store_deliveries;
use super::rows::{JobRow, SELECT_UNTOLD};
use super::{SqliteQueue, milliseconds};
use crate::database::now_ms;

impl SqliteQueue {
    pub(super) async fn next_tellings(&self, limit: u32) -> Result<Vec<Telling>, QueueError> {
        let rows: Vec<JobRow> =
            sqlx::query_as(SELECT_UNTOLD).bind(now_ms()).bind(limit).fetch_all(&self.reader).await?;
        let mut tellings = Vec::with_capacity(rows.len());
        for row in rows {
            let id = JobId(row.id);
            match self.telling(row).await {
                Err(error @ QueueError::Unreadable { .. }) => {
                    tracing::error!(job = %id, %error, "nobody can be told how the job ended");
                    self.mark_told(id, &[]).await?;
                }
                telling => tellings.push(telling?),
            }
        }
        Ok(tellings)
    }

    async fn telling(&self, row: JobRow) -> Result<Telling, QueueError> {
        let tidings = match row.failure.as_deref() {
            Some(name) => Tidings::Failure(failure_from_name(name)),
            None => Tidings::Pictures(self.blobs(JobId(row.id), "result").await?),
        };
        let attempts = u32::try_from(row.tell_attempts).unwrap_or(u32::MAX);
        let drawing_time = row
            .started_at
            .zip(row.finished_at)
            .map(|(start, end)| Duration::from_millis((end - start).max(0).unsigned_abs()));
        let sent = self.messages_of(JobId(row.id)).await?;
        Ok(Telling { job: row.summary()?, tidings, sent, attempts, drawing_time })
    }

    /// Writes down that the person was told, and in which messages. A job that was forgotten meanwhile stays so.
    pub(super) async fn mark_told(&self, job: JobId, messages: &[Delivered]) -> Result<(), QueueError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let told = sqlx::query(
            "UPDATE jobs SET told_at = $2, state = CASE state WHEN 'drawn' THEN 'delivered' ELSE state END WHERE id = $1",
        )
        .bind(job.0)
        .bind(now_ms())
        .execute(&mut *transaction)
        .await?;
        if told.rows_affected() > 0 {
            store_deliveries(&mut transaction, job, messages).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Writes down messages that arrived before all of them did. A job that was forgotten meanwhile stays so.
    pub(super) async fn mark_told_partly(&self, job: JobId, messages: &[Delivered]) -> Result<(), QueueError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let is_there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM jobs WHERE id = $1)")
            .bind(job.0)
            .fetch_one(&mut *transaction)
            .await?;
        if is_there {
            store_deliveries(&mut transaction, job, messages).await?;
        }
        Ok(transaction.commit().await?)
    }

    pub(super) async fn put_off_telling(&self, job: JobId, delay: Duration) -> Result<(), QueueError> {
        sqlx::query("UPDATE jobs SET tell_after = $2, tell_attempts = tell_attempts + 1 WHERE id = $1")
            .bind(job.0)
            .bind(now_ms().saturating_add(milliseconds(delay)))
            .execute(&self.writer)
            .await?;
        self.moved();
        Ok(())
    }
}

fn failure_from_name(name: &str) -> Failure {
    match name {
        "crashed" => Failure::Crashed,
        "unreadable" => Failure::Unreadable,
        "picture_gone" => Failure::PictureGone,
        "bad_picture" => Failure::BadPicture,
        "bad_mask" => Failure::BadMask,
        _ => Failure::Engine,
    }
}
