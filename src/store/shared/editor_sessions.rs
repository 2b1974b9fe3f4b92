//! Who may come into the editor.

use std::time::Duration;

use async_trait::async_trait;

use super::Store;
use super::clock::{milliseconds, now_ms};
use super::dialect::lock_user;
use crate::gallery::{EditorSessions, NewCode};
use crate::i18n::Language;
use crate::jobs::{Requester, StoreError};

#[async_trait]
impl EditorSessions for Store {
    async fn secret(&self, new: &str) -> Result<String, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("INSERT INTO settings (key, value) VALUES ('web_secret', $1) ON CONFLICT DO NOTHING")
            .bind(new)
            .execute(&mut *transaction)
            .await?;
        let secret = sqlx::query_scalar("SELECT value FROM settings WHERE key = 'web_secret'")
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(secret)
    }

    async fn open_salt(&self, user: Requester, new: &str) -> Result<String, StoreError> {
        let mut transaction = self.begin().await?;
        lock_user(&mut transaction, user.0).await?;
        sqlx::query("INSERT INTO editor_users (user_id, salt) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(user.0)
            .bind(new)
            .execute(&mut *transaction)
            .await?;
        let salt = sqlx::query_scalar("SELECT salt FROM editor_users WHERE user_id = $1")
            .bind(user.0)
            .fetch_one(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(salt)
    }

    async fn salt(&self, user: Requester) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT salt FROM editor_users WHERE user_id = $1");
        Ok(query.bind(user.0).fetch_optional(self.reader()).await?)
    }

    async fn add_code(&self, hash: &str, code: &NewCode, valid_for: Duration) -> Result<(), StoreError> {
        let now = now_ms();
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM editor_codes WHERE expires_at < $1").bind(now).execute(&mut *transaction).await?;
        sqlx::query(
            "INSERT INTO editor_codes (hash, user_id, name, language, reference, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(hash)
        .bind(code.user.0)
        .bind(&code.name)
        .bind(code.language.code())
        .bind(&code.reference)
        .bind(now.saturating_add(milliseconds(valid_for)))
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    async fn take_code(&self, hash: &str) -> Result<Option<NewCode>, StoreError> {
        let row: Option<(i64, String, String, Option<String>, i64)> = sqlx::query_as(
            "DELETE FROM editor_codes WHERE hash = $1 RETURNING user_id, name, language, reference, expires_at",
        )
        .bind(hash)
        .fetch_optional(self.writer())
        .await?;
        let row = row.filter(|row| row.4 >= now_ms());
        Ok(row.map(|(user, name, language, reference, _)| NewCode {
            user: Requester(user),
            name,
            language: Language::from_code(Some(&language)),
            reference,
        }))
    }

    async fn has_chat(&self, user: Requester) -> Result<bool, StoreError> {
        let query = "SELECT EXISTS (SELECT 1 FROM chats WHERE chat_id = $1)
            AND NOT EXISTS (SELECT 1 FROM gone_chats WHERE chat_id = $1)";
        Ok(sqlx::query_scalar(query).bind(user.0).fetch_one(self.reader()).await?)
    }
}
