use super::*;
use crate::gallery::{EditorSessions, Gallery, NewCode, NewGalleryPicture};
use crate::jobs::{
    Archive, DeliveredMessage, EncodedPicture, Inbox, JobInputs, NewJob, NewOutgoing, Outbox, Queue, Requester,
    StoredUpdate, UpdateId, UpdateOutcome, Warnings, WorkQueue,
};
use crate::keys::{ApiKeys, NewApiKey};
use crate::limits::{HOUR, Limits};
use crate::policy::{AdminStore, Broadcasts};
use crate::store::postgres::fixture::{Schema, open};
use crate::store::sqlite::fixture::{Fixture, LEASE, new_job};

/// Something of everything.
async fn filled() -> Fixture {
    let fixture = Fixture::new().await;
    let store = &fixture.store;
    for (user, prompt) in [(1, "a"), (1, "b"), (2, "c"), (3, "d")] {
        let inputs = JobInputs::Encoded(vec![EncodedPicture::new(prompt.as_bytes().to_vec())]);
        let job = NewJob { inputs, ..new_job(user, prompt) };
        let outgoing = vec![NewOutgoing { chat_id: user, body: "queued".to_owned(), about_job: true }];
        let outcome = UpdateOutcome { chat_state: Some((user, "{}".to_owned())), outgoing, ..Default::default() };
        store.submit(job, &Limits::NONE, outcome).await.unwrap();
    }
    for number in 0..2 {
        let claim = store.claim("w", LEASE).await.unwrap().unwrap().claim;
        let picture = EncodedPicture::new(vec![number; 1000]);
        store.finish(&claim, vec![picture], &Warnings::default()).await.unwrap();
        let file_id = Some(format!("file {number}"));
        let message = DeliveredMessage { chat_id: 1, message_id: 50 + i32::from(number), position: Some(0), file_id };
        store.mark_delivered(claim.job, &[message]).await.unwrap();
    }
    store.share(crate::jobs::JobId(1), "token").await.unwrap();
    // Forgotten with its number, which is never given again.
    store.forget(Requester(3), true).await.unwrap();
    store.store_updates(vec![StoredUpdate { id: UpdateId(9), body: "{}".to_owned() }]).await.unwrap();
    store.set_paused(true).await.unwrap();
    store.ban(77).await.unwrap();
    store.mark_gone(78).await.unwrap();
    let broadcast = store.draft_broadcast(1, crate::i18n::Language::Ru, "news").await.unwrap();
    store.start_broadcast(broadcast, (1, 5)).await.unwrap();
    for (user, hash) in [(None, "hash"), (Some(1), "other hash")] {
        let key = NewApiKey { user, name: "key".to_owned(), hash: hash.to_owned(), hour: Some(3), day: None };
        store.add_key(&key).await.unwrap();
    }
    fill_editor(&fixture).await;
    fixture
}

/// Something of everything that the editor keeps.
async fn fill_editor(fixture: &Fixture) {
    let (store, user) = (&fixture.store, Requester(1));
    store.execute("UPDATE jobs SET is_from_editor = TRUE, parent = 'p_1' WHERE id = 1").await;
    for (id, parent) in [("p_1", None), ("p_B", Some("p_1".to_owned())), ("p_a", None)] {
        let picture = EncodedPicture::new(id.as_bytes().to_vec());
        let (id, has_alpha) = (id.to_owned(), parent.is_some());
        store.add_picture(NewGalleryPicture { id, user, picture, parent, size: (4, 3), has_alpha }).await.unwrap();
    }
    store.secret("secret").await.unwrap();
    store.open_salt(user, "salt").await.unwrap();
    let code = NewCode { user, name: "Anna".to_owned(), language: crate::i18n::Language::Ru, reference: None };
    store.add_code("hash", &code, HOUR).await.unwrap();
}

/// All rows of all tables.
async fn dump(side: &Side) -> Vec<(&'static str, Vec<Values>)> {
    let mut dump = Vec::new();
    for table in &TABLES {
        dump.push((table.name, side.read(table, 0, 1000).await.unwrap()));
    }
    dump
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_moves_there_and_back() {
    let Some(schema) = Schema::new() else { return };
    let (from, between, back) = (filled().await, open(&schema).await, Fixture::new().await);
    let before = dump(&Side::sqlite(&from.store)).await;
    assert!(before.iter().all(|(_, rows)| !rows.is_empty()), "every table has rows: {before:?}");
    let rows = to_postgres(&from.store, &between).await.unwrap();
    assert_eq!(rows as usize, before.iter().map(|(_, rows)| rows.len()).sum::<usize>());
    assert_eq!(dump(&Side::postgres(&between)).await, before);
    to_sqlite(&between, &back.store).await.unwrap();
    assert_eq!(dump(&Side::sqlite(&back.store)).await, before);

    // Both go on where the first one was.
    for store in [&between as &dyn Queue, &back.store] {
        store.set_paused(false).await.unwrap();
    }
    let next = from.store.claim("w", LEASE).await.unwrap();
    assert_eq!(next.map(|job| job.claim.job), None, "the first one is still paused");
    let (in_postgres, in_sqlite) =
        (between.claim("w", LEASE).await.unwrap(), back.store.claim("w", LEASE).await.unwrap());
    let (in_postgres, in_sqlite) = (in_postgres.unwrap(), in_sqlite.unwrap());
    assert_eq!((in_postgres.claim.job, &in_postgres.inputs), (in_sqlite.claim.job, &in_sqlite.inputs));
    let outcome = UpdateOutcome::default;
    let new = between.submit(new_job(5, "new"), &Limits::NONE, outcome()).await.unwrap();
    assert_eq!(back.store.submit(new_job(5, "new"), &Limits::NONE, outcome()).await.unwrap(), new);
    assert!(matches!(new, crate::jobs::Submission::Queued(crate::jobs::JobId(5), _)), "{new:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_interrupted_goes_on_and_a_store_with_something_in_it_is_left_alone() {
    let Some(schema) = Schema::new() else { return };
    let (from, to) = (filled().await, open(&schema).await);
    let (source, target) = (Side::sqlite(&from.store), Side::postgres(&to));
    begin(&target).await.unwrap();
    for table in &TABLES[..3] {
        let half = source.read(table, 0, 2).await.unwrap();
        target.write(table, half).await.unwrap();
    }
    to_postgres(&from.store, &to).await.unwrap();
    assert_eq!(dump(&target).await, dump(&source).await);
    let error = to_postgres(&from.store, &to).await.unwrap_err();
    assert!(matches!(error, MoveError::NotEmpty { table: "jobs", rows: 3 }), "{error}");
}
