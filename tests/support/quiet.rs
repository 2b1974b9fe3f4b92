//! When nothing more comes.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use super::chat_user::ChatUser;

/// How long a chat and the store have to rest.
const REST: Duration = Duration::from_millis(500);
/// A failed request is tried again after two seconds, then four, then eight.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the bot has yet to do: updates, messages, jobs, results, and status messages that are to go.
const UNFINISHED: &str = "
    SELECT (SELECT count(*) FROM inbox WHERE body IS NOT NULL)
        || ' updates, ' || (SELECT count(*) FROM outgoing)
        || ' messages, ' || (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running'))
        || ' jobs, ' || (SELECT count(*) FROM jobs WHERE state IN ('drawn', 'failed') AND delivered_at IS NULL)
        || ' results, ' || (SELECT count(*) FROM jobs WHERE status_message_id IS NOT NULL
                            AND state IN ('delivered', 'failed', 'cancelled'))
        || ' status messages'";
const NOTHING: &str = "0 updates, 0 messages, 0 jobs, 0 results, 0 status messages";

/// The database of a bot, for reading.
pub(crate) fn database(data: &Path) -> SqlitePool {
    SqlitePool::connect_lazy_with(SqliteConnectOptions::new().filename(data.join("kandinsky.db")).read_only(true))
}

async fn unfinished(_data: &Path, database: &SqlitePool) -> String {
    #[cfg(feature = "postgres")]
    if let Some(schema) = super::test_store::postgres::schema_of(_data) {
        return schema.run(UNFINISHED);
    }
    sqlx::query_scalar(UNFINISHED).fetch_one(database).await.unwrap()
}

/// Waits until the bot whose data is in this folder has nothing left to do and the chat rests: the chat.
pub(crate) async fn when_quiet(data: &Path, user: &ChatUser) -> Vec<Value> {
    let database = database(data);
    let started = Instant::now();
    let (mut history, mut since) = (user.history().await, Instant::now());
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let unfinished = unfinished(data, &database).await;
        let now = user.history().await;
        if unfinished != NOTHING || now != history {
            (history, since) = (now, Instant::now());
        } else if since.elapsed() >= REST {
            database.close().await;
            return history;
        }
        assert!(started.elapsed() < PATIENCE, "never quiet, but {unfinished} left: {history:#?}");
    }
}
