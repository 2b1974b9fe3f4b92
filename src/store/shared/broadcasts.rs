//! Messages of the owner to all private chats.

use async_trait::async_trait;
use sqlx::FromRow;

use super::Store;
use super::clock::now_ms;
use crate::i18n::Language;
use crate::jobs::StoreError;
use crate::policy::{Broadcast, BroadcastOutcome, BroadcastTally, Broadcasts};

#[derive(Debug, FromRow)]
struct Row {
    id: i64,
    admin_id: i64,
    language: String,
    text: String,
    status_chat_id: Option<i64>,
    status_message_id: Option<i32>,
}

impl From<Row> for Broadcast {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            admin: row.admin_id,
            language: Language::from_code(Some(&row.language)),
            text: row.text,
            status: row.status_chat_id.zip(row.status_message_id),
        }
    }
}

/// The private chats in which somebody wrote or drew, without the banned and those in which nobody is any more.
const KNOWN: &str = "
    SELECT chat_id FROM (SELECT chat_id FROM chats UNION SELECT chat_id FROM jobs) AS known
    WHERE chat_id > 0 AND chat_id NOT IN (SELECT id FROM bans UNION SELECT chat_id FROM gone_chats)";

#[async_trait]
impl Broadcasts for Store {
    async fn broadcast_chats(&self) -> Result<i64, StoreError> {
        let query = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM ({KNOWN}) AS chosen"));
        Ok(sqlx::query_scalar(query).fetch_one(self.reader()).await?)
    }

    async fn draft_broadcast(&self, admin: i64, language: Language, text: &str) -> Result<i64, StoreError> {
        let insert = sqlx::query_scalar(
            "INSERT INTO broadcasts (admin_id, language, text, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
        );
        let insert = insert.bind(admin).bind(language.code()).bind(text).bind(now_ms());
        Ok(insert.fetch_one(self.writer()).await?)
    }

    async fn start_broadcast(&self, id: i64, status: (i64, i32)) -> Result<Option<Broadcast>, StoreError> {
        let mut transaction = self.begin().await?;
        let row: Option<Row> = sqlx::query_as(
            "UPDATE broadcasts SET state = 'sending', status_chat_id = $2, status_message_id = $3
             WHERE id = $1 AND state = 'draft'
             RETURNING id, admin_id, language, text, status_chat_id, status_message_id",
        )
        .bind(id)
        .bind(status.0)
        .bind(status.1)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let statement =
            format!("INSERT INTO broadcast_chats (broadcast_id, chat_id) SELECT $1, chat_id FROM ({KNOWN}) AS chosen");
        sqlx::query(sqlx::AssertSqlSafe(statement)).bind(id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Some(row.into()))
    }

    async fn drop_broadcast(&self, id: i64) -> Result<bool, StoreError> {
        let statement = "UPDATE broadcasts SET state = 'dropped', text = '' WHERE id = $1 AND state = 'draft'";
        Ok(sqlx::query(statement).bind(id).execute(self.writer()).await?.rows_affected() > 0)
    }

    async fn unfinished_broadcasts(&self) -> Result<Vec<Broadcast>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, admin_id, language, text, status_chat_id, status_message_id FROM broadcasts
             WHERE state = 'sending' ORDER BY id",
        )
        .fetch_all(self.reader())
        .await?;
        Ok(rows.into_iter().map(Broadcast::from).collect())
    }

    async fn next_broadcast_chat(&self, id: i64) -> Result<Option<i64>, StoreError> {
        let next = sqlx::query_scalar(
            "SELECT chat_id FROM broadcast_chats WHERE broadcast_id = $1 AND outcome IS NULL ORDER BY chat_id LIMIT 1",
        );
        Ok(next.bind(id).fetch_optional(self.reader()).await?)
    }

    async fn settle_broadcast_chat(&self, id: i64, chat_id: i64, outcome: BroadcastOutcome) -> Result<(), StoreError> {
        sqlx::query("UPDATE broadcast_chats SET outcome = $3 WHERE broadcast_id = $1 AND chat_id = $2")
            .bind(id)
            .bind(chat_id)
            .bind(outcome_name(outcome))
            .execute(self.writer())
            .await?;
        Ok(())
    }

    async fn finish_broadcast(&self, id: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE broadcasts SET state = 'done' WHERE id = $1").bind(id).execute(self.writer()).await?;
        Ok(())
    }

    async fn broadcast_tally(&self, id: i64) -> Result<BroadcastTally, StoreError> {
        let (all, sent, gone, refused) = sqlx::query_as(
            "SELECT COUNT(*), COUNT(CASE outcome WHEN 'sent' THEN 1 END), COUNT(CASE outcome WHEN 'gone' THEN 1 END),
                    COUNT(CASE outcome WHEN 'refused' THEN 1 END)
             FROM broadcast_chats WHERE broadcast_id = $1",
        )
        .bind(id)
        .fetch_one(self.reader())
        .await?;
        Ok(BroadcastTally { all, sent, gone, refused })
    }
}

/// The name in the database.
fn outcome_name(outcome: BroadcastOutcome) -> &'static str {
    match outcome {
        BroadcastOutcome::Sent => "sent",
        BroadcastOutcome::Gone => "gone",
        BroadcastOutcome::Refused => "refused",
    }
}
