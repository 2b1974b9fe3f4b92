//! The store in SQLite: one file in the data folder, served by one process.
//!
//! [`SqliteStore`] implements every trait of a store; each file here has one trait, or a part of one.

#[macro_use]
mod dialect;
#[macro_use]
#[path = "../shared/rows.rs"]
mod rows;

#[path = "../shared/admin.rs"]
mod admin;
#[path = "../shared/api_jobs.rs"]
mod api_jobs;
#[path = "../shared/api_keys.rs"]
mod api_keys;
#[path = "../shared/archive.rs"]
mod archive;
#[path = "../shared/broadcasts.rs"]
mod broadcasts;
#[path = "../shared/chats.rs"]
mod chats;
#[path = "../shared/deliveries.rs"]
mod deliveries;
#[path = "../shared/editor_sessions.rs"]
mod editor_sessions;
#[path = "../shared/endings.rs"]
mod endings;
#[path = "../shared/forget.rs"]
mod forget;
#[path = "../shared/gallery.rs"]
mod gallery;
#[path = "../shared/inbox.rs"]
mod inbox;
#[path = "../shared/inputs.rs"]
mod inputs;
#[path = "../shared/limits.rs"]
mod limits;
#[path = "../shared/outbox.rs"]
mod outbox;
#[path = "../shared/pictures.rs"]
mod pictures;
#[path = "../shared/positions.rs"]
mod positions;
#[path = "../shared/queue.rs"]
mod queue;
#[path = "../shared/retention.rs"]
mod retention;
#[path = "../shared/stats.rs"]
mod stats;
#[path = "../shared/work_queue.rs"]
mod work_queue;

mod claims;
mod database;
mod disk;
mod due;
mod group_commit;
mod private_files;
mod stored_picture;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod measure;
#[cfg(test)]
mod migration;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use bytes::Bytes;
use sqlx::{Sqlite, SqlitePool, Transaction};
use tokio::sync::broadcast;

pub use database::{DatabaseError, lock_folder};

use crate::jobs::{JobEvent, JobEvents, JobId, OutgoingId, Previews, Signals};
use database::Database;
use dialect::{Connection, Store};
use group_commit::GroupCommit;
use positions::Positions;

use super::{clock, unreadable};

/// The store in a data folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    database: Arc<Database>,
    events: JobEvents,
    previews: Previews,
    positions: Positions,
    /// The new status message of a job and what it shows; `None` once it is deleted.
    status_messages: GroupCommit<JobId, Option<(i32, String)>>,
    /// What the status message of a waiting job shows now.
    status_texts: GroupCommit<JobId, String>,
    sent_messages: GroupCommit<OutgoingId, ()>,
    is_loading: Arc<AtomicBool>,
    translates: Arc<AtomicBool>,
    /// When expired leases were last looked for, in milliseconds since 1970.
    leases_checked: Arc<AtomicI64>,
}

impl SqliteStore {
    /// Opens the store in a folder, which is made if it is missing, and brings its tables to this version. One process serves
    /// one folder: what a former process was drawing waits again, and what it had put off is due.
    ///
    /// # Errors
    /// [`DatabaseError`] says which file and what to do.
    pub async fn open(folder: &Path) -> Result<Self, DatabaseError> {
        let store = Self::of(Database::open(folder).await?);
        store.requeue_orphans().await.map_err(|source| store.database.start_error(source))?;
        Ok(store)
    }

    /// Opens the store for a short change, also while another process serves the folder.
    ///
    /// # Errors
    /// [`DatabaseError`] says which file and what to do.
    pub async fn open_beside(folder: &Path) -> Result<Self, DatabaseError> {
        match Self::open(folder).await {
            Err(DatabaseError::InUse { .. }) => Ok(Self::of(Database::open_beside(folder).await?)),
            opened => opened,
        }
    }

    fn of(database: Database) -> Self {
        Self {
            database: Arc::new(database),
            events: JobEvents::default(),
            previews: Previews::default(),
            positions: Positions::default(),
            status_messages: GroupCommit::default(),
            status_texts: GroupCommit::default(),
            sent_messages: GroupCommit::default(),
            is_loading: Arc::default(),
            translates: Arc::default(),
            leases_checked: Arc::default(),
        }
    }

    /// Waits for the last write and closes the file.
    pub async fn close(&self) {
        self.database.close().await;
    }

    #[cfg(feature = "postgres")]
    pub(super) fn pool(&self) -> &SqlitePool {
        self.writer()
    }

    fn reader(&self) -> &SqlitePool {
        &self.database.reader
    }

    fn writer(&self) -> &SqlitePool {
        &self.database.writer
    }

    /// A transaction that may write. It waits for its turn: there is one connection that writes.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer().begin_with("BEGIN IMMEDIATE").await
    }

    /// Runs a statement, to make something of the database refuse or to let time pass.
    #[cfg(test)]
    pub(crate) async fn execute(&self, statement: &'static str) {
        sqlx::raw_sql(statement).execute(self.writer()).await.unwrap();
    }

    fn is_loading(&self) -> bool {
        self.is_loading.load(Ordering::Acquire)
    }

    /// A job runs no more.
    fn stopped(&self, job: JobId) {
        self.previews.remove(job);
    }

    /// The order of the jobs changed.
    fn queue_moved(&self) {
        self.positions.changed();
        self.events.send(JobEvent::QueueMoved);
    }
}

impl Signals for SqliteStore {
    fn events(&self) -> broadcast::Receiver<JobEvent> {
        self.events.subscribe()
    }

    fn preview(&self, job: JobId) -> Option<Bytes> {
        self.previews.get(job)
    }

    fn set_loading(&self, is_loading: bool) {
        if self.is_loading.swap(is_loading, Ordering::AcqRel) != is_loading {
            self.events.send(JobEvent::PauseChanged);
            self.queue_moved();
        }
    }

    fn translates(&self) -> bool {
        self.translates.load(Ordering::Acquire)
    }

    fn set_translates(&self, translates: bool) {
        self.translates.store(translates, Ordering::Release);
    }
}
