//! A store for tests.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tempfile::TempDir;

use super::pictures::Role;
use super::{DatabaseError, SqliteStore};
use crate::i18n::Language;
use crate::jobs::{ChatAddress, JobId, JobInputs, NewJob, Origin, Queue, Requester, Submission, UpdateOutcome};
use crate::limits::Limits;
use crate::recipe::Recipe;
use crate::store::contract::TestStore;

pub(crate) const LEASE: Duration = Duration::from_secs(60);

/// A store in a folder of its own.
pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) store: SqliteStore,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path()).await.unwrap();
        Self { folder, store }
    }
}

/// Opens a store after its former process was killed.
pub(crate) async fn reopen(folder: &TempDir) -> SqliteStore {
    // The lock goes with the last connection of the pools, which end on threads of their own.
    loop {
        match SqliteStore::open(folder.path()).await {
            Err(DatabaseError::InUse { .. }) => tokio::task::yield_now().await,
            opened => break opened.unwrap(),
        }
    }
}

/// A job for one picture, from the private chat of a user.
pub(crate) fn new_job(user: i64, prompt: &str) -> NewJob {
    NewJob {
        request_key: format!("m:{user}:{prompt}"),
        requester: Requester(user),
        origin: Origin::Chat(ChatAddress {
            chat_id: user,
            thread_id: None,
            request_message_id: Some(1),
            status_message_id: None,
            language: Language::Ru,
            previews: false,
        }),
        recipe: Recipe::text_to_image(prompt, 1).unwrap(),
        inputs: JobInputs::None,
    }
}

/// Queues a job for one picture.
pub(crate) async fn submit(store: &SqliteStore, user: i64, prompt: &str) -> JobId {
    match store.submit(new_job(user, prompt), &Limits::NONE, UpdateOutcome::default()).await.unwrap() {
        Submission::Queued(job, _) => job,
        Submission::OverLimit(over) => panic!("{over:?}"),
    }
}

impl SqliteStore {
    /// From now on nothing can be deleted from a table.
    pub(crate) async fn refuse_deletes_from(&self, table: &str) {
        self.refuse("DELETE", table).await;
    }
}

#[async_trait]
impl TestStore for SqliteStore {
    async fn execute(&self, statement: String) {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(self.writer()).await.unwrap();
    }

    async fn number(&self, query: String) -> i64 {
        sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(self.writer()).await.unwrap()
    }

    async fn refuse(&self, operation: &str, table: &str) {
        let trigger =
            format!("CREATE TRIGGER refuse BEFORE {operation} ON {table} BEGIN SELECT RAISE(ABORT, 'refused'); END");
        TestStore::execute(self, trigger).await;
    }

    async fn allow(&self, _: &str) {
        TestStore::execute(self, "DROP TRIGGER refuse".to_owned()).await;
    }

    fn forget_the_lease_check(&self) {
        self.leases_checked.store(0, std::sync::atomic::Ordering::Relaxed);
    }

    async fn inputs_of(&self, job: JobId) -> Vec<Bytes> {
        self.pictures_of(job, Role::Input).await.unwrap()
    }
}
