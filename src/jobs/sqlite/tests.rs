use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::i18n::Language;
use crate::jobs::{Address, Inputs, Tidings};
use crate::recipe::Recipe;

const LEASE: Duration = Duration::from_secs(60);

pub(super) struct House {
    pub(super) folder: TempDir,
    pub(super) database: Database,
    pub(super) queue: SqliteQueue,
}

impl House {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).await.unwrap();
        let queue = SqliteQueue::open(&database).await.unwrap();
        Self { folder, database, queue }
    }

    /// The program ends without a word and starts again.
    pub(super) async fn restart(self) -> Self {
        let Self { folder, database, queue } = self;
        drop((database, queue));
        let database = Database::open(folder.path()).await.unwrap();
        let queue = SqliteQueue::open(&database).await.unwrap();
        Self { folder, database, queue }
    }

    pub(super) async fn ask(&self, user: i64, prompt: &str) -> JobId {
        self.queue.submit(wish(user, prompt)).await.unwrap()
    }

    pub(super) async fn next(&self) -> Option<ClaimedJob> {
        self.queue.claim("worker", LEASE).await.unwrap()
    }

    pub(super) async fn state(&self, job: JobId) -> JobState {
        self.queue.job(job).await.unwrap().unwrap().state
    }
}

/// A job for one picture.
pub(crate) fn wish(user: i64, prompt: &str) -> NewJob {
    NewJob {
        request_key: format!("m:{user}:{prompt}"),
        requester: Requester(user),
        address: Address {
            chat_id: user,
            thread_id: None,
            request_message_id: Some(1),
            status_message_id: None,
            language: Language::Ru,
            previews: false,
        },
        recipe: Recipe::text_to_image(prompt, 1).unwrap(),
        inputs: Inputs::None,
    }
}

#[tokio::test]
async fn a_crowd_is_told_places_and_all_who_wait_are_among_them() {
    let house = House::new().await;
    let mut jobs = Vec::new();
    for user in 0..100 {
        jobs.push(house.queue.submit(wish(user, "cat")).await.unwrap());
    }
    let places = futures::future::join_all(jobs.iter().map(|job| house.queue.place(*job))).await;
    for (place, position) in places.into_iter().zip(1..) {
        assert_eq!(place.unwrap().unwrap().position, position);
    }
    let claimed = house.next().await.unwrap().claim;
    house.queue.finish(&claimed, vec![]).await.unwrap();
    // Whoever asks at once may hear an older place, but not for long.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(house.queue.place(claimed.job).await.unwrap(), None);
    assert_eq!(house.queue.place(jobs[99]).await.unwrap().unwrap().position, 99);
    let whole = house.queue.places().await.unwrap();
    assert!(whole.iter().zip(1..).all(|((_, place), position)| place.position == position) && whole.len() == 99);
}

#[tokio::test]
async fn a_job_goes_from_queued_to_delivered() {
    let house = House::new().await;
    let id = house.ask(1, "кот").await;
    assert_eq!(house.state(id).await, JobState::Queued);
    let job = house.next().await.unwrap();
    assert_eq!((job.claim.job, job.recipe.prompt()), (id, "кот"));
    assert_eq!(house.state(id).await, JobState::Running);
    assert_eq!(house.queue.finish(&job.claim, vec![vec![1, 2], vec![3]]).await.unwrap(), Verdict::Continue);
    assert_eq!(house.state(id).await, JobState::Drawn);
    let telling = house.queue.untold(10).await.unwrap().remove(0);
    assert!(matches!(telling.tidings, Tidings::Pictures(pictures) if pictures == [vec![1, 2], vec![3]]));
    let first = Delivered { chat_id: 1, message_id: 5, position: Some(0), file_id: None };
    house.queue.told_partly(id, std::slice::from_ref(&first)).await.unwrap();
    assert_eq!(house.state(id).await, JobState::Drawn, "the other one is still to be sent");
    assert_eq!(house.queue.untold(10).await.unwrap().remove(0).sent, [first]);
    house.queue.told(id, &[]).await.unwrap();
    assert_eq!(house.state(id).await, JobState::Delivered);
    assert!(house.queue.untold(10).await.unwrap().is_empty());
    assert!(house.next().await.is_none());
}

#[tokio::test]
async fn the_same_request_twice_is_one_job() {
    let house = House::new().await;
    assert_eq!(house.ask(1, "кот").await, house.ask(1, "кот").await);
    assert_eq!(house.queue.waiting().await.unwrap().len(), 1);
}

#[tokio::test]
async fn input_pictures_come_with_the_job_in_order() {
    let house = House::new().await;
    let inputs = vec![vec![9, 9], vec![1], vec![9, 9]];
    house.queue.submit(NewJob { inputs: Inputs::Encoded(inputs.clone()), ..wish(1, "кот") }).await.unwrap();
    assert_eq!(house.next().await.unwrap().inputs, inputs);
}

#[tokio::test]
async fn people_are_served_in_the_order_that_they_are_told() {
    let house = House::new().await;
    for (user, prompt) in [(1, "a"), (1, "b"), (1, "c"), (2, "d"), (3, "e"), (2, "f")] {
        house.ask(user, prompt).await;
    }
    let announced: Vec<_> =
        house.queue.waiting().await.unwrap().iter().map(|job| job.recipe.prompt().to_owned()).collect();
    let mut served = Vec::new();
    while let Some(job) = house.next().await {
        served.push(job.recipe.prompt().to_owned());
        house.queue.finish(&job.claim, vec![]).await.unwrap();
    }
    assert_eq!(served, ["a", "d", "e", "b", "f", "c"]);
    assert_eq!(announced, served);
}

#[tokio::test]
async fn a_killed_program_draws_the_job_again() {
    let house = House::new().await;
    let id = house.ask(1, "кот").await;
    house.next().await.unwrap();
    let house = house.restart().await;
    assert_eq!(house.state(id).await, JobState::Queued);
    assert_eq!(house.next().await.unwrap().claim.attempt, 2);
}

#[tokio::test]
async fn a_job_that_kills_the_program_again_and_again_is_given_up() {
    let mut house = House::new().await;
    let id = house.ask(1, "кот").await;
    for _ in 0..3 {
        assert!(house.next().await.is_some());
        house = house.restart().await;
    }
    assert!(house.next().await.is_none());
    let telling = house.queue.untold(1).await.unwrap().remove(0);
    assert_eq!(telling.job.id, id);
    assert!(matches!(telling.tidings, Tidings::Failure(Failure::Crashed)));
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_can_not_write() {
    let house = House::new().await;
    let id = house.ask(1, "кот").await;
    let slow = house.queue.claim("slow", Duration::ZERO).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let quick = house.queue.claim("quick", LEASE).await.unwrap().unwrap();
    assert_eq!(quick.claim.job, id);
    let report = Report { progress: 0.5, preview: None };
    assert_eq!(house.queue.report(&slow.claim, report, LEASE).await.unwrap(), Verdict::LeaseLost);
    assert_eq!(house.queue.finish(&slow.claim, vec![vec![0]]).await.unwrap(), Verdict::LeaseLost);
    assert_eq!(house.queue.finish(&quick.claim, vec![vec![1]]).await.unwrap(), Verdict::Continue);
    assert_eq!(house.queue.pictures(id).await.unwrap(), [vec![1]]);
}

#[tokio::test]
async fn a_report_keeps_the_lease_and_is_shown() {
    let house = House::new().await;
    let id = house.ask(1, "кот").await;
    let job = house.next().await.unwrap();
    assert_eq!(
        house.queue.report(&job.claim, Report { progress: 0.25, preview: None }, LEASE).await.unwrap(),
        Verdict::Continue
    );
    assert!((house.queue.job(id).await.unwrap().unwrap().progress - 0.25).abs() < 1e-9);
}

#[tokio::test]
async fn a_waiting_job_is_cancelled_at_once_by_its_owner_alone() {
    let house = House::new().await;
    let id = house.ask(1, "кот").await;
    assert_eq!(house.queue.cancel(id, Requester(2)).await.unwrap(), CancelOutcome::NotYours);
    assert_eq!(house.queue.cancel(id, Requester(1)).await.unwrap(), CancelOutcome::Cancelled);
    assert_eq!(house.queue.cancel(id, Requester(1)).await.unwrap(), CancelOutcome::TooLate);
    assert!(house.next().await.is_none());
}

#[tokio::test]
async fn a_running_job_stops_at_the_next_report() {
    let house = House::new().await;
    let id = house.ask(1, "кот").await;
    let job = house.next().await.unwrap();
    assert_eq!(house.queue.cancel(id, Requester(1)).await.unwrap(), CancelOutcome::Stopping);
    let verdict = house.queue.report(&job.claim, Report { progress: 0.1, preview: None }, LEASE).await.unwrap();
    assert_eq!(verdict, Verdict::Cancelled);
    assert_eq!(house.state(id).await, JobState::Cancelled);
    assert_eq!(house.queue.finish(&job.claim, vec![vec![1]]).await.unwrap(), Verdict::LeaseLost);
}

#[tokio::test]
async fn a_cancelled_job_does_not_come_back_after_a_kill() {
    let house = House::new().await;
    let id = house.ask(1, "кот").await;
    house.next().await.unwrap();
    house.queue.cancel(id, Requester(1)).await.unwrap();
    let house = house.restart().await;
    assert_eq!(house.state(id).await, JobState::Cancelled);
}

#[tokio::test]
async fn a_job_given_back_at_the_end_of_the_program_keeps_its_attempts() {
    let house = House::new().await;
    house.ask(1, "кот").await;
    for _ in 0..5 {
        let job = house.next().await.unwrap();
        house.queue.release(&job.claim).await.unwrap();
    }
    assert!(house.next().await.is_some());
}

#[tokio::test]
async fn telling_is_retried_after_the_delay() {
    let house = House::new().await;
    let id = house.ask(1, "кот").await;
    let job = house.next().await.unwrap();
    house.queue.fail(&job.claim, Failure::Engine).await.unwrap();
    house.queue.tell_later(id, LEASE).await.unwrap();
    assert!(house.queue.untold(1).await.unwrap().is_empty());
    house.queue.tell_later(id, Duration::ZERO).await.unwrap();
    let telling = house.queue.untold(1).await.unwrap().remove(0);
    assert_eq!(telling.attempts, 2);
    house.queue.told(id, &[]).await.unwrap();
    assert_eq!(house.state(id).await, JobState::Failed);
}

#[tokio::test]
async fn the_place_counts_the_running_job_and_knows_the_pace() {
    let house = House::new().await;
    let first = house.ask(1, "a").await;
    let second = house.ask(2, "b").await;
    let place = house.queue.place(second).await.unwrap().unwrap();
    assert_eq!((place.position, place.estimate, place.is_paused), (2, None, false));
    let job = house.next().await.unwrap();
    house.queue.finish(&job.claim, vec![]).await.unwrap();
    assert_eq!(house.queue.place(first).await.unwrap(), None);
    let place = house.queue.place(second).await.unwrap().unwrap();
    assert_eq!(place.position, 1);
    assert!(place.estimate.is_some());
}

#[tokio::test]
async fn status_messages_of_many_are_all_written() {
    let house = House::new().await;
    let mut jobs = Vec::new();
    for user in 0..20 {
        jobs.push(house.ask(user, "cat").await);
    }
    let written = jobs.iter().zip(1000..).map(|(job, message)| house.queue.set_status_message(*job, message));
    assert!(futures::future::join_all(written).await.iter().all(Result::is_ok));
    house.queue.set_status_message(jobs[3], 7).await.unwrap();
    for (job, message) in jobs.iter().zip(1000..) {
        let expected = if *job == jobs[3] { 7 } else { message };
        assert_eq!(house.queue.job(*job).await.unwrap().unwrap().address.status_message_id, Some(expected));
    }
}
