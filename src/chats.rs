//! What the conversation remembers of each chat: one row, so that a restart forgets nothing.
//!
//! The row's text is the conversation's own (JSON); this room only keeps it.

use sqlx::SqlitePool;

use crate::database::{Database, now_ms};

/// The rows of all chats.
#[derive(Debug, Clone)]
pub struct ChatStore {
    reader: SqlitePool,
    writer: SqlitePool,
}

impl ChatStore {
    /// The store in this database.
    #[must_use]
    pub fn new(database: &Database) -> Self {
        Self { reader: database.reader.clone(), writer: database.writer.clone() }
    }

    /// The state of a chat; `None` for one that never wrote.
    ///
    /// # Errors
    /// When the database can not be read.
    pub async fn load(&self, chat_id: i64) -> Result<Option<String>, sqlx::Error> {
        sqlx::query_scalar("SELECT state FROM chats WHERE chat_id = $1")
            .bind(chat_id)
            .fetch_optional(&self.reader)
            .await
    }

    /// Replaces the state of a chat.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn save(&self, chat_id: i64, state: &str) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO chats (chat_id, state, updated_at) VALUES ($1, $2, $3)
             ON CONFLICT (chat_id) DO UPDATE SET state = excluded.state, updated_at = excluded.updated_at",
        )
        .bind(chat_id)
        .bind(state)
        .bind(now_ms())
        .execute(&self.writer)
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_state_outlives_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let store = ChatStore::new(&Database::open(folder.path()).await.unwrap());
        store.save(7, "one").await.unwrap();
        store.save(7, "two").await.unwrap();
        drop(store);
        let store = ChatStore::new(&Database::open(folder.path()).await.unwrap());
        assert_eq!(store.load(7).await.unwrap().as_deref(), Some("two"));
        assert_eq!(store.load(8).await.unwrap(), None);
    }
}
