//! A store for tests.

use std::time::Duration;

use tempfile::TempDir;

use super::{DatabaseError, SqliteStore};
use crate::i18n::Language;
use crate::jobs::{
    Archive, ChatAddress, Claim, ClaimedJob, EncodedPicture, Inbox, JobId, JobInputs, JobState, LeaseStatus, NewJob,
    Origin, Queue, Requester, Submission, UpdateId, UpdateOutcome, Warnings, WorkQueue,
};
use crate::limits::Limits;
use crate::recipe::Recipe;

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

    /// The program is killed and starts again.
    pub(crate) async fn restart(self) -> Self {
        let Self { folder, store } = self;
        drop(store);
        // The lock goes with the last connection of the pools, which end on threads of their own.
        let store = loop {
            match SqliteStore::open(folder.path()).await {
                Err(DatabaseError::InUse { .. }) => tokio::task::yield_now().await,
                opened => break opened.unwrap(),
            }
        };
        Self { folder, store }
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
        let trigger =
            format!("CREATE TRIGGER refuse BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'refused'); END");
        sqlx::raw_sql(sqlx::AssertSqlSafe(trigger)).execute(self.writer()).await.unwrap();
    }
}
