//! Keys of the HTTP API.

use async_trait::async_trait;
use sqlx::FromRow;

use super::Store;
use super::clock::{now_ms, time};
use crate::jobs::StoreError;
use crate::keys::{ApiKey, ApiKeys, NewApiKey};

#[derive(FromRow)]
struct KeyRow {
    id: i64,
    user_id: Option<i64>,
    name: String,
    hour: Option<i64>,
    day: Option<i64>,
    created_at: i64,
    used_at: Option<i64>,
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id,
            user: row.user_id,
            name: row.name,
            hour: row.hour.and_then(count),
            day: row.day.and_then(count),
            created_at: time(row.created_at),
            used_at: row.used_at.map(time),
        }
    }
}

/// A number of jobs as it is stored.
fn count(stored: i64) -> Option<u32> {
    u32::try_from(stored).ok()
}

#[async_trait]
impl ApiKeys for Store {
    async fn add_key(&self, key: &NewApiKey) -> Result<Option<ApiKey>, StoreError> {
        let row: Option<KeyRow> = sqlx::query_as(
            "INSERT INTO api_keys (user_id, name, hash, hour, day, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT DO NOTHING RETURNING id, user_id, name, hour, day, created_at, used_at",
        )
        .bind(key.user)
        .bind(&key.name)
        .bind(&key.hash)
        .bind(key.hour.map(i64::from))
        .bind(key.day.map(i64::from))
        .bind(now_ms())
        .fetch_optional(self.writer())
        .await?;
        Ok(row.map(ApiKey::from))
    }

    async fn keys(&self) -> Result<Vec<ApiKey>, StoreError> {
        let query = "SELECT id, user_id, name, hour, day, created_at, used_at FROM api_keys ORDER BY id";
        let rows: Vec<KeyRow> = sqlx::query_as(query).fetch_all(self.reader()).await?;
        Ok(rows.into_iter().map(ApiKey::from).collect())
    }

    async fn keys_of(&self, user: i64) -> Result<Vec<ApiKey>, StoreError> {
        let query = "SELECT id, user_id, name, hour, day, created_at, used_at FROM api_keys
             WHERE COALESCE(user_id, 0) = $1 AND user_id IS NOT NULL ORDER BY name";
        // From the writer, which has seen the key that was just made.
        let rows: Vec<KeyRow> = sqlx::query_as(query).bind(user).fetch_all(self.writer()).await?;
        Ok(rows.into_iter().map(ApiKey::from).collect())
    }

    async fn remove_key(&self, name: &str) -> Result<bool, StoreError> {
        let delete = sqlx::query("DELETE FROM api_keys WHERE COALESCE(user_id, 0) = 0 AND name = $1").bind(name);
        Ok(delete.execute(self.writer()).await?.rows_affected() > 0)
    }

    async fn remove_key_of(&self, user: i64, id: i64) -> Result<Option<String>, StoreError> {
        let delete = "DELETE FROM api_keys WHERE id = $1 AND user_id = $2 RETURNING name";
        Ok(sqlx::query_scalar(delete).bind(id).bind(user).fetch_optional(self.writer()).await?)
    }

    async fn key_by_hash(&self, hash: &str) -> Result<Option<ApiKey>, StoreError> {
        let query = "SELECT id, user_id, name, hour, day, created_at, used_at FROM api_keys WHERE hash = $1";
        let row: Option<KeyRow> = sqlx::query_as(query).bind(hash).fetch_optional(self.reader()).await?;
        Ok(row.map(ApiKey::from))
    }

    async fn note_key_use(&self, id: i64) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE api_keys SET used_at = $2 WHERE id = $1").bind(id).bind(now_ms());
        update.execute(self.writer()).await?;
        Ok(())
    }
}
