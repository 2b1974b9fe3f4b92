//! What only a store in files promises.

use crate::jobs::{Archive, EncodedPicture, JobInputs, NewJob, Outbox, Requester, Retention, Warnings, WorkQueue};
use crate::keys::{ApiKeys, NewApiKey, hash_key};

use super::SqliteStore;
use super::fixture::{Fixture, LEASE, new_job, submit};

#[tokio::test]
async fn another_process_adds_a_key_while_the_store_is_served() {
    let fixture = Fixture::new().await;
    let beside = SqliteStore::open_beside(fixture.folder.path()).await.unwrap();
    let key = NewApiKey { user: None, name: "a".to_owned(), hash: hash_key("secret"), hour: Some(3), day: None };
    beside.add_key(&key).await.unwrap().unwrap();
    beside.close().await;
    assert!(fixture.store.key_by_hash(&hash_key("secret")).await.unwrap().is_some());
    fixture.store.execute("DROP TABLE api_keys").await;
    let error = SqliteStore::open_beside(fixture.folder.path()).await.unwrap_err().to_string();
    assert!(error.contains("restart"), "{error}");
}

#[tokio::test]
async fn nothing_of_a_forgotten_picture_is_left_in_the_files() {
    let fixture = Fixture::new().await;
    let secret = b"nobody else may see this".repeat(500);
    let inputs = JobInputs::Encoded(vec![EncodedPicture::new(secret.clone())]);
    let job = NewJob { inputs, ..new_job(1, "a secret prompt") };
    crate::jobs::Queue::submit(&fixture.store, job, &crate::limits::Limits::NONE, Default::default()).await.unwrap();
    let holds = |name: &str, words: &[u8]| {
        let bytes = std::fs::read(fixture.folder.path().join(name)).unwrap_or_default();
        bytes.windows(words.len()).any(|window| window == words)
    };
    assert!(holds("kandinsky.db-wal", b"nobody else") || holds("kandinsky.db", b"nobody else"));
    fixture.store.forget(Requester(1), false).await.unwrap();
    for words in [&b"nobody else may see"[..], "a secret prompt".as_bytes()] {
        assert!(!holds("kandinsky.db", words) && !holds("kandinsky.db-wal", words));
    }
}

#[tokio::test]
async fn the_disk_limit_takes_the_oldest_first_and_the_file_shrinks() {
    let fixture = Fixture::new().await;
    let mut jobs = Vec::new();
    for number in 0..300_u32 {
        submit(&fixture.store, 1, &number.to_string()).await;
        let claim = fixture.store.claim("worker", LEASE).await.unwrap().unwrap().claim;
        let picture = EncodedPicture::new(number.to_le_bytes().repeat(5000));
        fixture.store.finish(&claim, vec![picture], &Warnings::default()).await.unwrap();
        fixture.store.mark_delivered(claim.job, &[]).await.unwrap();
        jobs.push(claim.job);
    }
    fixture.store.execute("UPDATE jobs SET delivered_at = delivered_at - 3600000 * (300 - id)").await;
    let sweep = async |disk| fixture.store.sweep(&Retention { disk, ..Retention::default() }).await.unwrap();
    let file = fixture.folder.path().join("kandinsky.db");
    sweep(None).await;
    let before = std::fs::metadata(&file).unwrap().len();
    assert!(before > 6_000_000, "{before}");
    let swept = sweep(Some(3_000_000)).await;
    let after = std::fs::metadata(&file).unwrap().len();
    assert!(after <= 3_000_000 && after > 2_700_000, "{after}");
    assert_eq!(swept.bytes, before - after);
    let mut kept = Vec::new();
    for job in jobs {
        kept.push(fixture.store.picture_infos(job).await.unwrap().len() == 1);
    }
    let first_kept = kept.iter().position(|kept| *kept).unwrap();
    assert!(first_kept > 100 && kept[first_kept..].iter().all(|kept| *kept), "the young are kept, the old are not");
}
