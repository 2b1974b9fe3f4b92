//! Messages of the owner to all private chats: who has them already is written down, so that a restart goes on.

use sqlx::FromRow;

use super::HouseStore;
use crate::database::now_ms;
use crate::i18n::Language;

/// A message to everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broadcast {
    /// Its number.
    pub id: i64,
    /// Who wrote it.
    pub admin: i64,
    /// The language of what the admin is told about it.
    pub language: Language,
    /// The message.
    pub text: String,
    /// Chat and number of the message that tells the progress.
    pub status: Option<(i64, i32)>,
}

/// How far a broadcast is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct BroadcastTally {
    /// All chats.
    pub all: i64,
    /// Chats that have the message.
    pub sent: i64,
    /// Chats in which nobody is any more.
    pub gone: i64,
    /// Chats that did not take it for another reason.
    pub refused: i64,
}

/// What came of sending to one chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has the message.
    Sent,
    /// Nobody is there any more: blocked, deleted.
    Gone,
    /// It did not take it.
    Refused,
}

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

/// Everybody who ever wrote or drew in a private chat, but for the banned and those who are gone.
const KNOWN: &str = "
    SELECT chat_id FROM (SELECT chat_id FROM chats UNION SELECT chat_id FROM jobs)
    WHERE chat_id > 0 AND chat_id NOT IN (SELECT id FROM bans UNION SELECT chat_id FROM gone_chats)";

impl HouseStore {
    /// How many private chats there are.
    ///
    /// # Errors
    /// When the database can not be read.
    pub async fn known_chats(&self) -> Result<i64, sqlx::Error> {
        let query = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM ({KNOWN})"));
        sqlx::query_scalar(query).fetch_one(&self.reader).await
    }

    /// Keeps a message that waits for the admin's word.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn draft(&self, admin: i64, language: Language, text: &str) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar(
            "INSERT INTO broadcasts (admin_id, language, text, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
        )
        .bind(admin)
        .bind(language.code())
        .bind(text)
        .bind(now_ms())
        .fetch_one(&self.writer)
        .await
    }

    /// The admin's word: from now on it goes to all chats that are known now. `None` if it is no draft (any more).
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn start_broadcast(&self, id: i64, status: (i64, i32)) -> Result<Option<Broadcast>, sqlx::Error> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
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
            format!("INSERT INTO broadcast_chats (broadcast_id, chat_id) SELECT $1, chat_id FROM ({KNOWN})");
        sqlx::query(sqlx::AssertSqlSafe(statement)).bind(id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Some(row.into()))
    }

    /// The admin thought better of it. Whether it was still a draft.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn drop_draft(&self, id: i64) -> Result<bool, sqlx::Error> {
        let statement = "UPDATE broadcasts SET state = 'dropped', text = '' WHERE id = $1 AND state = 'draft'";
        Ok(sqlx::query(statement).bind(id).execute(&self.writer).await?.rows_affected() > 0)
    }

    /// Messages that are not with everybody yet.
    ///
    /// # Errors
    /// When the database can not be read.
    pub async fn unfinished_broadcasts(&self) -> Result<Vec<Broadcast>, sqlx::Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, admin_id, language, text, status_chat_id, status_message_id FROM broadcasts
             WHERE state = 'sending' ORDER BY id",
        )
        .fetch_all(&self.reader)
        .await?;
        Ok(rows.into_iter().map(Broadcast::from).collect())
    }

    /// The next chat that does not have the message.
    ///
    /// # Errors
    /// When the database can not be read.
    pub async fn next_chat(&self, id: i64) -> Result<Option<i64>, sqlx::Error> {
        sqlx::query_scalar(
            "SELECT chat_id FROM broadcast_chats WHERE broadcast_id = $1 AND outcome IS NULL ORDER BY chat_id LIMIT 1",
        )
        .bind(id)
        .fetch_optional(&self.reader)
        .await
    }

    /// Writes down what came of it.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn settle_chat(&self, id: i64, chat_id: i64, outcome: Outcome) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE broadcast_chats SET outcome = $3 WHERE broadcast_id = $1 AND chat_id = $2")
            .bind(id)
            .bind(chat_id)
            .bind(outcome.name())
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Every chat is settled.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn finish_broadcast(&self, id: i64) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE broadcasts SET state = 'done' WHERE id = $1").bind(id).execute(&self.writer).await?;
        Ok(())
    }

    /// How far it is.
    ///
    /// # Errors
    /// When the database can not be read.
    pub async fn tally(&self, id: i64) -> Result<BroadcastTally, sqlx::Error> {
        sqlx::query_as(
            "SELECT COUNT(*) AS \"all\", COUNT(CASE outcome WHEN 'sent' THEN 1 END) AS sent,
                    COUNT(CASE outcome WHEN 'gone' THEN 1 END) AS gone,
                    COUNT(CASE outcome WHEN 'refused' THEN 1 END) AS refused
             FROM broadcast_chats WHERE broadcast_id = $1",
        )
        .bind(id)
        .fetch_one(&self.reader)
        .await
    }

    /// Forgets that a person had messages.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn forget(&self, person: i64) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM broadcast_chats WHERE chat_id = $1").bind(person).execute(&self.writer).await?;
        Ok(())
    }
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Gone => "gone",
            Self::Refused => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chats::ChatStore;
    use crate::database::Database;

    async fn store() -> (tempfile::TempDir, Database, HouseStore) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).await.unwrap();
        let chats = ChatStore::new(&database);
        for chat in [7, 8, 9, -5] {
            chats.save(chat, "{}").await.unwrap();
        }
        let store = HouseStore::new(&database);
        (folder, database, store)
    }

    #[tokio::test]
    async fn a_message_goes_once_to_every_private_chat_that_is_not_banned() {
        let (_folder, database, store) = store().await;
        store.ban(9).await.unwrap();
        assert_eq!(store.known_chats().await.unwrap(), 2);
        let id = store.draft(1, Language::Ru, "news").await.unwrap();
        assert!(store.unfinished_broadcasts().await.unwrap().is_empty(), "not without the admin's word");
        let broadcast = store.start_broadcast(id, (1, 50)).await.unwrap().unwrap();
        assert_eq!(broadcast.status, Some((1, 50)));
        assert_eq!(store.start_broadcast(id, (1, 50)).await.unwrap(), None, "a second press");
        assert_eq!(store.next_chat(id).await.unwrap(), Some(7));
        store.settle_chat(id, 7, Outcome::Sent).await.unwrap();
        // As after a restart.
        let store = HouseStore::new(&database);
        assert_eq!(store.unfinished_broadcasts().await.unwrap(), [broadcast]);
        assert_eq!(store.next_chat(id).await.unwrap(), Some(8));
        store.settle_chat(id, 8, Outcome::Gone).await.unwrap();
        store.give_up(8).await.unwrap();
        assert_eq!(store.next_chat(id).await.unwrap(), None);
        store.finish_broadcast(id).await.unwrap();
        assert!(store.unfinished_broadcasts().await.unwrap().is_empty());
        assert_eq!(store.tally(id).await.unwrap(), BroadcastTally { all: 2, sent: 1, gone: 1, refused: 0 });
        assert_eq!(store.known_chats().await.unwrap(), 1, "whoever is gone is not written to again");
        assert!(!store.somebody_wrote(8, 8).await.unwrap());
        assert_eq!(store.known_chats().await.unwrap(), 2, "until they write");
    }

    #[tokio::test]
    async fn a_draft_that_was_dropped_is_never_sent() {
        let (_folder, _database, store) = store().await;
        let id = store.draft(1, Language::Ru, "oops").await.unwrap();
        assert!(store.drop_draft(id).await.unwrap());
        assert_eq!(store.start_broadcast(id, (1, 50)).await.unwrap(), None);
        assert!(!store.drop_draft(id).await.unwrap());
    }
}
