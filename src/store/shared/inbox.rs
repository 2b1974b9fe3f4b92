//! Updates that were received, and what handling them changes.

use async_trait::async_trait;

use super::clock::now_ms;
use super::{Connection, Store};
use crate::jobs::{Inbox, JobId, OutgoingId, StoreError, StoredUpdate, UpdateId, UpdateOutcome};

#[async_trait]
impl Inbox for Store {
    async fn store_updates(&self, updates: Vec<StoredUpdate>) -> Result<Vec<StoredUpdate>, StoreError> {
        let mut new = Vec::with_capacity(updates.len());
        let mut transaction = self.begin().await?;
        for update in updates {
            let inserted = sqlx::query(
                "INSERT INTO inbox (update_id, body, received_at) VALUES ($1, $2, $3) ON CONFLICT (update_id) DO NOTHING",
            )
            .bind(update.id.0)
            .bind(&update.body)
            .bind(now_ms())
            .execute(&mut *transaction)
            .await?;
            if inserted.rows_affected() > 0 {
                new.push(update);
            }
        }
        transaction.commit().await?;
        Ok(new)
    }

    async fn unhandled_updates(&self) -> Result<Vec<StoredUpdate>, StoreError> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT update_id, body FROM inbox WHERE body IS NOT NULL ORDER BY update_id")
                .fetch_all(self.reader())
                .await?;
        Ok(rows.into_iter().map(|(id, body)| StoredUpdate { id: UpdateId(id), body }).collect())
    }

    async fn complete_update(&self, outcome: UpdateOutcome) -> Result<Vec<OutgoingId>, StoreError> {
        let mut transaction = self.begin().await?;
        let messages = write_outcome(&mut transaction, outcome, None).await?;
        transaction.commit().await?;
        Ok(messages)
    }
}

/// Writes what handling an update changes; `job` is the job that is queued in the same transaction.
pub(super) async fn write_outcome(
    connection: &mut Connection,
    outcome: UpdateOutcome,
    job: Option<JobId>,
) -> Result<Vec<OutgoingId>, sqlx::Error> {
    if let Some(update) = outcome.update {
        let statement = "UPDATE inbox SET body = NULL WHERE update_id = $1";
        sqlx::query(statement).bind(update.0).execute(&mut *connection).await?;
    }
    if let Some((chat_id, state)) = outcome.chat_state {
        sqlx::query(
            "INSERT INTO chats (chat_id, state, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (chat_id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at",
        )
        .bind(chat_id)
        .bind(state)
        .bind(now_ms())
        .execute(&mut *connection)
        .await?;
    }
    let mut messages = Vec::with_capacity(outcome.outgoing.len());
    for message in outcome.outgoing {
        let id = sqlx::query_scalar("INSERT INTO outgoing (chat_id, job_id, body) VALUES ($1, $2, $3) RETURNING id")
            .bind(message.chat_id)
            .bind(job.filter(|_| message.about_job).map(|job| job.0))
            .bind(message.body)
            .fetch_one(&mut *connection)
            .await?;
        messages.push(OutgoingId(id));
    }
    Ok(messages)
}
