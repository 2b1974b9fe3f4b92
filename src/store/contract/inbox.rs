//! Updates, and what handling one changes.

use super::prelude::*;

fn update(id: i64) -> StoredUpdate {
    StoredUpdate { id: UpdateId(id), body: format!("{{\"update_id\":{id}}}") }
}

fn message(chat_id: i64, body: &str) -> NewOutgoing {
    NewOutgoing { chat_id, body: body.to_owned(), about_job: true }
}

pub(super) async fn an_update_is_handled_once_over_any_number_of_restarts(fixture: Fixture) {
    assert_eq!(fixture.store.store_updates(vec![update(7), update(8)]).await.unwrap(), [update(7), update(8)]);
    let fixture = fixture.restart().await;
    assert_eq!(fixture.store.unhandled_updates().await.unwrap(), [update(7), update(8)], "nothing is lost");
    fixture.handle(7).await;
    let fixture = fixture.restart().await;
    assert_eq!(fixture.store.unhandled_updates().await.unwrap(), [update(8)]);
    let again = vec![update(7), update(8), update(9)];
    assert_eq!(fixture.store.store_updates(again).await.unwrap(), [update(9)], "the platform delivers some again");
}

pub(super) async fn job_state_messages_and_the_end_of_the_update_are_one_transaction(fixture: Fixture) {
    fixture.store.store_updates(vec![update(7)]).await.unwrap();
    let outcome = UpdateOutcome {
        update: Some(UpdateId(7)),
        chat_state: Some((1, "state".to_owned())),
        outgoing: vec![message(1, "first"), message(1, "second")],
    };
    fixture.store.refuse("INSERT", "jobs").await;
    fixture.store.submit(new_job(1, "a"), &Limits::NONE, outcome.clone()).await.unwrap_err();
    assert_eq!(fixture.store.chat_state(1).await.unwrap(), None);
    assert_eq!(fixture.store.unhandled_updates().await.unwrap(), [update(7)]);
    assert!(fixture.store.unsent_messages().await.unwrap().is_empty());
    fixture.store.allow("jobs").await;
    let submission = fixture.store.submit(new_job(1, "a"), &Limits::NONE, outcome.clone()).await.unwrap();
    let Submission::Queued(job, ids) = submission else { panic!("{submission:?}") };
    assert_eq!(fixture.store.chat_state(1).await.unwrap().as_deref(), Some("state"));
    assert!(fixture.store.unhandled_updates().await.unwrap().is_empty());
    let fixture = fixture.restart().await;
    let unsent = fixture.store.unsent_messages().await.unwrap();
    let seen: Vec<_> = unsent.iter().map(|message| (message.id, message.job, message.body.as_str())).collect();
    assert_eq!(seen, [(ids[0], Some(job), "first"), (ids[1], Some(job), "second")]);
    fixture.store.mark_sent(ids[0]).await.unwrap();
    assert_eq!(fixture.store.unsent_messages().await.unwrap(), unsent[1..]);
}

pub(super) async fn a_refused_job_leaves_the_update_unhandled_and_the_state_as_it_was(fixture: Fixture) {
    let limits = Limits { waiting: 1, ..Limits::NONE };
    fixture.submit_within(new_job(1, "a"), &limits).await;
    fixture.store.store_updates(vec![update(7)]).await.unwrap();
    let outcome = UpdateOutcome {
        update: Some(UpdateId(7)),
        chat_state: Some((1, "state".to_owned())),
        outgoing: vec![message(1, "queued")],
    };
    let submission = fixture.store.submit(new_job(1, "b"), &limits, outcome).await.unwrap();
    assert!(matches!(submission, Submission::OverLimit(_)));
    assert_eq!(fixture.store.chat_state(1).await.unwrap(), None);
    assert_eq!(fixture.store.unhandled_updates().await.unwrap().len(), 1);
    assert!(fixture.store.unsent_messages().await.unwrap().is_empty());
}

pub(super) async fn a_request_that_comes_again_notifies_once_and_ends_its_update(fixture: Fixture) {
    let outcome =
        |id| UpdateOutcome { update: Some(UpdateId(id)), chat_state: None, outgoing: vec![message(1, "queued")] };
    fixture.store.store_updates(vec![update(7), update(8)]).await.unwrap();
    let first = fixture.store.submit(new_job(1, "a"), &Limits::NONE, outcome(7)).await.unwrap();
    let second = fixture.store.submit(new_job(1, "a"), &Limits::NONE, outcome(8)).await.unwrap();
    assert!(matches!((first, second), (Submission::Queued(a, one), Submission::Queued(b, none))
        if a == b && one.len() == 1 && none.is_empty()));
    assert!(fixture.store.unhandled_updates().await.unwrap().is_empty());
    assert_eq!(fixture.store.unsent_messages().await.unwrap().len(), 1);
}
