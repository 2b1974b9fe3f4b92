//! A database of the version before is brought to this version and keeps everything.

use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use super::SqliteStore;
use super::fixture::LEASE;
use crate::chats::ChatStore;
use crate::jobs::{
    Archive, DeliveredMessage, Inputs, JobId, JobOutcome, JobState, Outbox, PictureInfo, Queue, Requester, WorkQueue,
};
use crate::policy::{AdminStore, Broadcasts};

const VERSION_0_1: &str = include_str!("../../../tests/fixtures/version_0_1.sql");

async fn migrated() -> (tempfile::TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(folder.path().join("kandinsky.db")).create_if_missing(true);
    let old = SqlitePool::connect_with(options.foreign_keys(false)).await.unwrap();
    sqlx::raw_sql(VERSION_0_1).execute(&old).await.unwrap();
    old.close().await;
    let store = SqliteStore::open(folder.path()).await.unwrap();
    (folder, store)
}

#[tokio::test]
async fn a_database_of_version_0_1_keeps_jobs_pictures_and_history() {
    let (_folder, store) = migrated().await;
    let [cat, whale, house] = [1, 2, 3].map(JobId);
    let recent = store.recent(Requester(7), None, None, 9).await.unwrap();
    assert_eq!(recent.len(), 1);
    assert_eq!((recent[0].job.id, recent[0].job.recipe.prompt()), (cat, "рыжий кот"));
    let photo =
        DeliveredMessage { chat_id: 7, message_id: 21, position: Some(0), file_id: Some("AgAC-cat".to_owned()) };
    assert_eq!(recent[0].messages, [photo]);
    assert_eq!(store.job_of_message(7, 21).await.unwrap(), Some((cat, Some(0))));
    assert_eq!(store.shared("abcdefgh12345678").await.unwrap().unwrap().id, cat);
    let picture = store.picture(cat, 0).await.unwrap().unwrap();
    assert_eq!(PictureInfo::of(&picture), PictureInfo { width: 320, height: 200, size: picture.len() as u64 });
    assert_eq!(
        store.picture_infos(cat).await.unwrap(),
        [PictureInfo::of(&picture)],
        "its size is known without its bytes"
    );

    let due = store.due_deliveries(&[], 9).await.unwrap();
    assert_eq!(due.len(), 1, "what was put off is due after the start");
    assert_eq!((due[0].job.id, due[0].address.chat_id, due[0].attempts), (whale, -5, 2));
    assert_eq!(due[0].outcome, JobOutcome::Pictures(vec![PictureInfo::of(&picture)]));
    assert_eq!(due[0].job.warnings.flagged, [0]);
    assert_eq!(due[0].job.warnings.truncated.as_deref(), Some("на белом фоне"));
    let fetches = store.due_fetches(9).await.unwrap();
    assert_eq!((fetches.len(), fetches[0].job.id, fetches[0].attempts), (1, house, 1));
}

#[tokio::test]
async fn a_database_of_version_0_1_keeps_its_queue_settings_and_rules() {
    let (_folder, store) = migrated().await;
    assert!(store.is_paused().await.unwrap());
    store.set_paused(false).await.unwrap();
    // The river was running when the old program ended; its user was served before, the forest's job is older.
    let pending = store.pending_of(Requester(8)).await.unwrap();
    let prompts: Vec<_> = pending.iter().map(|(job, _)| (job.recipe.prompt(), job.state)).collect();
    let queued = JobState::Queued;
    assert_eq!(prompts, [("дом", queued), ("лес", queued), ("река", queued)]);
    let next = store.claim("w", LEASE).await.unwrap().unwrap();
    assert_eq!(next.recipe.prompt(), "лес");
    assert_eq!(store.chat_state(7).await.unwrap().as_deref(), Some(r#"{"language":"ru","count":2}"#));
    assert!(store.is_banned(13).await.unwrap());
    assert_eq!(store.former_chat_id(-1005).await.unwrap(), Some(-5));
    let broadcast = &store.unfinished_broadcasts().await.unwrap()[0];
    assert_eq!(store.next_broadcast_chat(broadcast.id).await.unwrap(), Some(7));
    assert_eq!(store.stats().await.unwrap().jobs, 6);
}
