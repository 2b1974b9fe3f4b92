//! People and chats that are not served, and chats in which nobody is.

use super::HouseStore;
use crate::database::now_ms;

impl HouseStore {
    /// Somebody wrote: whether they or their chat are not served. A chat that was given up is back.
    ///
    /// # Errors
    /// When the database can not be asked.
    pub async fn somebody_wrote(&self, person: i64, chat_id: i64) -> Result<bool, sqlx::Error> {
        let (is_banned, was_gone): (bool, bool) = sqlx::query_as(
            "SELECT EXISTS (SELECT 1 FROM bans WHERE id IN ($1, $2)), EXISTS (SELECT 1 FROM gone_chats WHERE chat_id = $2)",
        )
        .bind(person)
        .bind(chat_id)
        .fetch_one(&self.reader)
        .await?;
        if was_gone {
            sqlx::query("DELETE FROM gone_chats WHERE chat_id = $1").bind(chat_id).execute(&self.writer).await?;
        }
        Ok(is_banned)
    }

    /// Whether a person is not served.
    ///
    /// # Errors
    /// When the database can not be asked.
    pub async fn is_banned(&self, person: i64) -> Result<bool, sqlx::Error> {
        let query = "SELECT EXISTS (SELECT 1 FROM bans WHERE id = $1)";
        sqlx::query_scalar(query).bind(person).fetch_one(&self.reader).await
    }

    /// Nobody is in this chat any more: blocked, deleted. Nothing is broadcast there until somebody writes.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn give_up(&self, chat_id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO gone_chats (chat_id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(chat_id)
            .bind(now_ms())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Serves a person or a chat no longer. Whether that is new.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn ban(&self, id: i64) -> Result<bool, sqlx::Error> {
        let statement = "INSERT INTO bans (id, since) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        Ok(sqlx::query(statement).bind(id).bind(now_ms()).execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Serves them again. Whether they were banned.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn unban(&self, id: i64) -> Result<bool, sqlx::Error> {
        Ok(sqlx::query("DELETE FROM bans WHERE id = $1").bind(id).execute(&self.writer).await?.rows_affected() > 0)
    }

    /// The number that a group had before it became a supergroup.
    ///
    /// # Errors
    /// When the database can not be read.
    pub async fn former_number(&self, chat_id: i64) -> Result<Option<i64>, sqlx::Error> {
        let query = "SELECT CAST(value AS INTEGER) FROM house WHERE key = 'moved:' || $1";
        sqlx::query_scalar(query).bind(chat_id).fetch_optional(&self.reader).await
    }

    /// A group has another number; a ban goes along, and the settings may still name the old one.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn move_chat(&self, from: i64, to: i64) -> Result<(), sqlx::Error> {
        for statement in [
            "UPDATE OR REPLACE bans SET id = $2 WHERE id = $1",
            "INSERT OR REPLACE INTO house (key, value) VALUES ('moved:' || $2, CAST($1 AS TEXT))",
        ] {
            sqlx::query(statement).bind(from).bind(to).execute(&self.writer).await?;
        }
        Ok(())
    }

    /// Remembers that the admins were told of failures; whether that is new.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn set_alerted(&self, is_alerted: bool) -> Result<bool, sqlx::Error> {
        let statement = match is_alerted {
            true => "INSERT INTO house (key, value) VALUES ('alerted', '') ON CONFLICT DO NOTHING",
            false => "DELETE FROM house WHERE key = 'alerted'",
        };
        Ok(sqlx::query(statement).execute(&self.writer).await?.rows_affected() > 0)
    }
}
