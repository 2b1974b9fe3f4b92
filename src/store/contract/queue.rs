//! Jobs that wait: submit, positions, cancel.

use super::prelude::*;

pub(super) async fn a_crowd_sees_positions_and_every_user_has_one(fixture: Fixture) {
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

pub(super) async fn a_job_goes_from_queued_to_delivered(fixture: Fixture) {
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

pub(super) async fn the_same_request_twice_is_one_job(fixture: Fixture) {
    assert_eq!(fixture.ask(1, "кот").await, fixture.ask(1, "кот").await);
    assert_eq!(fixture.store.pending().await.unwrap().len(), 1);
}

pub(super) async fn input_pictures_come_with_the_job_in_order(fixture: Fixture) {
    let files: [&[u8]; 3] = [&[9, 9], &[1], &[9, 9]];
    let inputs = files.iter().map(|file| EncodedPicture::new(file.to_vec())).collect();
    let mut job = NewJob { inputs: JobInputs::Encoded(inputs), ..new_job(1, "кот") };
    job.recipe.task = Task::mix(vec![PartContent::Picture; 3], None).unwrap();
    fixture.submit(job).await;
    assert_eq!(fixture.next().await.unwrap().inputs, files);
}

pub(super) async fn a_waiting_job_is_cancelled_at_once_by_its_owner_alone(fixture: Fixture) {
    let id = fixture.ask(1, "кот").await;
    assert_eq!(fixture.store.cancel(id, Requester(2)).await.unwrap(), CancelOutcome::NotYours);
    assert_eq!(fixture.store.cancel(id, Requester(1)).await.unwrap(), CancelOutcome::Cancelled);
    assert_eq!(fixture.store.cancel(id, Requester(1)).await.unwrap(), CancelOutcome::TooLate);
    assert!(fixture.next().await.is_none());
}

pub(super) async fn the_position_counts_the_running_job_and_knows_the_pace(fixture: Fixture) {
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

pub(super) async fn how_long_a_drawing_takes_says_nothing_about_enlarging(fixture: Fixture) {
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
