//! The store of a bot under test: SQLite, or PostgreSQL with `KANDINSKY_TEST_STORE=postgres` (feature `postgres`).

use std::path::Path;
use std::sync::Arc;

use kandinsky_bot::chats::ChatStore;
use kandinsky_bot::jobs::{JobStore, WorkQueue};
use kandinsky_bot::policy::{AdminStore, Broadcasts};
use kandinsky_bot::store::sqlite::SqliteStore;

/// An open store, by who calls it.
pub(crate) struct TestStore {
    pub(crate) jobs: JobStore,
    pub(crate) work: Arc<dyn WorkQueue>,
    pub(crate) chats: Arc<dyn ChatStore>,
    pub(crate) admin: Arc<dyn AdminStore>,
    pub(crate) broadcasts: Arc<dyn Broadcasts>,
    kind: Kind,
}

enum Kind {
    Sqlite(Arc<SqliteStore>),
    #[cfg(feature = "postgres")]
    Postgres(Arc<kandinsky_bot::store::postgres::PostgresStore>),
}

macro_rules! parts {
    ($store:ident, $kind:path) => {
        TestStore {
            jobs: JobStore::from(Arc::clone(&$store)),
            work: Arc::clone(&$store) as _,
            chats: Arc::clone(&$store) as _,
            admin: Arc::clone(&$store) as _,
            broadcasts: Arc::clone(&$store) as _,
            kind: $kind($store),
        }
    };
}

impl From<Arc<SqliteStore>> for TestStore {
    fn from(store: Arc<SqliteStore>) -> Self {
        parts!(store, Kind::Sqlite)
    }
}

impl TestStore {
    /// The store that belongs to a data folder.
    pub(crate) async fn open(data: &Path) -> Self {
        #[cfg(feature = "postgres")]
        if let Some(schema) = postgres::schema_of(data) {
            let store = Arc::new(kandinsky_bot::store::postgres::PostgresStore::open(&schema.url()).await.unwrap());
            return parts!(store, Kind::Postgres);
        }
        Self::from(Arc::new(SqliteStore::open(data).await.unwrap()))
    }

    pub(crate) async fn close(&self) {
        match &self.kind {
            Kind::Sqlite(store) => store.close().await,
            #[cfg(feature = "postgres")]
            Kind::Postgres(store) => store.close().await,
        }
    }
}

/// Stores in PostgreSQL.
#[cfg(feature = "postgres")]
pub(crate) mod postgres {
    use std::collections::HashMap;
    use std::path::{Path, PathBuf};
    use std::sync::{Arc, LazyLock, Mutex};

    use super::super::postgres_server::Schema;

    /// The schema that belongs to a data folder; `None` if the tests are to be run in SQLite.
    pub(crate) fn schema_of(data: &Path) -> Option<Arc<Schema>> {
        static SCHEMAS: LazyLock<Mutex<HashMap<PathBuf, Arc<Schema>>>> = LazyLock::new(Mutex::default);
        if std::env::var("KANDINSKY_TEST_STORE").as_deref() != Ok("postgres") {
            return None;
        }
        let mut schemas = SCHEMAS.lock().unwrap();
        let new = || Arc::new(Schema::new().expect("there is no PostgreSQL"));
        Some(Arc::clone(schemas.entry(data.to_owned()).or_insert_with(new)))
    }
}
