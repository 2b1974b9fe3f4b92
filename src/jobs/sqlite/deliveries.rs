//! What was sent of each job: to find the job of a message that is answered, and pictures that may be sent again.

use sqlx::{FromRow, SqliteConnection};

use super::super::{Delivered, DeliveredJob, JobId, JobSummary, QueueError, Requester};
use super::SqliteQueue;
use super::rows::{JobRow, SELECT_BY_SHARE_TOKEN, SELECT_RECENT};

#[derive(FromRow)]
struct DeliveryRow {
    chat_id: i64,
    message_id: i32,
    position: Option<u32>,
    file_id: Option<String>,
}

impl SqliteQueue {
    pub(super) async fn job_behind(&self, chat: i64, message: i32) -> Result<Option<(JobId, Option<u32>)>, QueueError> {
        let found: Option<(i64, Option<u32>)> =
            sqlx::query_as("SELECT job_id, position FROM deliveries WHERE chat_id = $1 AND message_id = $2")
                .bind(chat)
                .bind(message)
                .fetch_optional(&self.reader)
                .await?;
        Ok(found.map(|(job, position)| (JobId(job), position)))
    }

    pub(super) async fn recent_of(
        &self,
        person: Requester,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<DeliveredJob>, QueueError> {
        let before = before.map_or(i64::MAX, |job| job.0);
        let rows: Vec<JobRow> =
            sqlx::query_as(SELECT_RECENT).bind(person.0).bind(before).bind(limit).fetch_all(&self.reader).await?;
        let mut recent = Vec::with_capacity(rows.len());
        for job in rows.into_iter().filter_map(|row| row.summary().ok()) {
            let messages = self.messages_of(job.id).await?;
            recent.push(DeliveredJob { job, messages });
        }
        Ok(recent)
    }

    /// What was sent of a job, in the order of its pictures.
    pub(super) async fn messages_of(&self, job: JobId) -> Result<Vec<Delivered>, QueueError> {
        let rows: Vec<DeliveryRow> = sqlx::query_as(
            "SELECT chat_id, message_id, position, file_id FROM deliveries WHERE job_id = $1 ORDER BY position, message_id",
        )
        .bind(job.0)
        .fetch_all(&self.reader)
        .await?;
        Ok(rows.into_iter().map(Delivered::from).collect())
    }

    /// Removes the pictures of a job that has ended; the messages that showed them.
    pub(super) async fn remove_results(&self, job: JobId) -> Result<Vec<Delivered>, QueueError> {
        let messages = self.messages_of(job).await?;
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        for statement in [
            "DELETE FROM deliveries WHERE job_id = $1",
            "DELETE FROM job_blobs WHERE job_id = $1 AND role = 'result'",
            "DELETE FROM blobs
         WHERE $1 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job_blobs WHERE job_blobs.hash = blobs.hash)",
        ] {
            sqlx::query(statement).bind(job.0).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(messages)
    }

    /// The job's name in links: the one that it has, else `token`.
    pub(super) async fn share_as(&self, job: JobId, token: &str) -> Result<Option<String>, QueueError> {
        let update = sqlx::query_scalar(
            "UPDATE jobs SET share_token = COALESCE(share_token, $2) WHERE id = $1 RETURNING share_token",
        );
        Ok(update.bind(job.0).bind(token).fetch_optional(&self.writer).await?)
    }

    pub(super) async fn shared_by(&self, token: &str) -> Result<Option<JobSummary>, QueueError> {
        let row: Option<JobRow> =
            sqlx::query_as(SELECT_BY_SHARE_TOKEN).bind(token).fetch_optional(&self.reader).await?;
        row.map(JobRow::summary).transpose()
    }
}

/// Remembers what was sent of a job.
pub(super) async fn store_deliveries(
    connection: &mut SqliteConnection,
    job: JobId,
    messages: &[Delivered],
) -> Result<(), sqlx::Error> {
    for message in messages {
        sqlx::query(
            "INSERT OR REPLACE INTO deliveries (chat_id, message_id, job_id, position, file_id)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(message.chat_id)
        .bind(message.message_id)
        .bind(job.0)
        .bind(message.position)
        .bind(&message.file_id)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

impl From<DeliveryRow> for Delivered {
    fn from(row: DeliveryRow) -> Self {
        Self { chat_id: row.chat_id, message_id: row.message_id, position: row.position, file_id: row.file_id }
    }
}
