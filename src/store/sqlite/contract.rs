//! The store's contract, as a story for each rule.

use std::time::Duration;

use super::fixture::{Fixture, LEASE, new_job};
use crate::chats::ChatStore;
use crate::jobs::{
    Archive, CancelOutcome, DeliveredMessage, EncodedPicture, Failure, Heartbeat, Inbox, Input, Inputs, JobInputs,
    JobOutcome, JobState, LeaseStatus, NewJob, NewOutgoing, Origin, Outbox, Queue, Requester, Source, StoredUpdate,
    Submission, UpdateId, UpdateOutcome, Warnings, WorkQueue,
};
use crate::limits::Limits;
use crate::recipe::{PartContent, Recipe, Task};

#[tokio::test]
async fn a_crowd_sees_positions_and_every_user_has_one() {
    let fixture = Fixture::new().await;
    let mut jobs = Vec::new();
    for user in 0..100 {
        jobs.push(fixture.submit(new_job(user, "cat")).await);
    }
    let places = futures::future::join_all(jobs.iter().map(|job| fixture.store.position(*job))).await;
    for (place, position) in places.into_iter().zip(1..) {
        assert_eq!(place.unwrap().unwrap().number, position);
    }
    let claimed = fixture.next().await.unwrap().claim;
    fixture.finish(&claimed, &[]).await;
    // At once an older position may be seen, but not for long.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(fixture.store.position(claimed.job).await.unwrap(), None);
    assert_eq!(fixture.store.position(jobs[99]).await.unwrap().unwrap().number, 99);
    let all = fixture.store.positions().await.unwrap();
    assert!(all.len() == 99 && jobs[1..].iter().zip(1..).all(|(job, number)| all[job].number == number));
}

#[tokio::test]
async fn a_job_goes_from_queued_to_delivered() {
    let fixture = Fixture::new().await;
    let id = fixture.ask(1, "кот").await;
    assert_eq!(fixture.state(id).await, JobState::Queued);
    let job = fixture.next().await.unwrap();
    assert_eq!((job.claim.job, job.recipe.prompt()), (id, "кот"));
    assert_eq!(fixture.state(id).await, JobState::Running);
    assert_eq!(fixture.finish(&job.claim, &[&[1, 2], &[3]]).await, LeaseStatus::Continue);
    assert_eq!(fixture.state(id).await, JobState::Drawn);
    let delivery = fixture.store.due_deliveries(&[], 10).await.unwrap().remove(0);
    assert!(matches!(delivery.outcome, JobOutcome::Pictures(pictures) if pictures.len() == 2 && pictures[0].size == 2));
    assert_eq!(fixture.pictures(id).await, [vec![1, 2], vec![3]]);
    let first = DeliveredMessage { chat_id: 1, message_id: 5, position: Some(0), file_id: None };
    fixture.store.mark_partly_delivered(id, std::slice::from_ref(&first)).await.unwrap();
    assert_eq!(fixture.state(id).await, JobState::Drawn, "the other one is still to be sent");
    assert_eq!(fixture.store.due_deliveries(&[], 10).await.unwrap().remove(0).sent, [first]);
    fixture.store.mark_delivered(id, &[]).await.unwrap();
    assert_eq!(fixture.state(id).await, JobState::Delivered);
    assert!(fixture.store.due_deliveries(&[], 10).await.unwrap().is_empty());
    assert!(fixture.next().await.is_none());
}

#[tokio::test]
async fn the_same_request_twice_is_one_job() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.ask(1, "кот").await, fixture.ask(1, "кот").await);
    assert_eq!(fixture.store.pending().await.unwrap().len(), 1);
}

#[tokio::test]
async fn input_pictures_come_with_the_job_in_order() {
    let fixture = Fixture::new().await;
    let files: [&[u8]; 3] = [&[9, 9], &[1], &[9, 9]];
    let inputs = files.iter().map(|file| EncodedPicture::new(file.to_vec())).collect();
    let mut job = NewJob { inputs: JobInputs::Encoded(inputs), ..new_job(1, "кот") };
    job.recipe.task = Task::mix(vec![PartContent::Picture; 3], None).unwrap();
    fixture.submit(job).await;
    assert_eq!(fixture.next().await.unwrap().inputs, files);
}

#[tokio::test]
async fn users_are_served_in_the_order_that_they_see() {
    let fixture = Fixture::new().await;
    for (user, prompt) in [(1, "a"), (1, "b"), (1, "c"), (2, "d"), (3, "e"), (2, "f")] {
        fixture.ask(user, prompt).await;
    }
    let announced: Vec<_> =
        fixture.store.pending().await.unwrap().iter().map(|job| job.recipe.prompt().to_owned()).collect();
    let mut served = Vec::new();
    while let Some(job) = fixture.next().await {
        served.push(job.recipe.prompt().to_owned());
        fixture.finish(&job.claim, &[]).await;
    }
    assert_eq!(served, ["a", "d", "e", "b", "f", "c"]);
    assert_eq!(announced, served);
}

#[tokio::test]
async fn a_killed_program_draws_the_job_again() {
    let fixture = Fixture::new().await;
    let id = fixture.ask(1, "кот").await;
    fixture.next().await.unwrap();
    let fixture = fixture.restart().await;
    assert_eq!(fixture.state(id).await, JobState::Queued);
    assert_eq!(fixture.next().await.unwrap().claim.attempt, 1, "an attempt that the program ended does not count");
}

#[tokio::test]
async fn a_job_that_kills_the_program_again_and_again_is_given_up() {
    let mut fixture = Fixture::new().await;
    let id = fixture.ask(1, "кот").await;
    for _ in 0..5 {
        assert!(fixture.next().await.is_some());
        fixture = fixture.restart().await;
    }
    assert!(fixture.next().await.is_none());
    let delivery = fixture.store.due_deliveries(&[], 1).await.unwrap().remove(0);
    assert_eq!(delivery.job.id, id);
    assert!(matches!(delivery.outcome, JobOutcome::Failure(Failure::Crashed)));
}

#[tokio::test]
async fn a_machine_that_fails_ends_no_job() {
    let mut fixture = Fixture::new().await;
    let jobs = [fixture.ask(1, "a").await, fixture.ask(2, "b").await];
    for crash in 0..12 {
        // Now both are being drawn when the process dies, now one of them, now the other.
        let others = usize::from(crash % 3 == 0);
        for _ in 0..=others {
            assert!(fixture.next().await.is_some(), "after {crash} crashes");
        }
        fixture = fixture.restart().await;
    }
    for _ in jobs {
        let claim = fixture.next().await.unwrap().claim;
        assert_eq!(fixture.finish(&claim, &[b"picture"]).await, LeaseStatus::Continue);
    }
    assert_eq!((fixture.state(jobs[0]).await, fixture.state(jobs[1]).await), (JobState::Drawn, JobState::Drawn));
}

#[tokio::test]
async fn a_job_that_kills_the_program_beside_others_is_given_up_in_the_end() {
    let mut fixture = Fixture::new().await;
    let jobs = [fixture.ask(1, "a").await, fixture.ask(2, "b").await];
    for _ in 0..20 {
        assert!(fixture.next().await.is_some() && fixture.next().await.is_some());
        fixture = fixture.restart().await;
    }
    for job in jobs {
        assert_eq!(fixture.state(job).await, JobState::Failed);
    }
}

#[tokio::test]
async fn a_recipe_out_of_bounds_is_refused_at_once() {
    let fixture = Fixture::new().await;
    for (user, count) in [(1, 0), (2, 1_000_000)] {
        let mut job = new_job(user, "кот");
        job.recipe.count = count;
        fixture.submit(job).await;
    }
    let good = fixture.ask(3, "кит").await;
    assert_eq!(fixture.next().await.unwrap().claim.job, good);
    let due = fixture.store.due_deliveries(&[], 9).await.unwrap();
    assert_eq!(due.len(), 2);
    for delivery in due {
        assert!(matches!(delivery.outcome, JobOutcome::Failure(Failure::Unreadable)), "{delivery:?}");
    }
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_can_not_write() {
    let fixture = Fixture::new().await;
    let id = fixture.ask(1, "кот").await;
    let slow = fixture.store.claim("slow", Duration::ZERO).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let quick = fixture.store.claim("quick", LEASE).await.unwrap().unwrap();
    assert_eq!(quick.claim.job, id);
    let heartbeat = Heartbeat { progress: 0.5, preview: None };
    assert_eq!(fixture.store.heartbeat(&slow.claim, heartbeat, LEASE).await.unwrap(), LeaseStatus::LeaseLost);
    assert_eq!(fixture.finish(&slow.claim, &[&[0]]).await, LeaseStatus::LeaseLost);
    assert_eq!(fixture.finish(&quick.claim, &[&[1]]).await, LeaseStatus::Continue);
    assert_eq!(fixture.pictures(id).await, [vec![1]]);
}

#[tokio::test]
async fn the_job_of_a_silent_worker_does_not_wait_until_nobody_else_waits() {
    let fixture = Fixture::new().await;
    let of_anna = fixture.ask(1, "кот").await;
    let of_boris = [fixture.ask(2, "кит").await, fixture.ask(2, "еж").await];
    assert_eq!(fixture.store.claim("slow", Duration::ZERO).await.unwrap().unwrap().claim.job, of_anna);
    assert_eq!(fixture.next().await.unwrap().claim.job, of_boris[0]);
    fixture.store.forget_the_lease_check();
    assert_eq!(fixture.next().await.unwrap().claim.job, of_anna);
    assert_eq!(fixture.next().await.unwrap().claim.job, of_boris[1]);
}

#[tokio::test]
async fn a_heartbeat_keeps_the_lease_and_is_shown() {
    let fixture = Fixture::new().await;
    let id = fixture.ask(1, "кот").await;
    let job = fixture.next().await.unwrap();
    assert_eq!(
        fixture.store.heartbeat(&job.claim, Heartbeat { progress: 0.25, preview: None }, LEASE).await.unwrap(),
        LeaseStatus::Continue
    );
    assert!((fixture.store.job(id).await.unwrap().unwrap().progress - 0.25).abs() < 1e-9);
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once_by_its_owner_alone() {
    let fixture = Fixture::new().await;
    let id = fixture.ask(1, "кот").await;
    assert_eq!(fixture.store.cancel(id, Requester(2)).await.unwrap(), CancelOutcome::NotYours);
    assert_eq!(fixture.store.cancel(id, Requester(1)).await.unwrap(), CancelOutcome::Cancelled);
    assert_eq!(fixture.store.cancel(id, Requester(1)).await.unwrap(), CancelOutcome::TooLate);
    assert!(fixture.next().await.is_none());
}

#[tokio::test]
async fn a_running_job_stops_at_the_next_heartbeat() {
    let fixture = Fixture::new().await;
    let id = fixture.ask(1, "кот").await;
    let job = fixture.next().await.unwrap();
    assert_eq!(fixture.store.cancel(id, Requester(1)).await.unwrap(), CancelOutcome::Stopping);
    let status = fixture.store.heartbeat(&job.claim, Heartbeat { progress: 0.1, preview: None }, LEASE).await.unwrap();
    assert_eq!(status, LeaseStatus::Cancelled);
    assert_eq!(fixture.state(id).await, JobState::Cancelled);
    assert_eq!(fixture.finish(&job.claim, &[&[1]]).await, LeaseStatus::LeaseLost);
}

#[tokio::test]
async fn a_cancelled_job_does_not_come_back_after_a_kill() {
    let fixture = Fixture::new().await;
    let id = fixture.ask(1, "кот").await;
    fixture.next().await.unwrap();
    fixture.store.cancel(id, Requester(1)).await.unwrap();
    let fixture = fixture.restart().await;
    assert_eq!(fixture.state(id).await, JobState::Cancelled);
}

#[tokio::test]
async fn a_job_given_back_at_the_end_of_the_program_keeps_its_attempts() {
    let fixture = Fixture::new().await;
    fixture.ask(1, "кот").await;
    for _ in 0..5 {
        let job = fixture.next().await.unwrap();
        fixture.store.release(&job.claim).await.unwrap();
    }
    assert!(fixture.next().await.is_some());
}

#[tokio::test]
async fn a_delivery_is_retried_after_the_delay() {
    let fixture = Fixture::new().await;
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

#[tokio::test]
async fn the_position_counts_the_running_job_and_knows_the_pace() {
    let fixture = Fixture::new().await;
    let first = fixture.ask(1, "a").await;
    let second = fixture.ask(2, "b").await;
    let place = fixture.store.position(second).await.unwrap().unwrap();
    assert_eq!((place.number, place.estimate, place.is_paused), (2, None, false));
    let job = fixture.next().await.unwrap();
    fixture.finish(&job.claim, &[]).await;
    assert_eq!(fixture.store.position(first).await.unwrap(), None);
    let place = fixture.store.position(second).await.unwrap().unwrap();
    assert_eq!(place.number, 1);
    assert!(place.estimate.is_some());
}

#[tokio::test]
async fn how_long_a_drawing_takes_says_nothing_about_enlarging() {
    let fixture = Fixture::new().await;
    fixture.ask(1, "a").await;
    let job = fixture.next().await.unwrap();
    fixture.finish(&job.claim, &[b"picture"]).await;
    let mut larger = new_job(1, "b");
    larger.recipe.task = Task::upscale(2).unwrap();
    larger.inputs = JobInputs::Pending(vec![Input::Picture(Source::Result(job.claim.job, 0))]);
    let larger = fixture.submit(larger).await;
    let drawing = fixture.ask(2, "c").await;
    let estimate = async |job| fixture.store.position(job).await.unwrap().unwrap().estimate;
    assert_eq!(estimate(larger).await, None, "nothing was enlarged yet");
    assert!(estimate(drawing).await.is_some());
}

#[tokio::test]
async fn status_messages_of_many_are_all_written() {
    let fixture = Fixture::new().await;
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

#[tokio::test]
async fn while_paused_jobs_are_kept_and_not_drawn_even_after_a_restart() {
    let fixture = Fixture::new().await;
    fixture.store.set_paused(true).await.unwrap();
    let job = fixture.ask(1, "a").await;
    assert!(fixture.next().await.is_none());
    assert!(fixture.store.position(job).await.unwrap().unwrap().is_paused);
    let fixture = fixture.restart().await;
    assert!(fixture.store.is_paused().await.unwrap());
    assert!(fixture.next().await.is_none());
    fixture.store.set_paused(false).await.unwrap();
    assert!(!fixture.store.position(job).await.unwrap().unwrap().is_paused);
    assert_eq!(fixture.next().await.unwrap().claim.job, job);
}

#[tokio::test]
async fn warnings_stay_with_the_job() {
    let fixture = Fixture::new().await;
    let job = fixture.ask(1, "a").await;
    let claim = fixture.next().await.unwrap().claim;
    let warnings = Warnings {
        flagged: vec![1],
        truncated: Some("конец".to_owned()),
        truncated_negative: Some("вода".to_owned()),
        unknown_words: vec!["шляпа".to_owned()],
        lacks_translation: true,
        knows_nothing: true,
        resampled: true,
        description: Some(Box::default()),
    };
    fixture.store.finish(&claim, vec![EncodedPicture::new(vec![1])], &warnings).await.unwrap();
    assert_eq!(fixture.store.due_deliveries(&[], 1).await.unwrap()[0].job.warnings, warnings);
    assert_eq!(fixture.store.job(job).await.unwrap().unwrap().warnings, warnings);
}

fn update(id: i64) -> StoredUpdate {
    StoredUpdate { id: UpdateId(id), body: format!("{{\"update_id\":{id}}}") }
}

fn message(chat_id: i64, body: &str) -> NewOutgoing {
    NewOutgoing { chat_id, body: body.to_owned(), about_job: true }
}

#[tokio::test]
async fn an_update_is_handled_once_over_any_number_of_restarts() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.store.store_updates(vec![update(7), update(8)]).await.unwrap(), [update(7), update(8)]);
    let fixture = fixture.restart().await;
    assert_eq!(fixture.store.unhandled_updates().await.unwrap(), [update(7), update(8)], "nothing is lost");
    fixture.handle(7).await;
    let fixture = fixture.restart().await;
    assert_eq!(fixture.store.unhandled_updates().await.unwrap(), [update(8)]);
    let again = vec![update(7), update(8), update(9)];
    assert_eq!(fixture.store.store_updates(again).await.unwrap(), [update(9)], "the platform delivers some again");
}

#[tokio::test]
async fn job_state_messages_and_the_end_of_the_update_are_one_transaction() {
    let fixture = Fixture::new().await;
    fixture.store.store_updates(vec![update(7)]).await.unwrap();
    let outcome = UpdateOutcome {
        update: Some(UpdateId(7)),
        chat_state: Some((1, "state".to_owned())),
        outgoing: vec![message(1, "first"), message(1, "second")],
    };
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'refused'); END";
    fixture.store.execute(refuse).await;
    fixture.store.submit(new_job(1, "a"), &Limits::NONE, outcome.clone()).await.unwrap_err();
    assert_eq!(fixture.store.chat_state(1).await.unwrap(), None);
    assert_eq!(fixture.store.unhandled_updates().await.unwrap(), [update(7)]);
    assert!(fixture.store.unsent_messages().await.unwrap().is_empty());
    fixture.store.execute("DROP TRIGGER refuse").await;
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

#[tokio::test]
async fn a_refused_job_leaves_the_update_unhandled_and_the_state_as_it_was() {
    let fixture = Fixture::new().await;
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

#[tokio::test]
async fn a_request_that_comes_again_notifies_once_and_ends_its_update() {
    let fixture = Fixture::new().await;
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

#[tokio::test]
async fn a_chat_with_many_results_holds_up_no_other() {
    let fixture = Fixture::new().await;
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

#[tokio::test]
async fn the_result_of_a_job_from_a_program_is_not_delivered() {
    let fixture = Fixture::new().await;
    let job = fixture.submit(NewJob { origin: Origin::Api(3), ..new_job(1, "a") }).await;
    assert_eq!(fixture.store.job(job).await.unwrap().unwrap().origin, Origin::Api(3));
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[b"picture"]).await;
    assert!(fixture.store.due_deliveries(&[], 16).await.unwrap().is_empty());
    assert_eq!(fixture.pictures(job).await, [b"picture".to_vec()]);
}

#[tokio::test]
async fn after_the_clock_was_set_back_nothing_waits_for_longer_than_was_meant() {
    let fixture = Fixture::new().await;
    let drawn = fixture.ask(1, "a").await;
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[]).await;
    fixture.store.postpone_delivery(drawn, Duration::from_secs(2)).await.unwrap();
    let pending = fixture.submit(NewJob { inputs: JobInputs::Pending(Vec::new()), ..new_job(1, "b") }).await;
    fixture.store.postpone_fetch(pending, Duration::from_secs(2)).await.unwrap();
    // The clock goes back by a day: what was to be soon is a day ahead.
    fixture
        .store
        .execute("UPDATE jobs SET deliver_after = deliver_after + 86400000, fetch_after = fetch_after + 86400000")
        .await;
    assert_eq!(fixture.store.due_deliveries(&[], 1).await.unwrap()[0].job.id, drawn);
    assert_eq!(fixture.store.due_fetches(1).await.unwrap()[0].job.id, pending);
}

#[tokio::test]
async fn a_restart_makes_everything_due_that_was_put_off() {
    let fixture = Fixture::new().await;
    let job = fixture.ask(1, "a").await;
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[]).await;
    fixture.store.postpone_delivery(job, Duration::from_secs(600)).await.unwrap();
    assert!(fixture.store.due_deliveries(&[], 1).await.unwrap().is_empty());
    let fixture = fixture.restart().await;
    assert_eq!(fixture.store.due_deliveries(&[], 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_status_message_is_stale_from_the_delivery_until_it_is_cleared() {
    let fixture = Fixture::new().await;
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

#[tokio::test]
async fn what_a_waiting_job_shows_is_known_until_it_is_drawn() {
    let fixture = Fixture::new().await;
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

#[tokio::test]
async fn a_job_that_is_cancelled_during_its_last_step_ends_cancelled_however_it_ends() {
    let fixture = Fixture::new().await;
    for user in 1..=3 {
        let job = fixture.ask(user, "a").await;
        let claim = fixture.next().await.unwrap().claim;
        assert_eq!(fixture.store.cancel(job, Requester(user)).await.unwrap(), CancelOutcome::Stopping);
        match user {
            1 => assert_eq!(fixture.finish(&claim, &[b"late"]).await, LeaseStatus::Cancelled),
            2 => assert_eq!(fixture.store.fail(&claim, Failure::Engine).await.unwrap(), LeaseStatus::Cancelled),
            _ => fixture.store.retry(&claim).await.unwrap(),
        }
        assert_eq!(fixture.state(job).await, JobState::Cancelled);
        assert!(fixture.store.picture_infos(job).await.unwrap().is_empty());
    }
    assert!(fixture.next().await.is_none() && fixture.store.due_deliveries(&[], 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_history_can_be_that_of_one_chat() {
    let fixture = Fixture::new().await;
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

#[tokio::test]
async fn a_description_is_delivered_once_and_is_no_picture_of_the_history() {
    let fixture = Fixture::new().await;
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

#[tokio::test]
async fn a_job_whose_pictures_are_fetched_takes_its_place_by_age() {
    let fixture = Fixture::new().await;
    let pending = fixture.submit(NewJob { inputs: JobInputs::Pending(Vec::new()), ..new_job(1, "a") }).await;
    let later = fixture.ask(1, "b").await;
    let claim = fixture.next().await.unwrap().claim;
    assert_eq!(claim.job, later, "nobody claims a job before its pictures are there");
    fixture.store.release(&claim).await.unwrap();
    fixture.store.store_inputs(pending, Vec::new()).await.unwrap();
    assert_eq!(fixture.next().await.unwrap().claim.job, pending);
}

#[tokio::test]
async fn the_next_job_of_a_user_is_right_after_any_change() {
    let fixture = Fixture::new().await;
    let jobs = [fixture.ask(1, "a").await, fixture.ask(1, "b").await, fixture.ask(1, "c").await];
    fixture.store.cancel(jobs[0], Requester(1)).await.unwrap();
    let claim = fixture.next().await.unwrap().claim;
    assert_eq!(claim.job, jobs[1]);
    fixture.store.retry(&claim).await.unwrap();
    let claim = fixture.next().await.unwrap().claim;
    assert_eq!(claim.job, jobs[1]);
    fixture.finish(&claim, &[]).await;
    assert_eq!(fixture.next().await.unwrap().claim.job, jobs[2]);
    assert!(fixture.next().await.is_none());
}
