//! Moves everything from a store to another: from SQLite to PostgreSQL, or back.
//!
//! Rows are copied in batches in the order of their keys. A move that was interrupted goes on where it stopped. In the end the
//! numbers of rows are compared, and every picture with its hash.

mod side;
mod tables;

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

use super::postgres::PostgresStore;
use super::sqlite::SqliteStore;
use crate::jobs::StoreError;
use side::{Side, Value, Values};
use tables::{TABLES, Table};

/// Rows that are copied together; of pictures fewer, because they are large.
const BATCH: i64 = 500;
const PICTURES: i64 = 20;
/// In the table of settings while a move is not complete.
const INCOMPLETE: &str = "moving";

/// Why a move did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// There is something already.
    #[error("the store that was to be written is not empty: it has {rows} rows in the table {table}")]
    NotEmpty {
        /// The table.
        table: &'static str,
        /// How many rows.
        rows: i64,
    },
    /// The copy is not what was read.
    #[error("the table {table} has {copied} rows instead of {expected}; is one of the stores in use?")]
    Incomplete {
        /// The table.
        table: &'static str,
        /// How many rows there are.
        copied: i64,
        /// How many there should be.
        expected: i64,
    },
    /// The bytes of a picture are not those that its hash speaks of.
    #[error("the picture {hash} is damaged")]
    Damaged {
        /// Its hash.
        hash: String,
    },
    /// One of the databases refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Moves everything from SQLite to PostgreSQL. Returns how many rows there are.
///
/// # Errors
/// [`MoveError`]; the move can be repeated, and goes on where it stopped.
pub async fn to_postgres(from: &SqliteStore, to: &PostgresStore) -> Result<i64, MoveError> {
    copy(&Side::sqlite(from), &Side::postgres(to)).await
}

/// Moves everything from PostgreSQL to SQLite. Returns how many rows there are.
///
/// # Errors
/// As above.
pub async fn to_sqlite(from: &PostgresStore, to: &SqliteStore) -> Result<i64, MoveError> {
    copy(&Side::postgres(from), &Side::sqlite(to)).await
}

async fn copy(from: &Side, to: &Side) -> Result<i64, MoveError> {
    begin(to).await?;
    let mut rows = 0;
    for table in &TABLES {
        // Its rows have no key by which one could tell what is there.
        if table.name == "usage" {
            to.clear(table).await?;
        }
        copy_table(from, to, table).await?;
        if table.is_counted {
            to.count_from(table, from.largest(table).await?).await?;
        }
        let (expected, copied) = (from.count(table).await?, to.count(table).await?);
        let marked = i64::from(table.name == "settings");
        if copied - marked != expected {
            return Err(MoveError::Incomplete { table: table.name, copied: copied - marked, expected });
        }
        rows += expected;
    }
    to.count_services().await?;
    to.unmark(INCOMPLETE).await?;
    Ok(rows)
}

/// Refuses a store in which there is something, unless it is from a move that was interrupted.
async fn begin(to: &Side) -> Result<(), MoveError> {
    if to.is_marked(INCOMPLETE).await? {
        return Ok(());
    }
    for table in &TABLES {
        let rows = to.count(table).await?;
        if rows > 0 {
            return Err(MoveError::NotEmpty { table: table.name, rows });
        }
    }
    Ok(to.mark(INCOMPLETE).await?)
}

async fn copy_table(from: &Side, to: &Side, table: &Table) -> Result<(), MoveError> {
    let batch = if table.name == "pictures" { PICTURES } else { BATCH };
    // The rows of an earlier attempt are the first ones; those of users were made by their jobs.
    let mut place = match table.name {
        "users" | "usage" | "settings" => 0,
        _ => to.count(table).await?,
    };
    loop {
        let rows = from.read(table, place, batch).await?;
        if rows.is_empty() {
            return Ok(());
        }
        place += rows.len() as i64;
        if table.name == "pictures" {
            rows.iter().try_for_each(check)?;
        }
        to.write(table, rows).await?;
    }
}

/// Compares a picture with its hash.
fn check(picture: &Values) -> Result<(), MoveError> {
    let mut hash = "";
    for value in picture {
        match value {
            Value::Text(Some(text)) => hash = text,
            Value::Bytes(bytes) => {
                let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                if found != hash {
                    return Err(MoveError::Damaged { hash: hash.to_owned() });
                }
            }
            _ => {}
        }
    }
    Ok(())
}
