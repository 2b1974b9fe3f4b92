//! Pictures and history of jobs that have ended.

use async_trait::async_trait;
use bytes::Bytes;

use super::Store;
use super::disk::DROP_ORPHAN;
use super::rows::{JobRow, SELECT_BY_SHARE_TOKEN, SELECT_RECENT};
use crate::jobs::{
    Archive, DeliveredJob, DeliveredMessage, JobId, JobSummary, PictureInfo, Requester, Retention, RetentionReport,
    StoreError,
};

#[async_trait]
impl Archive for Store {
    async fn picture_infos(&self, job: JobId) -> Result<Vec<PictureInfo>, StoreError> {
        self.infos_of_results(job).await
    }

    async fn picture(&self, job: JobId, index: u32) -> Result<Option<Bytes>, StoreError> {
        let bytes: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT bytes FROM job_pictures JOIN pictures ON pictures.id = picture_id
             WHERE job_id = $1 AND role = 'result' AND position = $2",
        )
        .bind(job.0)
        .bind(i64::from(index))
        .fetch_optional(self.reader())
        .await?;
        Ok(bytes.map(Bytes::from))
    }

    async fn job_of_message(&self, chat: i64, message: i32) -> Result<Option<(JobId, Option<u32>)>, StoreError> {
        let found: Option<(i64, Option<i64>)> =
            sqlx::query_as("SELECT job_id, position FROM deliveries WHERE chat_id = $1 AND message_id = $2")
                .bind(chat)
                .bind(message)
                .fetch_optional(self.reader())
                .await?;
        Ok(found.map(|(job, position)| (JobId(job), position.and_then(|position| u32::try_from(position).ok()))))
    }

    async fn recent(
        &self,
        user: Requester,
        chat: Option<i64>,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<DeliveredJob>, StoreError> {
        let before = before.map_or(i64::MAX, |job| job.0);
        let rows: Vec<JobRow> = sqlx::query_as(SELECT_RECENT)
            .bind(user.0)
            .bind(before)
            .bind(i64::from(limit))
            .bind(chat)
            .fetch_all(self.reader())
            .await?;
        let jobs: Vec<JobSummary> = rows.into_iter().filter_map(|row| row.summary().ok()).collect();
        let ids: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
        let mut messages = self.messages_of_all(&ids).await?;
        let delivered = |job: JobSummary| DeliveredJob { messages: messages.remove(&job.id).unwrap_or_default(), job };
        Ok(jobs.into_iter().map(delivered).collect())
    }

    async fn remove(&self, job: JobId) -> Result<Vec<DeliveredMessage>, StoreError> {
        let messages = self.messages_of(job).await?;
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM deliveries WHERE job_id = $1").bind(job.0).execute(&mut *transaction).await?;
        let removed: Vec<i64> =
            sqlx::query_scalar("DELETE FROM job_pictures WHERE job_id = $1 AND role = 'result' RETURNING picture_id")
                .bind(job.0)
                .fetch_all(&mut *transaction)
                .await?;
        for picture in removed {
            sqlx::query(DROP_ORPHAN).bind(picture).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(messages)
    }

    async fn share(&self, job: JobId, token: &str) -> Result<Option<String>, StoreError> {
        let update = sqlx::query_scalar(
            "UPDATE jobs SET share_token = COALESCE(share_token, $2) WHERE id = $1 RETURNING share_token",
        );
        Ok(update.bind(job.0).bind(token).fetch_optional(self.writer()).await?)
    }

    async fn shared(&self, token: &str) -> Result<Option<JobSummary>, StoreError> {
        let row: Option<JobRow> =
            sqlx::query_as(SELECT_BY_SHARE_TOKEN).bind(token).fetch_optional(self.reader()).await?;
        row.map(JobRow::summary).transpose()
    }

    async fn sweep(&self, retention: &Retention) -> Result<RetentionReport, StoreError> {
        self.delete_expired(retention).await
    }

    async fn forget(&self, user: Requester, keep_usage: bool) -> Result<Vec<JobSummary>, StoreError> {
        self.forget_user(user, keep_usage).await
    }

    async fn move_chat(&self, from: i64, to: i64) -> Result<u64, StoreError> {
        self.renumber_chat(from, to).await
    }
}
