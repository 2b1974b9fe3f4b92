//! The editor beside a bot that delivers.

use super::*;
use crate::gallery::Gallery;
use crate::jobs::EncodedPicture;

const ANNA: Requester = Requester(7);

/// A job of the editor whose result its user has seen there.
async fn seen_in_editor(store: &PostgresStore) -> JobId {
    let mut job = new_job(ANNA.0, "a");
    if let Origin::Chat(address) = job.origin {
        job.origin = Origin::Editor { address, parent: None };
    }
    let outcome = UpdateOutcome { chat_state: Some((ANNA.0, "{}".to_owned())), ..UpdateOutcome::default() };
    store.submit(job, &Limits::NONE, outcome).await.unwrap();
    let claim = store.claim("w", LEASE).await.unwrap().unwrap().claim;
    store.finish(&claim, vec![EncodedPicture::new(&b"a"[..])], &Warnings::default()).await.unwrap();
    store.mark_seen(ANNA, claim.job).await.unwrap();
    claim.job
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_is_asked_for_while_its_delivery_is_noted_comes_once() {
    let Some(schema) = Schema::new() else { return };
    let store = open(&schema).await;
    let job = seen_in_editor(&store).await;
    assert!(store.send_to_chat(ANNA, job).await.unwrap());
    assert_eq!(store.due_deliveries(&[], 9).await.unwrap().len(), 1);
    let mut noting = store.begin().await.unwrap();
    for statement in [
        "INSERT INTO deliveries (chat_id, message_id, job_id, position) VALUES (7, 5, $1, 0)",
        "UPDATE jobs SET state = 'delivered', delivered_at = 1 WHERE id = $1",
    ] {
        sqlx::query(statement).bind(job.0).execute(&mut *noting).await.unwrap();
    }
    let asking = {
        let store = store.clone();
        tokio::spawn(async move { store.send_to_chat(ANNA, job).await.unwrap() })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    noting.commit().await.unwrap();
    assert!(asking.await.unwrap(), "it is there");
    assert_eq!(store.due_deliveries(&[], 9).await.unwrap().len(), 0, "once is enough");
}
