//! The store in PostgreSQL, for any number of processes.
//!
//! [`PostgresStore`] implements every trait of a store. Each process notes in the table `processes` that it lives ([`presence`]);
//! what a dead one had claimed is free again. Events go to the listeners of this process at once and to the other processes as
//! hints ([`events`]), behind which stands a poll ([`news`]).
#![allow(clippy::duplicate_mod, reason = "the files in `shared` are compiled for each store")]

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

mod beats;
mod claims;
mod database;
mod disk;
mod due;
mod events;
mod group_commit;
mod news;
mod presence;
mod stored_picture;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use bytes::Bytes;
use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::broadcast;
use tokio::task::AbortHandle;

pub use database::PostgresError;

use super::{clock, unreadable};
use crate::jobs::{JobEvent, JobId, OutgoingId, Previews, Signals, StoreError};
use beats::Beats;
use dialect::{Connection, Store};
use events::Events;
use group_commit::GroupCommit;
use positions::Positions;

/// The store in a PostgreSQL database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    pool: PgPool,
    /// The name of this process in the table `processes`.
    process: Arc<str>,
    events: Events,
    beats: Beats,
    previews: Previews,
    positions: Positions,
    status_messages: GroupCommit<JobId, Option<(i32, String)>>,
    status_texts: GroupCommit<JobId, String>,
    sent_messages: GroupCommit<OutgoingId, ()>,
    is_loading: Arc<AtomicBool>,
    translates: Arc<AtomicBool>,
    /// When expired leases were last looked for, in milliseconds since 1970.
    leases_checked: Arc<AtomicI64>,
    /// What runs in the background as long as the store is open; the tasks' own copies of the store have none.
    tasks: Option<Arc<Tasks>>,
}

impl PostgresStore {
    /// Opens the store at a URL such as `postgres://user:password@host/database` and brings its tables to this version. What dead
    /// processes were drawing waits again, and what was put off is due.
    ///
    /// # Errors
    /// [`PostgresError`] says what to do.
    pub async fn open(url: &str) -> Result<Self, PostgresError> {
        let database = database::Database::open(url).await?;
        let store = Self::of(database.pool.clone());
        let start_error = |source| PostgresError::Connect { place: database.place.clone(), source };
        store.note_presence().await.map_err(start_error)?;
        store.rescue().await.map_err(start_error)?;
        store.make_due().await.map_err(start_error)?;
        store.with_tasks().await.map_err(start_error)
    }

    /// Opens the store for a short change, also while others use it.
    ///
    /// # Errors
    /// [`PostgresError`] says what to do.
    pub async fn open_beside(url: &str) -> Result<Self, PostgresError> {
        Ok(Self::of(database::Database::open(url).await?.pool))
    }

    fn of(pool: PgPool) -> Self {
        let beats = Beats::default();
        Self {
            pool,
            process: format!("{:032x}", rand::random::<u128>()).into(),
            events: Events::new(beats.clone()),
            beats,
            previews: Previews::default(),
            positions: Positions::default(),
            status_messages: GroupCommit::default(),
            status_texts: GroupCommit::default(),
            sent_messages: GroupCommit::default(),
            is_loading: Arc::default(),
            translates: Arc::default(),
            leases_checked: Arc::default(),
            tasks: None,
        }
    }

    async fn with_tasks(mut self) -> Result<Self, StoreError> {
        let channel = self.channel().await?;
        let tasks = [
            tokio::spawn(self.clone().keep_presence()).abort_handle(),
            tokio::spawn(self.clone().send_hints(channel.clone())).abort_handle(),
            tokio::spawn(self.clone().follow_news(channel)).abort_handle(),
        ];
        self.tasks = Some(Arc::new(Tasks(tasks)));
        Ok(self)
    }

    /// Leaves: what this process had claimed is free at once.
    pub async fn close(&self) {
        if let Some(tasks) = &self.tasks {
            tasks.abort();
        }
        if let Err(error) = self.leave().await {
            tracing::warn!(%error, "the database does not know that this process ends; others will notice it");
        }
        self.pool.close().await;
    }

    pub(super) fn pool(&self) -> &PgPool {
        self.writer()
    }

    fn reader(&self) -> &PgPool {
        &self.pool
    }

    fn writer(&self) -> &PgPool {
        &self.pool
    }

    async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        self.pool.begin().await
    }

    fn is_loading(&self) -> bool {
        self.is_loading.load(Ordering::Acquire)
    }

    /// A job runs no more.
    fn stopped(&self, job: JobId) {
        self.beats.forget(job);
        self.previews.remove(job);
    }

    /// The order of the jobs changed.
    fn queue_moved(&self) {
        self.positions.changed();
        self.events.send(JobEvent::QueueMoved);
    }
}

impl Signals for PostgresStore {
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

/// Background tasks; they end with the last copy of the store.
#[derive(Debug)]
struct Tasks([AbortHandle; 3]);

impl Tasks {
    fn abort(&self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        self.abort();
    }
}
