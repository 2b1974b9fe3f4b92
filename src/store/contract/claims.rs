//! Claims, leases and crashes.

use super::prelude::*;

pub(super) async fn users_are_served_in_the_order_that_they_see(fixture: Fixture) {
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

pub(super) async fn a_killed_program_draws_the_job_again(fixture: Fixture) {
    let id = fixture.ask(1, "кот").await;
    fixture.next().await.unwrap();
    let fixture = fixture.restart().await;
    assert_eq!(fixture.state(id).await, JobState::Queued);
    assert_eq!(fixture.next().await.unwrap().claim.attempt, 1, "an attempt that the program ended does not count");
}

pub(super) async fn a_job_that_kills_the_program_again_and_again_is_given_up(mut fixture: Fixture) {
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

pub(super) async fn a_machine_that_fails_ends_no_job(mut fixture: Fixture) {
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

pub(super) async fn a_job_that_kills_the_program_beside_others_is_given_up_in_the_end(mut fixture: Fixture) {
    let jobs = [fixture.ask(1, "a").await, fixture.ask(2, "b").await];
    for _ in 0..20 {
        assert!(fixture.next().await.is_some() && fixture.next().await.is_some());
        fixture = fixture.restart().await;
    }
    for job in jobs {
        assert_eq!(fixture.state(job).await, JobState::Failed);
    }
}

pub(super) async fn a_recipe_out_of_bounds_is_refused_at_once(fixture: Fixture) {
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

pub(super) async fn a_worker_that_lost_its_lease_can_not_write(fixture: Fixture) {
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

pub(super) async fn the_job_of_a_silent_worker_does_not_wait_until_nobody_else_waits(fixture: Fixture) {
    let of_anna = fixture.ask(1, "кот").await;
    let of_boris = [fixture.ask(2, "кит").await, fixture.ask(2, "еж").await];
    assert_eq!(fixture.store.claim("slow", Duration::ZERO).await.unwrap().unwrap().claim.job, of_anna);
    assert_eq!(fixture.next().await.unwrap().claim.job, of_boris[0]);
    fixture.store.forget_the_lease_check();
    assert_eq!(fixture.next().await.unwrap().claim.job, of_anna);
    assert_eq!(fixture.next().await.unwrap().claim.job, of_boris[1]);
}

pub(super) async fn a_heartbeat_keeps_the_lease_and_is_shown(fixture: Fixture) {
    let id = fixture.ask(1, "кот").await;
    let job = fixture.next().await.unwrap();
    assert_eq!(
        fixture.store.heartbeat(&job.claim, Heartbeat { progress: 0.25, preview: None }, LEASE).await.unwrap(),
        LeaseStatus::Continue
    );
    assert!((fixture.store.job(id).await.unwrap().unwrap().progress - 0.25).abs() < 1e-9);
}

pub(super) async fn a_running_job_stops_at_the_next_heartbeat(fixture: Fixture) {
    let id = fixture.ask(1, "кот").await;
    let job = fixture.next().await.unwrap();
    assert_eq!(fixture.store.cancel(id, Requester(1)).await.unwrap(), CancelOutcome::Stopping);
    let status = fixture.store.heartbeat(&job.claim, Heartbeat { progress: 0.1, preview: None }, LEASE).await.unwrap();
    assert_eq!(status, LeaseStatus::Cancelled);
    assert_eq!(fixture.state(id).await, JobState::Cancelled);
    assert_eq!(fixture.finish(&job.claim, &[&[1]]).await, LeaseStatus::LeaseLost);
}

pub(super) async fn a_cancelled_job_does_not_come_back_after_a_kill(fixture: Fixture) {
    let id = fixture.ask(1, "кот").await;
    fixture.next().await.unwrap();
    fixture.store.cancel(id, Requester(1)).await.unwrap();
    let fixture = fixture.restart().await;
    assert_eq!(fixture.state(id).await, JobState::Cancelled);
}

pub(super) async fn a_job_given_back_at_the_end_of_the_program_keeps_its_attempts(fixture: Fixture) {
    fixture.ask(1, "кот").await;
    for _ in 0..5 {
        let job = fixture.next().await.unwrap();
        fixture.store.release(&job.claim).await.unwrap();
    }
    assert!(fixture.next().await.is_some());
}

pub(super) async fn while_paused_jobs_are_kept_and_not_drawn_even_after_a_restart(fixture: Fixture) {
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

pub(super) async fn warnings_stay_with_the_job(fixture: Fixture) {
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

pub(super) async fn a_job_that_is_cancelled_during_its_last_step_ends_cancelled_however_it_ends(fixture: Fixture) {
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

pub(super) async fn a_job_whose_pictures_are_fetched_takes_its_place_by_age(fixture: Fixture) {
    let pending = fixture.submit(NewJob { inputs: JobInputs::Pending(Vec::new()), ..new_job(1, "a") }).await;
    let later = fixture.ask(1, "b").await;
    let claim = fixture.next().await.unwrap().claim;
    assert_eq!(claim.job, later, "nobody claims a job before its pictures are there");
    fixture.store.release(&claim).await.unwrap();
    fixture.store.store_inputs(pending, Vec::new()).await.unwrap();
    assert_eq!(fixture.next().await.unwrap().claim.job, pending);
}

pub(super) async fn the_next_job_of_a_user_is_right_after_any_change(fixture: Fixture) {
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
