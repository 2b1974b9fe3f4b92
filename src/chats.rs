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

    /// Forgets a chat.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn forget(&self, chat_id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM chats WHERE chat_id = $1").bind(chat_id).execute(&self.writer).await?;
        Ok(())
    }

    /// A group has another number; its state goes along, unless there is one already.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn move_chat(&self, from: i64, to: i64) -> Result<(), sqlx::Error> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let insert = "INSERT INTO chats (chat_id, state, updated_at) SELECT $2, state, updated_at FROM chats
                      WHERE chat_id = $1 ON CONFLICT (chat_id) DO NOTHING";
        sqlx::query(insert).bind(from).bind(to).execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM chats WHERE chat_id = $1").bind(from).execute(&mut *transaction).await?;
        transaction.commit().await
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

    #[tokio::test]
    async fn a_group_that_moved_keeps_its_state() {
        let folder = tempfile::tempdir().unwrap();
        let store = ChatStore::new(&Database::open(folder.path()).await.unwrap());
        store.save(-5, "old").await.unwrap();
        store.move_chat(-5, -1005).await.unwrap();
        assert_eq!(store.load(-5).await.unwrap(), None);
        assert_eq!(store.load(-1005).await.unwrap().as_deref(), Some("old"));
        store.save(-5, "older").await.unwrap();
        store.move_chat(-5, -1005).await.unwrap();
        assert_eq!(store.load(-1005).await.unwrap().as_deref(), Some("old"));
    }
}
