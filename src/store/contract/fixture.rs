//! A store for tests, of either kind.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tempfile::TempDir;

use crate::chats::ChatStore;
use crate::gallery::{EditorSessions, Gallery};
use crate::jobs::{
    ApiJobs, Archive, Claim, ClaimedJob, EncodedPicture, Inbox, Inputs, JobId, JobState, LeaseStatus, NewJob, Outbox,
    Queue, Submission, UpdateId, UpdateOutcome, Warnings, WorkQueue,
};
use crate::keys::ApiKeys;
use crate::limits::Limits;
use crate::policy::{AdminStore, Broadcasts};
#[cfg(feature = "postgres")]
use crate::store::postgres::fixture::{self as postgres, Schema};
use crate::store::sqlite::fixture as sqlite;

pub(crate) use sqlite::{LEASE, new_job};

/// Every trait of a store, and what tests do to one from outside.
#[async_trait]
pub(crate) trait TestStore:
    Queue
    + WorkQueue
    + Inbox
    + Outbox
    + Inputs
    + Archive
    + ApiJobs
    + ApiKeys
    + ChatStore
    + AdminStore
    + Broadcasts
    + Gallery
    + EditorSessions
{
    /// Runs a statement, to let time pass.
    async fn execute(&self, statement: String);

    /// The answer of a query for one number.
    async fn number(&self, query: String) -> i64;

    /// From now on the database refuses to INSERT, UPDATE or DELETE a row of this table.
    async fn refuse(&self, operation: &str, table: &str);

    /// The end of [`TestStore::refuse`].
    async fn allow(&self, table: &str);

    /// As if the leases had not been looked at for a while.
    fn forget_the_lease_check(&self);

    /// The input pictures of a job.
    async fn inputs_of(&self, job: JobId) -> Vec<Bytes>;
}

/// A fresh store in a place of its own.
pub(crate) struct Fixture {
    pub(crate) store: Arc<dyn TestStore>,
    place: Place,
}

/// Where the tables are.
enum Place {
    Folder(TempDir),
    #[cfg(feature = "postgres")]
    Schema(Schema),
}

impl Fixture {
    pub(crate) async fn sqlite() -> Self {
        let sqlite::Fixture { folder, store } = sqlite::Fixture::new().await;
        Self { store: Arc::new(store), place: Place::Folder(folder) }
    }

    /// `None` where there is no PostgreSQL.
    #[cfg(feature = "postgres")]
    pub(crate) async fn postgres() -> Option<Self> {
        let schema = Schema::new()?;
        Some(Self { store: Arc::new(postgres::open(&schema).await), place: Place::Schema(schema) })
    }

    /// The program is killed and starts again; where others have to notice, they have.
    pub(crate) async fn restart(self) -> Self {
        let Self { store, place } = self;
        drop(store);
        match place {
            Place::Folder(folder) => {
                let store = Arc::new(sqlite::reopen(&folder).await);
                Self { store, place: Place::Folder(folder) }
            }
            #[cfg(feature = "postgres")]
            Place::Schema(schema) => {
                let store = Arc::new(postgres::reopen(&schema).await);
                Self { store, place: Place::Schema(schema) }
            }
        }
    }

    /// Another fresh store of the same kind.
    pub(crate) async fn another(&self) -> Self {
        match &self.place {
            Place::Folder(_) => Self::sqlite().await,
            #[cfg(feature = "postgres")]
            Place::Schema(_) => Self::postgres().await.unwrap(),
        }
    }

    pub(crate) async fn submit(&self, job: NewJob) -> JobId {
        self.submit_within(job, &Limits::NONE).await.0.unwrap()
    }

    pub(crate) async fn submit_within(&self, job: NewJob, limits: &Limits) -> (Option<JobId>, Submission) {
        let submission = self.store.submit(job, limits, UpdateOutcome::default()).await.unwrap();
        match submission {
            Submission::Queued(job, _) => (Some(job), submission),
            Submission::OverLimit(_) => (None, submission),
        }
    }

    pub(crate) async fn ask(&self, user: i64, prompt: &str) -> JobId {
        self.submit(new_job(user, prompt)).await
    }

    pub(crate) async fn next(&self) -> Option<ClaimedJob> {
        self.store.claim("worker", LEASE).await.unwrap()
    }

    pub(crate) async fn finish(&self, claim: &Claim, pictures: &[&[u8]]) -> LeaseStatus {
        let pictures = pictures.iter().map(|bytes| EncodedPicture::new(bytes.to_vec())).collect();
        self.store.finish(claim, pictures, &Warnings::default()).await.unwrap()
    }

    pub(crate) async fn state(&self, job: JobId) -> JobState {
        self.store.job(job).await.unwrap().unwrap().state
    }

    pub(crate) async fn save_chat(&self, chat_id: i64, state: &str) {
        let outcome = UpdateOutcome { chat_state: Some((chat_id, state.to_owned())), ..UpdateOutcome::default() };
        self.store.complete_update(outcome).await.unwrap();
    }

    /// Handles a stored update without any effect.
    pub(crate) async fn handle(&self, update: i64) {
        let outcome = UpdateOutcome { update: Some(UpdateId(update)), ..UpdateOutcome::default() };
        self.store.complete_update(outcome).await.unwrap();
    }

    pub(crate) async fn pictures(&self, job: JobId) -> Vec<Vec<u8>> {
        let mut pictures = Vec::new();
        while let Some(picture) = self.store.picture(job, pictures.len() as u32).await.unwrap() {
            pictures.push(picture.to_vec());
        }
        pictures
    }

    pub(crate) async fn rows(&self, table: &str) -> i64 {
        self.store.number(format!("SELECT COUNT(*) FROM {table}")).await
    }

    /// As if all jobs had been asked for so long ago.
    pub(crate) async fn time_passes(&self, time: Duration) {
        self.store.execute(format!("UPDATE jobs SET created_at = created_at - {}", time.as_millis())).await;
    }
}
