//! Everything about a user is deleted; groups that get another number.

use super::clock::{milliseconds, now_ms};
use super::dialect::lock_user;
use super::rows::{JobRow, LOCK_CHATS_CONTAINING, SELECT_PENDING_OF_USER};
use super::{Connection, Store};
use crate::jobs::{JobEvent, JobSummary, Requester, StoreError};
use crate::limits::DAY;

/// When a user's jobs were asked for, kept beyond the jobs.
const KEEP_USAGE: &str = "
    INSERT INTO usage (user_id, chat_id, created_at) SELECT user_id, COALESCE(chat_id, 0), created_at FROM jobs
    WHERE user_id = $1 AND created_at > $2 AND NOT (state = 'cancelled' AND started_at IS NULL)";

impl Store {
    /// All rows of the user go in one transaction, or none. A worker that draws one of the jobs finds no row at its next
    /// heartbeat and stops.
    pub(super) async fn forget_user(&self, user: Requester, keep_usage: bool) -> Result<Vec<JobSummary>, StoreError> {
        let mut transaction = self.begin().await?;
        lock_user(&mut transaction, user.0).await?;
        if keep_usage {
            sqlx::query(KEEP_USAGE)
                .bind(user.0)
                .bind(now_ms().saturating_sub(milliseconds(DAY)))
                .execute(&mut *transaction)
                .await?;
        }
        let rows: Vec<JobRow> =
            sqlx::query_as(SELECT_PENDING_OF_USER).bind(user.0).fetch_all(&mut *transaction).await?;
        for statement in [
            "DELETE FROM jobs WHERE user_id = $1",
            "DELETE FROM editor_pictures WHERE user_id = $1",
            "DELETE FROM editor_codes WHERE user_id = $1",
            // Ends the sessions: their signatures hold what goes here.
            "DELETE FROM editor_users WHERE user_id = $1",
            "DELETE FROM users WHERE user_id = $1",
            "DELETE FROM chats WHERE chat_id = $1",
            "DELETE FROM outgoing WHERE chat_id = $1",
            "DELETE FROM broadcast_chats WHERE chat_id = $1",
            "DELETE FROM api_keys WHERE COALESCE(user_id, 0) = $1 AND user_id IS NOT NULL",
        ] {
            sqlx::query(statement).bind(user.0).execute(&mut *transaction).await?;
        }
        forget_drafts(&mut transaction, user).await?;
        transaction.commit().await?;
        let pending: Vec<JobSummary> = rows.into_iter().filter_map(|row| row.summary().ok()).collect();
        for job in &pending {
            self.previews.remove(job.id);
            self.events.send(JobEvent::Ended(job.id));
        }
        self.queue_moved();
        if let Err(error) = self.drop_forgotten_pictures().await {
            tracing::warn!(%error, "the pictures of a deleted user can not be deleted yet; retention does it");
        }
        Ok(pending)
    }

    /// Deletes the bytes that no job has any more, a part at a time: they may be many, and other writers wait. Nobody can reach
    /// them; what is left of them goes with the next sweep.
    async fn drop_forgotten_pictures(&self) -> Result<(), StoreError> {
        self.drop_orphans().await?;
        self.shrink().await
    }

    /// Topics and messages have other numbers in the new chat.
    pub(super) async fn renumber_chat(&self, from: i64, to: i64) -> Result<u64, StoreError> {
        let mut transaction = self.begin().await?;
        let moved = sqlx::query(
            "UPDATE jobs SET chat_id = $2, thread_id = NULL, request_message_id = NULL, status_message_id = NULL
             WHERE chat_id = $1",
        )
        .bind(from)
        .bind(to)
        .execute(&mut *transaction)
        .await?;
        for statement in [
            "UPDATE usage SET chat_id = $2 WHERE chat_id = $1",
            // Administrators who stay anonymous ask in the name of the group.
            "UPDATE usage SET user_id = $2 WHERE user_id = $1",
            "UPDATE jobs SET user_id = $2 WHERE user_id = $1",
            "INSERT INTO users (user_id, last_served) SELECT $2, last_served FROM users WHERE user_id = $1
             ON CONFLICT (user_id) DO NOTHING",
            "UPDATE users SET next_job = (
                SELECT id FROM jobs WHERE user_id = $2 AND state = 'queued' AND pending_inputs IS NULL ORDER BY id LIMIT 1)
             WHERE user_id = $2 AND $1 IS NOT NULL",
            "DELETE FROM users WHERE user_id = $1 AND $2 IS NOT NULL",
            // A new chat that already has a state keeps it.
            "INSERT INTO chats (chat_id, state, updated_at) SELECT $2, state, updated_at FROM chats WHERE chat_id = $1
             ON CONFLICT (chat_id) DO NOTHING",
            "DELETE FROM chats WHERE chat_id = $1 AND $2 IS NOT NULL",
            "INSERT INTO bans (id, since) SELECT $2, since FROM bans WHERE id = $1 ON CONFLICT (id) DO NOTHING",
            "DELETE FROM bans WHERE id = $1 AND $2 IS NOT NULL",
            // The settings may still name the old number.
            "INSERT INTO settings (key, value) VALUES ('moved:' || $2, CAST($1 AS TEXT))
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        ] {
            sqlx::query(statement).bind(from).bind(to).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(moved.rows_affected())
    }
}

/// Deletes what the user was composing in groups.
async fn forget_drafts(connection: &mut Connection, user: Requester) -> Result<(), sqlx::Error> {
    let key = user.0.to_string();
    let chats: Vec<(i64, String)> =
        sqlx::query_as(LOCK_CHATS_CONTAINING).bind(format!("\"{key}\"")).fetch_all(&mut *connection).await?;
    for (chat_id, state) in chats {
        // What can not be read stays as it is.
        let Ok(mut state) = serde_json::from_str::<serde_json::Value>(&state) else { continue };
        let drafts = state.get_mut("drafts").and_then(serde_json::Value::as_object_mut);
        if drafts.and_then(|drafts| drafts.remove(&key)).is_none() {
            continue;
        }
        sqlx::query("UPDATE chats SET state = $2 WHERE chat_id = $1")
            .bind(chat_id)
            .bind(state.to_string())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
