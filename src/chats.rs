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

    /// The chats whose state holds these words, with it.
    ///
    /// # Errors
    /// When the database can not be read.
    pub async fn containing(&self, words: &str) -> Result<Vec<(i64, String)>, sqlx::Error> {
        sqlx::query_as("SELECT chat_id, state FROM chats WHERE instr(state, $1) > 0")
            .bind(words)
            .fetch_all(&self.reader)
            .await
    }

    /// Forgets a person: their private chat, whose number is theirs, and what they were putting together in groups
    /// (`drafts`, by person).
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn forget(&self, person: i64) -> Result<(), sqlx::Error> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM chats WHERE chat_id = $1").bind(person).execute(&mut *transaction).await?;
        let in_groups = "UPDATE chats SET state = json_remove(state, $1)
                         WHERE json_valid(state) AND json_type(state, $1) IS NOT NULL";
        sqlx::query(in_groups).bind(format!("$.drafts.\"{person}\"")).execute(&mut *transaction).await?;
        transaction.commit().await
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
    async fn whoever_is_forgotten_leaves_nothing_in_groups() {
        let folder = tempfile::tempdir().unwrap();
        let store = ChatStore::new(&Database::open(folder.path()).await.unwrap());
        for (chat, state) in [
            (7, r#"{"count":2}"#),
            (-5, r#"{"count":1,"drafts":{"7":{"prompt":"a secret"},"77":{"prompt":"kept"}},"drafts_made":2}"#),
            (-6, "damaged: \"7\""),
        ] {
            store.save(chat, state).await.unwrap();
        }
        store.forget(7).await.unwrap();
        assert_eq!(store.load(7).await.unwrap(), None);
        let left = r#"{"count":1,"drafts":{"77":{"prompt":"kept"}},"drafts_made":2}"#;
        assert_eq!(store.load(-5).await.unwrap().as_deref(), Some(left));
        assert_eq!(store.containing("kept").await.unwrap(), [(-5, left.to_owned())]);
        assert!(store.load(-6).await.unwrap().is_some());
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
