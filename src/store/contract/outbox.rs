//! Results and status messages that have to be sent.

use super::prelude::*;

pub(super) async fn a_delivery_is_retried_after_the_delay(fixture: Fixture) {
    let id = fixture.ask(1, "кот").await;
    let job = fixture.next().await.unwrap();
    fixture.store.fail(&job.claim, Failure::Engine).await.unwrap();
    fixture.store.postpone_delivery(id, LEASE).await.unwrap();
    assert!(fixture.store.due_deliveries(&[], 1).await.unwrap().is_empty());
    fixture.store.postpone_delivery(id, Duration::ZERO).await.unwrap();
    let delivery = fixture.store.due_deliveries(&[], 1).await.unwrap().remove(0);
    assert_eq!(delivery.attempts, 2);
    fixture.store.mark_delivered(id, &[]).await.unwrap();
    assert_eq!(fixture.state(id).await, JobState::Failed);
}

pub(super) async fn status_messages_of_many_are_all_written(fixture: Fixture) {
    let mut jobs = Vec::new();
    for user in 0..20 {
        jobs.push(fixture.ask(user, "cat").await);
    }
    let written =
        jobs.iter().zip(1000..).map(|(job, message)| fixture.store.set_status_message(*job, message, "shown"));
    assert!(futures::future::join_all(written).await.iter().all(Result::is_ok));
    fixture.store.set_status_message(jobs[3], 7, "shown").await.unwrap();
    for (job, message) in jobs.iter().zip(1000..) {
        let expected = if *job == jobs[3] { 7 } else { message };
        assert_eq!(fixture.store.job(*job).await.unwrap().unwrap().chat().unwrap().status_message_id, Some(expected));
    }
}

pub(super) async fn a_chat_with_many_results_holds_up_no_other(fixture: Fixture) {
    for (user, prompt) in [(1, "a"), (1, "b"), (1, "c"), (2, "d"), (3, "e")] {
        fixture.ask(user, prompt).await;
    }
    while let Some(job) = fixture.next().await {
        fixture.finish(&job.claim, &[]).await;
    }
    let due = async |busy: &[i64]| {
        let due = fixture.store.due_deliveries(busy, 16).await.unwrap();
        due.iter().map(|delivery| delivery.job.recipe.prompt().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(due(&[]).await, ["a", "d", "e"], "one of each chat");
    assert_eq!(due(&[1, 3]).await, ["d"]);
}

pub(super) async fn the_result_of_a_job_from_a_program_is_not_delivered(fixture: Fixture) {
    let job = fixture.submit(NewJob { origin: Origin::Api(3), ..new_job(1, "a") }).await;
    assert_eq!(fixture.store.job(job).await.unwrap().unwrap().origin, Origin::Api(3));
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[b"picture"]).await;
    assert!(fixture.store.due_deliveries(&[], 16).await.unwrap().is_empty());
    assert_eq!(fixture.pictures(job).await, [b"picture".to_vec()]);
}

pub(super) async fn after_the_clock_was_set_back_nothing_waits_for_longer_than_was_meant(fixture: Fixture) {
    let drawn = fixture.ask(1, "a").await;
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[]).await;
    fixture.store.postpone_delivery(drawn, Duration::from_secs(2)).await.unwrap();
    let pending = fixture.submit(NewJob { inputs: JobInputs::Pending(Vec::new()), ..new_job(1, "b") }).await;
    fixture.store.postpone_fetch(pending, Duration::from_secs(2)).await.unwrap();
    // The clock goes back by a day: what was to be soon is a day ahead.
    fixture
        .store
        .execute(
            "UPDATE jobs SET deliver_after = deliver_after + 86400000, fetch_after = fetch_after + 86400000".to_owned(),
        )
        .await;
    assert_eq!(fixture.store.due_deliveries(&[], 1).await.unwrap()[0].job.id, drawn);
    assert_eq!(fixture.store.due_fetches(1).await.unwrap()[0].job.id, pending);
}

pub(super) async fn a_restart_makes_everything_due_that_was_put_off(fixture: Fixture) {
    let job = fixture.ask(1, "a").await;
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[]).await;
    fixture.store.postpone_delivery(job, Duration::from_secs(600)).await.unwrap();
    assert!(fixture.store.due_deliveries(&[], 1).await.unwrap().is_empty());
    let fixture = fixture.restart().await;
    assert_eq!(fixture.store.due_deliveries(&[], 1).await.unwrap().len(), 1);
}

pub(super) async fn a_status_message_is_stale_from_the_delivery_until_it_is_cleared(fixture: Fixture) {
    let job = fixture.ask(1, "a").await;
    let cancelled = fixture.ask(2, "b").await;
    for (job, message) in [(job, 5), (cancelled, 6)] {
        fixture.store.set_status_message(job, message, "shown").await.unwrap();
    }
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[]).await;
    assert!(fixture.store.stale_status_messages().await.unwrap().is_empty(), "it still shows the progress");
    fixture.store.mark_delivered(job, &[]).await.unwrap();
    fixture.store.cancel(cancelled, Requester(2)).await.unwrap();
    let fixture = fixture.restart().await;
    let stale = fixture.store.stale_status_messages().await.unwrap();
    assert_eq!(stale.iter().map(|job| job.id).collect::<Vec<_>>(), [job, cancelled]);
    fixture.store.clear_status_message(job).await.unwrap();
    assert_eq!(fixture.store.stale_status_messages().await.unwrap().len(), 1);
}

pub(super) async fn what_a_waiting_job_shows_is_known_until_it_is_drawn(fixture: Fixture) {
    let (first, second) = (fixture.ask(1, "a").await, fixture.ask(2, "b").await);
    for (job, message) in [(first, 5), (second, 6)] {
        fixture.store.set_status_message(job, message, "queued").await.unwrap();
    }
    fixture.next().await.unwrap();
    fixture.store.set_status_text(first, "too late").await.unwrap();
    fixture.store.set_status_text(second, "number 1").await.unwrap();
    let fixture = fixture.restart().await;
    let texts = fixture.store.status_texts().await.unwrap();
    assert_eq!(texts, [(second, "number 1".to_owned())].into());
}

pub(super) async fn a_history_can_be_that_of_one_chat(fixture: Fixture) {
    for (chat, prompt) in [(1, "private"), (-5, "group")] {
        let mut job = new_job(1, prompt);
        if let Origin::Chat(address) = &mut job.origin {
            address.chat_id = chat;
        }
        fixture.submit(job).await;
        let claim = fixture.next().await.unwrap().claim;
        fixture.finish(&claim, &[prompt.as_bytes()]).await;
        fixture.store.mark_delivered(claim.job, &[]).await.unwrap();
    }
    let recent = async |chat| {
        let jobs = fixture.store.recent(Requester(1), chat, None, 9).await.unwrap();
        jobs.into_iter().map(|it| it.job.recipe.prompt().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(recent(None).await, ["group", "private"]);
    assert_eq!((recent(Some(-5)).await, recent(Some(-6)).await), (vec!["group".to_owned()], Vec::new()));
}

pub(super) async fn a_description_is_delivered_once_and_is_no_picture_of_the_history(fixture: Fixture) {
    let (recipe, inputs) = (Recipe::new(Task::Describe, 0), JobInputs::Pending(Vec::new()));
    let job = fixture.submit(NewJob { recipe, inputs, ..new_job(1, "a") }).await;
    fixture.store.store_inputs(job, vec![EncodedPicture::new(vec![1])]).await.unwrap();
    let claim = fixture.next().await.unwrap().claim;
    let warnings = Warnings { description: Some(Box::default()), ..Warnings::default() };
    fixture.store.finish(&claim, Vec::new(), &warnings).await.unwrap();
    let due = fixture.store.due_deliveries(&[], 9).await.unwrap();
    assert_eq!((due.len(), &due[0].outcome, &due[0].job.warnings), (1, &JobOutcome::Pictures(Vec::new()), &warnings));
    let message = DeliveredMessage { chat_id: 1, message_id: 5, position: None, file_id: None };
    fixture.store.mark_delivered(job, &[message]).await.unwrap();
    assert!(fixture.store.due_deliveries(&[], 9).await.unwrap().is_empty());
    assert_eq!(fixture.state(job).await, JobState::Delivered);
    assert!(fixture.store.recent(Requester(1), None, None, 9).await.unwrap().is_empty());
    assert_eq!(fixture.store.job_of_message(1, 5).await.unwrap(), Some((job, None)));
}
