//! Bans, chats in which nobody is, and notes.

use async_trait::async_trait;

use super::Store;
use super::clock::now_ms;
use crate::jobs::StoreError;
use crate::policy::AdminStore;

#[async_trait]
impl AdminStore for Store {
    async fn note_activity(&self, user: i64, chat_id: i64) -> Result<bool, StoreError> {
        let (is_banned, was_gone): (bool, bool) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM bans WHERE id IN ($1, $2)), EXISTS (SELECT 1 FROM gone_chats WHERE chat_id = $2)",
        )
        .bind(user)
        .bind(chat_id)
        .fetch_one(self.reader())
        .await?;
        if was_gone {
            sqlx::query("DELETE FROM gone_chats WHERE chat_id = $1").bind(chat_id).execute(self.writer()).await?;
        }
        Ok(is_banned)
    }

    async fn is_banned(&self, user: i64) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM bans WHERE id = $1)";
        Ok(sqlx::query_scalar(query).bind(user).fetch_one(self.reader()).await?)
    }

    async fn mark_gone(&self, chat_id: i64) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO gone_chats (chat_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(chat_id)
            .bind(now_ms())
            .execute(self.writer())
            .await?;
        Ok(())
    }

    async fn ban(&self, id: i64) -> Result<bool, StoreError> {
        let statement = "INSERT INTO bans (id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        Ok(sqlx::query(statement).bind(id).bind(now_ms()).execute(self.writer()).await?.rows_affected() > 0)
    }

    async fn unban(&self, id: i64) -> Result<bool, StoreError> {
        Ok(sqlx::query("DELETE FROM bans WHERE id = $1").bind(id).execute(self.writer()).await?.rows_affected() > 0)
    }

    async fn former_chat_id(&self, chat_id: i64) -> Result<Option<i64>, StoreError> {
        let query = "SELECT CAST(value AS BIGINT) FROM settings WHERE key = 'moved:' || $1";
        Ok(sqlx::query_scalar(query).bind(chat_id).fetch_optional(self.reader()).await?)
    }

    async fn set_alerted(&self, is_alerted: bool) -> Result<bool, StoreError> {
        let statement = match is_alerted {
            true => "INSERT INTO settings (key, value) VALUES ('alerted', '') ON CONFLICT DO NOTHING",
            false => "DELETE FROM settings WHERE key = 'alerted'",
        };
        Ok(sqlx::query(statement).execute(self.writer()).await?.rows_affected() > 0)
    }
}
