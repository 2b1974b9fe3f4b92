//! The store: all SQL of the program. [`sqlite`] keeps everything in one file, served by one process; with the feature `postgres`
//! `postgres` keeps it in PostgreSQL, for any number of processes.
//!
//! What both databases understand is written once: the files in `shared` are compiled for each store, with the names and macros of
//! its `dialect`. The rules that both keep are the stories in `contract`.

mod clock;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod sqlite;
#[cfg(feature = "postgres")]
pub mod transfer;

#[cfg(test)]
mod contract;

use crate::jobs::{JobId, StoreError};

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::database(error)
    }
}

/// A row of the table `jobs` that this version can not read.
fn unreadable(job: i64, reason: impl std::fmt::Display) -> StoreError {
    StoreError::Unreadable { job: JobId(job), reason: reason.to_string() }
}
