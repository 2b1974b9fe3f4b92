//! Messages and results that have to be sent.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;

use super::Store;
use super::clock::{milliseconds, now_ms};
use super::deliveries::store_deliveries;
use super::rows::{JobRow, SELECT_STALE_STATUS, SELECT_STATUS_TEXTS};
use crate::jobs::{
    DeliveredMessage, Delivery, Failure, JobId, JobOutcome, JobSummary, Outbox, Outgoing, OutgoingId, StoreError,
};

/// No result and no download is put off for longer. A time further ahead was written before the clock was set back.
pub(super) const LONGEST_DELAY: Duration = Duration::from_secs(3600);

#[async_trait]
impl Outbox for Store {
    async fn unsent_messages(&self) -> Result<Vec<Outgoing>, StoreError> {
        let rows: Vec<(i64, i64, Option<i64>, String)> =
            sqlx::query_as("SELECT id, chat_id, job_id, body FROM outgoing ORDER BY id")
                .fetch_all(self.reader())
                .await?;
        let message = |(id, chat_id, job, body): (i64, i64, Option<i64>, String)| Outgoing {
            id: OutgoingId(id),
            chat_id,
            job: job.map(JobId),
            body,
        };
        Ok(rows.into_iter().map(message).collect())
    }

    async fn mark_sent(&self, message: OutgoingId) -> Result<(), StoreError> {
        let delete = |id: OutgoingId, ()| sqlx::query("DELETE FROM outgoing WHERE id = $1").bind(id.0);
        self.sent_messages.write(self, message, (), delete).await
    }

    async fn due_deliveries(&self, busy: &[i64], limit: u32) -> Result<Vec<Delivery>, StoreError> {
        let rows = self.take_due_deliveries(busy, limit).await?;
        let mut deliveries = Vec::with_capacity(rows.len());
        for row in rows {
            let id = JobId(row.id);
            match self.delivery(row).await {
                Err(error @ StoreError::Unreadable { .. }) => {
                    tracing::error!(job = %id, %error, "a result can not be delivered");
                    self.mark_delivered(id, &[]).await?;
                }
                delivery => deliveries.push(delivery?),
            }
        }
        Ok(deliveries)
    }

    async fn mark_delivered(&self, job: JobId, messages: &[DeliveredMessage]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let delivered = sqlx::query(
            "UPDATE jobs SET delivered_at = $2, state = CASE state WHEN 'drawn' THEN 'delivered' ELSE state END WHERE id = $1",
        )
        .bind(job.0)
        .bind(now_ms())
        .execute(&mut *transaction)
        .await?;
        // A job that was forgotten meanwhile stays so.
        if delivered.rows_affected() > 0 {
            store_deliveries(&mut transaction, job, messages).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn mark_partly_delivered(&self, job: JobId, messages: &[DeliveredMessage]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let exists: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM jobs WHERE id = $1)")
            .bind(job.0)
            .fetch_one(&mut *transaction)
            .await?;
        if exists {
            store_deliveries(&mut transaction, job, messages).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn postpone_delivery(&self, job: JobId, delay: Duration) -> Result<(), StoreError> {
        sqlx::query("UPDATE jobs SET deliver_after = $2, delivery_attempts = delivery_attempts + 1 WHERE id = $1")
            .bind(job.0)
            .bind(after(delay))
            .execute(self.writer())
            .await?;
        Ok(())
    }

    async fn set_status_message(&self, job: JobId, message_id: i32, shown: &str) -> Result<(), StoreError> {
        self.write_status_message(job, Some((message_id, shown.to_owned()))).await
    }

    async fn set_status_text(&self, job: JobId, shown: &str) -> Result<(), StoreError> {
        let update = |job: JobId, shown: String| {
            sqlx::query("UPDATE jobs SET status_text = $2 WHERE id = $1 AND state = 'queued'").bind(job.0).bind(shown)
        };
        self.status_texts.write(self, job, shown.to_owned(), update).await
    }

    async fn status_texts(&self) -> Result<HashMap<JobId, String>, StoreError> {
        let rows: Vec<(i64, String)> = sqlx::query_as(SELECT_STATUS_TEXTS).fetch_all(self.reader()).await?;
        Ok(rows.into_iter().map(|(job, text)| (JobId(job), text)).collect())
    }

    async fn clear_status_message(&self, job: JobId) -> Result<(), StoreError> {
        self.write_status_message(job, None).await
    }

    async fn stale_status_messages(&self) -> Result<Vec<JobSummary>, StoreError> {
        let rows: Vec<JobRow> = sqlx::query_as(SELECT_STALE_STATUS).fetch_all(self.reader()).await?;
        Ok(rows.into_iter().filter_map(|row| row.summary().ok()).collect())
    }
}

impl Store {
    async fn write_status_message(&self, job: JobId, shown: Option<(i32, String)>) -> Result<(), StoreError> {
        let update = |job: JobId, shown: Option<(i32, String)>| {
            let (message_id, text) = shown.unzip();
            // A worker that has begun meanwhile changes the message.
            let statement = "UPDATE jobs SET status_message_id = $2,
                status_text = CASE state WHEN 'queued' THEN $3 END WHERE id = $1";
            sqlx::query(statement).bind(job.0).bind(message_id).bind(text)
        };
        self.status_messages.write(self, job, shown, update).await
    }

    async fn delivery(&self, row: JobRow) -> Result<Delivery, StoreError> {
        let outcome = match row.failure.as_deref() {
            Some(name) => JobOutcome::Failure(Failure::from_name(name)),
            None => JobOutcome::Pictures(self.infos_of_results(JobId(row.id)).await?),
        };
        let attempts = u32::try_from(row.delivery_attempts).unwrap_or(u32::MAX);
        let job = row.summary()?;
        let Some(address) = job.chat().cloned() else {
            return Err(super::unreadable(job.id.0, "it came from no chat"));
        };
        let sent = self.messages_of(job.id).await?;
        Ok(Delivery { job, address, outcome, sent, attempts })
    }
}

/// The time after a delay, as it is stored.
pub(super) fn after(delay: Duration) -> i64 {
    now_ms().saturating_add(milliseconds(delay.min(LONGEST_DELAY)))
}

/// What was put off until the first of these times or earlier is due, and what was put off for longer than the second.
pub(super) fn due_between() -> (i64, i64) {
    (now_ms(), after(LONGEST_DELAY))
}
