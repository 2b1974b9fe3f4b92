//! Everything about a user is deleted; groups that get another number.

use super::prelude::*;

pub(super) async fn everything_of_a_user_goes_and_nothing_of_another(fixture: Fixture) {
    for (user, prompt) in [(1, "told"), (2, "kept")] {
        let inputs = JobInputs::Encoded(vec![EncodedPicture::new(&b"both have it"[..])]);
        fixture.submit(NewJob { inputs, ..new_job(user, prompt) }).await;
        let claim = fixture.next().await.unwrap().claim;
        fixture.finish(&claim, &[prompt.as_bytes()]).await;
        fixture.store.mark_delivered(claim.job, &[]).await.unwrap();
    }
    let running = fixture.ask(1, "running").await;
    let claim = fixture.next().await.unwrap().claim;
    let waiting = fixture.ask(1, "waiting").await;
    let pending = fixture.store.forget(Requester(1), false).await.unwrap();
    assert_eq!(pending.iter().map(|job| job.id).collect::<Vec<_>>(), [running, waiting]);

    assert_eq!(fixture.rows("jobs").await, 1);
    assert_eq!(
        (fixture.rows("job_pictures").await, fixture.rows("pictures").await),
        (2, 2),
        "the other one's pictures stay"
    );
    assert!(fixture.next().await.is_none());
    let lease = Duration::from_secs(60);
    let status = fixture.store.heartbeat(&claim, Heartbeat { progress: 0.5, preview: None }, lease).await.unwrap();
    assert_eq!(status, LeaseStatus::LeaseLost, "the worker stops at its next step");
    assert_eq!(fixture.finish(&claim, &[b"late"]).await, LeaseStatus::LeaseLost);
    assert_eq!(fixture.rows("pictures").await, 2, "and writes nothing");
    assert!(fixture.ask(1, "anew").await > waiting, "numbers of forgotten jobs do not come back");
}

pub(super) async fn forgetting_is_no_way_around_a_limit(fixture: Fixture) {
    let limits = Limits { day: 1, ..Limits::NONE };
    let first = fixture.submit_within(new_job(1, "a"), &limits).await.1;
    assert!(matches!(first, Submission::Queued(..)));
    fixture.store.forget(Requester(1), limits.count_time()).await.unwrap();
    let second = fixture.submit_within(new_job(1, "b"), &limits).await.1;
    assert!(matches!(second, Submission::OverLimit(_)));
}

pub(super) async fn a_picture_that_is_on_its_way_while_its_owner_is_forgotten_leaves_nothing_behind(fixture: Fixture) {
    fixture.ask(1, "a").await;
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[&[1]]).await;
    fixture.store.forget(Requester(1), false).await.unwrap();
    let sent = DeliveredMessage { chat_id: 1, message_id: 5, position: Some(0), file_id: None };
    fixture.store.mark_delivered(claim.job, &[sent]).await.unwrap();
    assert_eq!((fixture.rows("jobs").await, fixture.rows("deliveries").await), (0, 0));
}

pub(super) async fn a_group_that_moved_takes_its_jobs_along(fixture: Fixture) {
    let mut job = new_job(1, "a");
    if let Origin::Chat(address) = &mut job.origin {
        (address.chat_id, address.thread_id) = (-5, Some(3));
    }
    let job = fixture.submit(job).await;
    fixture.store.set_status_message(job, 9, "shown").await.unwrap();
    let other = fixture.ask(2, "b").await;
    fixture.save_chat(-5, "old").await;
    fixture.store.ban(-5).await.unwrap();
    assert_eq!(fixture.store.move_chat(-5, -1005).await.unwrap(), 1);
    assert_eq!(fixture.store.chat_state(-5).await.unwrap(), None);
    assert_eq!(fixture.store.chat_state(-1005).await.unwrap().as_deref(), Some("old"));
    assert!(fixture.store.note_activity(1, -1005).await.unwrap(), "a ban moves along");
    assert_eq!(fixture.store.former_chat_id(-1005).await.unwrap(), Some(-5));
    let job = fixture.store.job(job).await.unwrap().unwrap();
    let address = job.chat().unwrap();
    assert_eq!((address.chat_id, address.thread_id), (-1005, None));
    assert_eq!((address.request_message_id, address.status_message_id), (None, None));
    assert_eq!(fixture.store.job(other).await.unwrap().unwrap().chat().unwrap().chat_id, 2);
}

pub(super) async fn what_was_asked_for_in_the_name_of_a_group_that_moved_is_drawn_for_it(fixture: Fixture) {
    let mut job = new_job(-5, "a");
    if let Origin::Chat(address) = &mut job.origin {
        address.chat_id = -5;
    }
    let job = fixture.submit(job).await;
    fixture.store.move_chat(-5, -1005).await.unwrap();
    assert_eq!(fixture.store.pending_of(Requester(-1005)).await.unwrap().len(), 1);
    assert_eq!(fixture.next().await.unwrap().claim.job, job);
}

pub(super) async fn what_waits_for_a_chat_that_is_gone_is_not_drawn(fixture: Fixture) {
    let (gone, other) = (fixture.ask(1, "a").await, fixture.ask(2, "b").await);
    assert_eq!(fixture.store.cancel_chat(1).await.unwrap(), 1);
    assert_eq!((fixture.state(gone).await, fixture.state(other).await), (JobState::Cancelled, JobState::Queued));
}

pub(super) async fn a_chat_that_already_has_a_state_keeps_it_when_another_moves_there(fixture: Fixture) {
    fixture.save_chat(-5, "old").await;
    fixture.save_chat(-1005, "new").await;
    fixture.store.move_chat(-5, -1005).await.unwrap();
    assert_eq!(fixture.store.chat_state(-1005).await.unwrap().as_deref(), Some("new"));
}

pub(super) async fn a_forgotten_user_leaves_no_draft_in_groups(fixture: Fixture) {
    for (chat, state) in [
        (7, r#"{"count":2}"#),
        (-5, r#"{"count":1,"drafts":{"7":{"prompt":"a secret"},"77":{"prompt":"kept"}},"drafts_made":2}"#),
        (-6, "damaged: \"7\""),
    ] {
        fixture.save_chat(chat, state).await;
    }
    fixture.store.forget(Requester(7), false).await.unwrap();
    assert_eq!(fixture.store.chat_state(7).await.unwrap(), None);
    let left = r#"{"count":1,"drafts":{"77":{"prompt":"kept"}},"drafts_made":2}"#;
    assert_eq!(fixture.store.chat_state(-5).await.unwrap().as_deref(), Some(left));
    assert_eq!(fixture.store.chats_containing("kept").await.unwrap(), [(-5, left.to_owned())]);
    assert!(fixture.store.chat_state(-6).await.unwrap().is_some());
}

pub(super) async fn forgetting_that_fails_half_way_changes_nothing(other: Fixture) {
    for table in ["jobs", "users", "chats", "outgoing"] {
        let fixture = other.another().await;
        let outgoing = vec![NewOutgoing { chat_id: 1, body: "hello".to_owned(), about_job: false }];
        let outcome = UpdateOutcome { chat_state: Some((1, "state".to_owned())), outgoing, ..UpdateOutcome::default() };
        fixture.store.submit(new_job(1, "a"), &Limits::NONE, outcome).await.unwrap();
        let all = async |fixture: &Fixture| {
            let mut counts = Vec::new();
            for table in ["jobs", "users", "chats", "outgoing", "usage"] {
                counts.push(fixture.rows(table).await);
            }
            counts
        };
        let before = all(&fixture).await;
        assert_eq!(before, [1, 1, 1, 1, 0]);
        fixture.store.refuse("DELETE", table).await;
        fixture.store.forget(Requester(1), true).await.unwrap_err();
        assert_eq!(all(&fixture).await, before, "{table}");
    }
}

pub(super) async fn a_picture_that_can_not_be_deleted_yet_does_not_bring_its_owner_back(fixture: Fixture) {
    let inputs = JobInputs::Encoded(vec![EncodedPicture::new(&b"secret"[..])]);
    fixture.submit(NewJob { inputs, ..new_job(1, "a") }).await;
    fixture.store.refuse("DELETE", "pictures").await;
    assert_eq!(fixture.store.forget(Requester(1), false).await.unwrap().len(), 1, "it is told that all is gone");
    assert_eq!((fixture.rows("jobs").await, fixture.rows("pictures").await), (0, 1));
    fixture.store.allow("pictures").await;
    fixture.store.sweep(&Retention::default()).await.unwrap();
    assert_eq!(fixture.rows("pictures").await, 0);
}
