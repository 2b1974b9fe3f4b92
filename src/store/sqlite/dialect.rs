//! What the files in `shared` have to know of SQLite.

use std::time::Duration;

use super::SqliteStore;
use crate::jobs::NewJob;
use crate::limits::Limits;

/// The store.
pub(super) type Store = SqliteStore;
/// A connection, or a transaction on one.
pub(super) type Connection = sqlx::SqliteConnection;

/// How old a snapshot of the queue may be: this process sees every change.
pub(super) const SNAPSHOT_MAX_AGE: Duration = Duration::MAX;

/// The expression for a job's progress.
macro_rules! progress {
    () => {
        "progress"
    };
}

/// Jobs with their progress.
macro_rules! jobs {
    () => {
        "jobs"
    };
}

/// Makes SQLite use an index that it would not choose.
macro_rules! indexed_by {
    ($index:literal) => {
        concat!(" INDEXED BY ", $index, " ")
    };
}

/// The numbers in a JSON list.
macro_rules! numbers_in {
    ($parameter:literal) => {
        concat!("(SELECT value FROM json_each(", $parameter, "))")
    };
}

/// Where a text contains another.
macro_rules! position_in {
    ($text:literal, $part:literal) => {
        concat!("instr(", $text, ", ", $part, ")")
    };
}

/// Rows that are read to be written: there is one writer, so nothing has to be locked.
macro_rules! for_update {
    () => {
        ""
    };
}

/// Two requests of one user wait for each other anyway: there is one writer.
pub(super) async fn lock_for_submit(_: &mut Connection, _: &NewJob, _: &Limits) -> Result<(), sqlx::Error> {
    Ok(())
}

/// There is one writer.
pub(super) async fn lock_user(_: &mut Connection, _: i64) -> Result<(), sqlx::Error> {
    Ok(())
}
