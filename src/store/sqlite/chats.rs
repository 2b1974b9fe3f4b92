//! The states of chats.

use async_trait::async_trait;

use super::SqliteStore;
use crate::chats::ChatStore;
use crate::jobs::StoreError;

#[async_trait]
impl ChatStore for SqliteStore {
    async fn chat_state(&self, chat_id: i64) -> Result<Option<String>, StoreError> {
        let state = sqlx::query_scalar("SELECT state FROM chats WHERE chat_id = $1").bind(chat_id);
        Ok(state.fetch_optional(self.reader()).await?)
    }

    async fn replace_chat_state(&self, chat_id: i64, read: &str, new: &str) -> Result<bool, StoreError> {
        let replaced = sqlx::query("UPDATE chats SET state = $3 WHERE chat_id = $1 AND state = $2")
            .bind(chat_id)
            .bind(read)
            .bind(new)
            .execute(self.writer())
            .await?;
        Ok(replaced.rows_affected() > 0)
    }

    async fn chats_containing(&self, text: &str) -> Result<Vec<(i64, String)>, StoreError> {
        let chats = sqlx::query_as("SELECT chat_id, state FROM chats WHERE instr(state, $1) > 0").bind(text);
        Ok(chats.fetch_all(self.reader()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::fixture::Fixture;

    #[tokio::test]
    async fn a_state_is_replaced_only_if_it_is_what_was_read() {
        let fixture = Fixture::new().await;
        fixture.save_chat(7, "read").await;
        assert!(fixture.store.replace_chat_state(7, "read", "new").await.unwrap());
        assert!(!fixture.store.replace_chat_state(7, "read", "newer").await.unwrap());
        assert!(!fixture.store.replace_chat_state(8, "read", "new").await.unwrap(), "this chat never wrote");
        assert_eq!(fixture.store.chat_state(7).await.unwrap().as_deref(), Some("new"));
        assert_eq!(fixture.store.chat_state(8).await.unwrap(), None);
    }
}
