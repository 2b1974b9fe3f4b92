//! The states of chats.

use async_trait::async_trait;

use super::Store;
use super::rows::SELECT_CHATS_CONTAINING;
use crate::chats::ChatStore;
use crate::jobs::StoreError;

#[async_trait]
impl ChatStore for Store {
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
        let chats = sqlx::query_as(SELECT_CHATS_CONTAINING).bind(text);
        Ok(chats.fetch_all(self.reader()).await?)
    }
}
