//! Keys of the HTTP API.

use async_trait::async_trait;
use sqlx::FromRow;

use super::SqliteStore;
use super::clock::{now_ms, time};
use crate::jobs::StoreError;
use crate::keys::{ApiKey, ApiKeys, NewApiKey};

#[derive(FromRow)]
struct KeyRow {
    id: i64,
    user_id: Option<i64>,
    name: String,
    hour: Option<u32>,
    day: Option<u32>,
    created_at: i64,
    used_at: Option<i64>,
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id,
            user: row.user_id,
            name: row.name,
            hour: row.hour,
            day: row.day,
            created_at: time(row.created_at),
            used_at: row.used_at.map(time),
        }
    }
}

#[async_trait]
impl ApiKeys for SqliteStore {
    async fn add_key(&self, key: &NewApiKey) -> Result<Option<ApiKey>, StoreError> {
        let row: Option<KeyRow> = sqlx::query_as(
            "INSERT INTO api_keys (user_id, name, hash, hour, day, created_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT DO NOTHING RETURNING id, user_id, name, hour, day, created_at, used_at",
        )
        .bind(key.user)
        .bind(&key.name)
        .bind(&key.hash)
        .bind(key.hour)
        .bind(key.day)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{hash_key, new_key};
    use crate::store::sqlite::fixture::Fixture;

    fn new(name: &str, secret: &str) -> NewApiKey {
        NewApiKey { user: None, name: name.to_owned(), hash: hash_key(secret), hour: Some(3), day: None }
    }

    #[tokio::test]
    async fn a_key_opens_until_it_is_removed_and_its_number_is_not_used_again() {
        let fixture = Fixture::new().await;
        let secret = new_key();
        let key = fixture.store.add_key(&new("a", &secret)).await.unwrap().unwrap();
        assert_eq!(fixture.store.add_key(&new("a", "other")).await.unwrap(), None, "the name is taken");
        assert_eq!(fixture.store.key_by_hash(&hash_key(&secret)).await.unwrap(), Some(key.clone()));
        assert!(key.is_use_noteworthy() && key.hour == Some(3));
        fixture.store.note_key_use(key.id).await.unwrap();
        let used = fixture.store.key_by_hash(&hash_key(&secret)).await.unwrap().unwrap();
        assert!(!used.is_use_noteworthy(), "once a minute is enough");
        assert!(fixture.store.remove_key("a").await.unwrap() && !fixture.store.remove_key("a").await.unwrap());
        assert_eq!(fixture.store.key_by_hash(&hash_key(&secret)).await.unwrap(), None);
        let next = fixture.store.add_key(&new("a", "other")).await.unwrap().unwrap();
        assert!(next.id > key.id);
    }

    #[tokio::test]
    async fn keys_of_users_have_names_of_their_own_and_go_with_their_user() {
        let fixture = Fixture::new().await;
        let of = |user, secret| NewApiKey { user, ..new("a", secret) };
        let (anna, boris) = (Some(7), Some(8));
        for (user, secret) in [(None, "1"), (anna, "2"), (boris, "3")] {
            assert_eq!(fixture.store.add_key(&of(user, secret)).await.unwrap().unwrap().user, user);
        }
        assert_eq!(fixture.store.add_key(&of(anna, "4")).await.unwrap(), None);
        let of_anna = fixture.store.keys_of(7).await.unwrap();
        assert_eq!((of_anna.len(), of_anna[0].requester()), (1, crate::jobs::Requester(7)));
        assert_eq!(fixture.store.remove_key_of(8, of_anna[0].id).await.unwrap(), None, "it is Anna's");
        assert_eq!(fixture.store.remove_key_of(7, of_anna[0].id).await.unwrap().as_deref(), Some("a"));
        assert!(fixture.store.remove_key("a").await.unwrap() && !fixture.store.remove_key("a").await.unwrap());
        crate::jobs::Archive::forget(&fixture.store, crate::jobs::Requester(8), false).await.unwrap();
        assert!(fixture.store.keys().await.unwrap().is_empty(), "who is forgotten has no key any more");
    }

    #[tokio::test]
    async fn another_process_adds_a_key_while_the_store_is_served() {
        let fixture = Fixture::new().await;
        let beside = SqliteStore::open_beside(fixture.folder.path()).await.unwrap();
        beside.add_key(&new("a", "secret")).await.unwrap().unwrap();
        beside.close().await;
        assert!(fixture.store.key_by_hash(&hash_key("secret")).await.unwrap().is_some());
        fixture.store.execute("DROP TABLE api_keys").await;
        let error = SqliteStore::open_beside(fixture.folder.path()).await.unwrap_err().to_string();
        assert!(error.contains("restart"), "{error}");
    }
}
