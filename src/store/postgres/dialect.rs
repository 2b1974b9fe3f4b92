//! What the files in `shared` have to know of PostgreSQL.

use std::time::Duration;

use super::PostgresStore;
use crate::jobs::NewJob;
use crate::limits::Limits;

/// The store.
pub(super) type Store = PostgresStore;
/// A connection, or a transaction on one.
pub(super) type Connection = sqlx::PgConnection;

/// How old a snapshot of the queue may be: the hint that another process changed it may be lost.
pub(super) const SNAPSHOT_MAX_AGE: Duration = Duration::from_secs(2);

/// The expression for a job's progress.
macro_rules! progress {
    () => {
        "COALESCE(job_progress.progress, 0)"
    };
}

/// Jobs with their progress.
macro_rules! jobs {
    () => {
        "jobs LEFT JOIN job_progress ON job_progress.job_id = jobs.id"
    };
}

/// PostgreSQL chooses its indexes itself.
macro_rules! indexed_by {
    ($index:literal) => {
        " "
    };
}

/// The numbers in a JSON list.
macro_rules! numbers_in {
    ($parameter:literal) => {
        concat!("(SELECT value::bigint FROM json_array_elements_text(", $parameter, "::json))")
    };
}

/// Where a text contains another.
macro_rules! position_in {
    ($text:literal, $part:literal) => {
        concat!("strpos(", $text, ", ", $part, ")")
    };
}

/// Rows that are read to be written.
macro_rules! for_update {
    () => {
        " FOR NO KEY UPDATE"
    };
}

/// Waits for other requests of this user, and of this chat if its jobs are counted: two at once can not pass a limit together.
/// The user comes first, so that no two wait for each other.
pub(super) async fn lock_for_submit(
    connection: &mut Connection,
    job: &NewJob,
    limits: &Limits,
) -> Result<(), sqlx::Error> {
    lock_user(connection, job.requester.0).await?;
    if limits.chat_hour > 0
        && let Some(chat) = job.origin.chat()
    {
        lock(connection, format!("chat {}", chat.chat_id)).await?;
    }
    Ok(())
}

/// Waits for other requests of this user, until the end of the transaction.
pub(super) async fn lock_user(connection: &mut Connection, user: i64) -> Result<(), sqlx::Error> {
    lock(connection, format!("user {user}")).await
}

/// Takes a lock that only its name is for, until the end of the transaction.
pub(super) async fn lock(connection: &mut Connection, name: String) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('kandinsky ' || $1 || ' ' || current_schema(), 0))")
        .bind(name)
        .execute(connection)
        .await
        .map(drop)
}
