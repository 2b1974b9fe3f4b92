//! The messages in which results were sent: to find the job of a message, and pictures that can be sent again.

use std::collections::HashMap;

use sqlx::FromRow;

use super::rows::SELECT_MESSAGES;
use super::{Connection, Store};
use crate::jobs::{DeliveredMessage, JobId, StoreError};

#[derive(FromRow)]
struct DeliveryRow {
    job_id: i64,
    chat_id: i64,
    message_id: i32,
    position: Option<i64>,
    file_id: Option<String>,
}

impl Store {
    /// The messages of a job in the order of its pictures.
    pub(super) async fn messages_of(&self, job: JobId) -> Result<Vec<DeliveredMessage>, StoreError> {
        Ok(self.messages_of_all(&[job]).await?.remove(&job).unwrap_or_default())
    }

    /// The messages of some jobs, of each in the order of its pictures.
    pub(super) async fn messages_of_all(
        &self,
        jobs: &[JobId],
    ) -> Result<HashMap<JobId, Vec<DeliveredMessage>>, StoreError> {
        let jobs: Vec<i64> = jobs.iter().map(|job| job.0).collect();
        let rows: Vec<DeliveryRow> = sqlx::query_as(SELECT_MESSAGES)
            .bind(serde_json::to_string(&jobs).unwrap_or_default())
            .fetch_all(self.reader())
            .await?;
        let mut messages: HashMap<JobId, Vec<DeliveredMessage>> = HashMap::new();
        for row in rows {
            let message = DeliveredMessage {
                chat_id: row.chat_id,
                message_id: row.message_id,
                position: row.position.and_then(|position| u32::try_from(position).ok()),
                file_id: row.file_id,
            };
            messages.entry(JobId(row.job_id)).or_default().push(message);
        }
        Ok(messages)
    }
}

/// Notes the messages in which a result was sent.
pub(super) async fn store_deliveries(
    connection: &mut Connection,
    job: JobId,
    messages: &[DeliveredMessage],
) -> Result<(), sqlx::Error> {
    for message in messages {
        sqlx::query(
            "INSERT INTO deliveries (chat_id, message_id, job_id, position, file_id) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (chat_id, message_id) DO UPDATE
             SET job_id = excluded.job_id, position = excluded.position, file_id = excluded.file_id",
        )
        .bind(message.chat_id)
        .bind(message.message_id)
        .bind(job.0)
        .bind(message.position.map(i64::from))
        .bind(&message.file_id)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
