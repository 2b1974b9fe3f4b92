//! The store that the settings name. No other file of the program knows which one it is.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use anyhow::Result;

use crate::chats::ChatStore;
use crate::gallery::{EditorSessions, Gallery};
use crate::jobs::{ApiJobs, Archive, Inbox, Inputs, JobStore, Outbox, Queue, Signals, WorkQueue};
use crate::keys::ApiKeys;
use crate::policy::{AdminStore, Broadcasts};
use crate::store::sqlite::SqliteStore;

/// An open store, by who calls it.
pub(super) struct OpenStore {
    pub(super) jobs: JobStore,
    pub(super) work: Arc<dyn WorkQueue>,
    pub(super) api_jobs: Arc<dyn ApiJobs>,
    pub(super) keys: Arc<dyn ApiKeys>,
    pub(super) chats: Arc<dyn ChatStore>,
    pub(super) admin: Arc<dyn AdminStore>,
    pub(super) broadcasts: Arc<dyn Broadcasts>,
    pub(super) gallery: Arc<dyn Gallery>,
    pub(super) sessions: Arc<dyn EditorSessions>,
    close: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl OpenStore {
    /// Opens the database at an address, or without one that in the data folder.
    ///
    /// # Errors
    /// What is wrong with the folder or the database, and what to do.
    pub(super) async fn open(data: &Path, database: Option<&str>) -> Result<Self> {
        match database {
            None => Ok(Self::in_folder(SqliteStore::open(data).await?)),
            Some(url) => Self::at(url, Some(data)).await,
        }
    }

    /// Opens the same for a short change, also while it is served.
    ///
    /// # Errors
    /// As above.
    pub(super) async fn open_beside(data: &Path, database: Option<&str>) -> Result<Self> {
        match database {
            None => Ok(Self::in_folder(SqliteStore::open_beside(data).await?)),
            Some(url) => Self::at(url, None).await,
        }
    }

    fn in_folder(store: SqliteStore) -> Self {
        let close = store.clone();
        Self::of(Arc::new(store), Box::pin(async move { close.close().await }))
    }

    /// The database at an address, to be served by a process with this data folder.
    #[cfg(feature = "postgres")]
    async fn at(url: &str, data: Option<&Path>) -> Result<Self> {
        use crate::store::postgres::PostgresStore;
        use crate::store::sqlite::lock_folder;

        let lock = data.map(lock_folder).transpose()?;
        let store = match data {
            Some(_) => PostgresStore::open(url).await?,
            None => PostgresStore::open_beside(url).await?,
        };
        let close = store.clone();
        let close = async move {
            close.close().await;
            drop(lock);
        };
        Ok(Self::of(Arc::new(store), Box::pin(close)))
    }

    #[cfg(not(feature = "postgres"))]
    async fn at(_: &str, _: Option<&Path>) -> Result<Self> {
        anyhow::bail!(
            "this program was built without PostgreSQL; build it with --features postgres, or leave --database out"
        )
    }

    fn of<S>(store: Arc<S>, close: Pin<Box<dyn Future<Output = ()> + Send>>) -> Self
    where
        S: Queue + WorkQueue + Inbox + Outbox + Inputs + Archive + Signals + ApiJobs + ApiKeys + 'static,
        S: ChatStore + AdminStore + Broadcasts + Gallery + EditorSessions,
    {
        Self {
            jobs: JobStore::from(Arc::clone(&store)),
            work: Arc::clone(&store) as _,
            api_jobs: Arc::clone(&store) as _,
            keys: Arc::clone(&store) as _,
            chats: Arc::clone(&store) as _,
            admin: Arc::clone(&store) as _,
            broadcasts: Arc::clone(&store) as _,
            gallery: Arc::clone(&store) as _,
            sessions: store,
            close,
        }
    }

    /// Waits for the last write and closes the database.
    pub(super) async fn close(self) {
        self.close.await;
    }
}
