//! What only a store for many processes promises: each store here stands for a process.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use futures::future::join_all;
use tokio::time::timeout;

use super::PostgresStore;
use super::fixture::{Schema, open};
use crate::jobs::{
    CancelOutcome, Failure, Heartbeat, Inputs, JobEvent, JobId, JobInputs, JobState, LeaseStatus, NewJob, Origin,
    Outbox, Queue, Requester, Signals, Submission, UpdateOutcome, Warnings, WorkQueue,
};
use crate::limits::Limits;
use crate::store::sqlite::fixture::{LEASE, new_job};

mod editor;
mod migration;

/// Longer than a poll.
const PATIENCE: Duration = Duration::from_secs(10);

async fn ask(store: &PostgresStore, user: i64, prompt: &str) -> JobId {
    submit(store, new_job(user, prompt), &Limits::NONE).await.unwrap()
}

async fn submit(store: &PostgresStore, job: NewJob, limits: &Limits) -> Option<JobId> {
    match store.submit(job, limits, UpdateOutcome::default()).await.unwrap() {
        Submission::Queued(job, _) => Some(job),
        Submission::OverLimit(_) => None,
    }
}

async fn stores(schema: &Schema, count: usize) -> Vec<PostgresStore> {
    join_all((0..count).map(|_| open(schema))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_claimers_serve_each_user_once_before_any_is_served_again() {
    let Some(schema) = Schema::new() else { return };
    let stores = stores(&schema, 4).await;
    for round in 0..5 {
        for user in 1..=20 {
            ask(&stores[0], user, &round.to_string()).await;
        }
    }
    let claimers = stores.iter().flat_map(|store| [store.clone(), store.clone()]).map(|store| async move {
        let mut users = Vec::new();
        for _ in 0..5 {
            let job = store.claim("w", LEASE).await.unwrap().unwrap();
            let user = store.job(job.claim.job).await.unwrap().unwrap().requester.0;
            users.push((job.claim.job, user));
        }
        users
    });
    let claimed = join_all(claimers).await.concat();
    assert_eq!(claimed.iter().map(|(job, _)| job).collect::<HashSet<_>>().len(), 40, "none was handed out twice");
    let mut count: BTreeMap<i64, u32> = BTreeMap::new();
    claimed.iter().for_each(|(_, user)| *count.entry(*user).or_default() += 1);
    assert!(count.len() == 20 && count.values().all(|claims| *claims == 2), "{count:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_a_user_nor_a_group_can_pass_a_limit_over_two_processes() {
    let Some(schema) = Schema::new() else { return };
    let stores = stores(&schema, 2).await;
    let of_user = |number: usize| new_job(1, &number.to_string());
    let of_group = |number: usize| {
        let mut job = new_job(100 + number as i64, "a");
        if let Origin::Chat(address) = &mut job.origin {
            address.chat_id = -5;
        }
        job
    };
    let (waiting, chat_hour) = (Limits { waiting: 3, ..Limits::NONE }, Limits { chat_hour: 3, ..Limits::NONE });
    for (limits, jobs) in [(waiting, &of_user as &dyn Fn(usize) -> NewJob), (chat_hour, &of_group)] {
        let asks = (0..20).map(|number| {
            let (store, job) = (stores[number % 2].clone(), jobs(number));
            tokio::spawn(async move { submit(&store, job, &limits).await })
        });
        let queued = join_all(asks).await.into_iter().filter_map(Result::unwrap).count();
        assert_eq!(queued, 3, "{limits:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_a_request_that_is_refused_nor_a_cancel_that_comes_too_late_holds_up_a_claim() {
    let Some(schema) = Schema::new() else { return };
    let store = open(&schema).await;
    let ended = ask(&store, 1, "ended").await;
    store.cancel(ended, Requester(1)).await.unwrap();
    let job = ask(&store, 1, "a").await;
    let limits = Limits { waiting: 1, ..Limits::NONE };
    for number in 0..100 {
        assert_eq!(submit(&store, new_job(1, &number.to_string()), &limits).await, None);
        let claim = store.claim("w", LEASE).await.unwrap().expect("the job is passed over").claim;
        assert_eq!(store.cancel(ended, Requester(1)).await.unwrap(), CancelOutcome::TooLate);
        store.release(&claim).await.unwrap();
        assert_eq!(claim.job, job);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_comes_while_another_of_its_user_is_cancelled_is_not_forgotten() {
    let Some(schema) = Schema::new() else { return };
    let store = open(&schema).await;
    let first = ask(&store, 1, "a").await;
    let mut transaction = store.begin().await.unwrap();
    let second: i64 = sqlx::query_scalar(
        "INSERT INTO jobs (request_key, user_id, chat_id, language, recipe, created_at)
         SELECT 'second', user_id, chat_id, language, recipe, created_at FROM jobs RETURNING id",
    )
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    let cancelling = {
        let store = store.clone();
        tokio::spawn(async move { store.cancel(first, Requester(1)).await.unwrap() })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!cancelling.is_finished(), "it waits for the other transaction");
    transaction.commit().await.unwrap();
    assert_eq!(cancelling.await.unwrap(), CancelOutcome::Cancelled);
    assert_eq!(store.claim("w", LEASE).await.unwrap().unwrap().claim.job, JobId(second));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_all_happens_at_once() {
    let Some(schema) = Schema::new() else { return };
    let stores = stores(&schema, 3).await;
    let asking = (1..=6).map(|user| {
        let store = stores[user % 3].clone();
        async move {
            let mut asked = Vec::new();
            for number in 0..25 {
                let job = ask(&store, user as i64, &number.to_string()).await;
                if number % 5 == 4 {
                    store.cancel(job, Requester(user as i64)).await.unwrap();
                }
                if number % 12 == 11 {
                    store.cancel_chat(user as i64).await.unwrap();
                }
                asked.push(job);
            }
            asked
        }
    });
    let working = (0..4).map(|number| {
        let store = stores[number % 3].clone();
        async move {
            let (mut drawn, mut empty) = (0, 0);
            while empty < 40 {
                let Some(job) = store.claim("w", LEASE).await.unwrap() else {
                    empty += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                };
                (drawn, empty) = (drawn + 1, 0);
                match drawn % 7 {
                    0 => store.release(&job.claim).await.unwrap(),
                    1 => drop(store.fail(&job.claim, Failure::Engine).await.unwrap()),
                    _ => drop(store.finish(&job.claim, Vec::new(), &Warnings::default()).await.unwrap()),
                }
            }
        }
    });
    let (asked, _) = tokio::join!(join_all(asking), join_all(working));
    for job in asked.concat() {
        let state = stores[0].job(job).await.unwrap().unwrap().state;
        assert!(!matches!(state, JobState::Queued | JobState::Running), "job {job} is left {state:?}");
    }
    assert_eq!(stores[0].pending_count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_a_dead_process_are_drawn_by_another_and_those_of_a_living_one_are_left_alone() {
    let Some(schema) = Schema::new() else { return };
    let (dead, alive) = (open(&schema).await, open(&schema).await);
    let (lost, kept) = (ask(&alive, 1, "a").await, ask(&alive, 2, "b").await);
    let of_dead = dead.claim("w", LEASE).await.unwrap().unwrap().claim;
    let of_alive = alive.claim("w", LEASE).await.unwrap().unwrap().claim;
    assert_eq!((of_dead.job, of_alive.job), (lost, kept));
    schema.run(&format!("UPDATE processes SET seen_at = 0 WHERE id = '{}'", dead.process));
    let other = open(&schema).await;
    let again = other.claim("w", LEASE).await.unwrap().unwrap().claim;
    assert_eq!((again.job, again.attempt), (lost, 1), "the death of a process is no attempt");
    assert_eq!(other.claim("w", LEASE).await.unwrap().map(|job| job.claim.job), None);
    // The process was only asleep: it can write nothing, though its claim had the same number of attempts.
    let heartbeat = Heartbeat { progress: 0.5, preview: None };
    assert_eq!(dead.heartbeat(&of_dead, heartbeat, LEASE).await.unwrap(), LeaseStatus::LeaseLost);
    let late = dead.finish(&of_dead, Vec::new(), &Warnings::default()).await.unwrap();
    assert_eq!(late, LeaseStatus::LeaseLost);
    let on_time = alive.finish(&of_alive, Vec::new(), &Warnings::default()).await.unwrap();
    assert_eq!(on_time, LeaseStatus::Continue);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ends_in_order_leaves_its_jobs_to_others_at_once() {
    let Some(schema) = Schema::new() else { return };
    let (first, second) = (open(&schema).await, open(&schema).await);
    let job = ask(&first, 1, "a").await;
    first.claim("w", LEASE).await.unwrap().unwrap();
    first.close().await;
    second.rescue().await.unwrap();
    assert_eq!(second.claim("w", LEASE).await.unwrap().unwrap().claim.job, job);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_and_a_download_belong_to_one_process_until_it_dies() {
    let Some(schema) = Schema::new() else { return };
    let (first, second) = (open(&schema).await, open(&schema).await);
    let drawn = ask(&first, 1, "a").await;
    ask(&first, 1, "b").await;
    for _ in 0..2 {
        let claim = first.claim("w", LEASE).await.unwrap().unwrap().claim;
        first.finish(&claim, Vec::new(), &Warnings::default()).await.unwrap();
    }
    let pending = NewJob { inputs: JobInputs::Pending(Vec::new()), ..new_job(2, "c") };
    let pending = submit(&first, pending, &Limits::NONE).await.unwrap();
    let taken = async |store: &PostgresStore| {
        let deliveries = store.due_deliveries(&[], 9).await.unwrap().into_iter().map(|delivery| delivery.job.id);
        let fetches = store.due_fetches(9).await.unwrap().into_iter().map(|fetch| fetch.job.id);
        deliveries.chain(fetches).collect::<Vec<_>>()
    };
    assert_eq!(taken(&first).await, [drawn, pending]);
    assert_eq!(taken(&second).await, [], "the second result of the chat waits for the first");
    assert_eq!(taken(&first).await, [drawn, pending], "as before");
    schema.run(&format!("UPDATE processes SET seen_at = 0 WHERE id = '{}'", first.process));
    assert_eq!(taken(&second).await, [drawn, pending]);
}

/// Waits for an event that is like this.
async fn hears(events: &mut tokio::sync::broadcast::Receiver<JobEvent>, like: impl Fn(&JobEvent) -> bool) {
    let heard = async { while !events.recv().await.is_ok_and(|event| like(&event)) {} };
    timeout(PATIENCE, heard).await.expect("the event does not come");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_hears_what_others_do() {
    let Some(schema) = Schema::new() else { return };
    let (bot, worker) = (open(&schema).await, open(&schema).await);
    // Both listen.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (mut at_bot, mut at_worker) = (bot.events(), worker.events());
    let job = ask(&bot, 1, "a").await;
    hears(&mut at_worker, |event| *event == JobEvent::QueueMoved).await;
    let claim = worker.claim("w", LEASE).await.unwrap().unwrap().claim;
    hears(&mut at_bot, |event| *event == JobEvent::Started(job)).await;
    let heartbeat = Heartbeat { progress: 0.25, preview: Some(vec![1, 2, 3]) };
    worker.heartbeat(&claim, heartbeat, LEASE).await.unwrap();
    hears(&mut at_bot, |event| *event == JobEvent::Progress(job, 0.25)).await;
    assert_eq!(bot.preview(job).as_deref(), Some(&[1, 2, 3][..]));
    assert_eq!(bot.cancel(job, Requester(1)).await.unwrap(), CancelOutcome::Stopping);
    hears(&mut at_worker, |event| *event == JobEvent::CancelRequested(job)).await;
    let heartbeat = Heartbeat { progress: 0.5, preview: None };
    assert_eq!(worker.heartbeat(&claim, heartbeat, LEASE).await.unwrap(), LeaseStatus::Cancelled, "it need not wait");
    hears(&mut at_bot, |event| *event == JobEvent::Ended(job)).await;
    assert_eq!(bot.preview(job), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_hint_said_is_noticed_all_the_same() {
    let Some(schema) = Schema::new() else { return };
    let store = open(&schema).await;
    let job = ask(&store, 1, "a").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut events = store.events();
    schema.run(&format!(
        "UPDATE jobs SET state = 'cancelled', finished_at = now_ms() WHERE id = {job};
         INSERT INTO settings VALUES ('paused', '')"
    ));
    hears(&mut events, |event| *event == JobEvent::Ended(job)).await;
    hears(&mut events, |event| *event == JobEvent::PauseChanged).await;
    assert!(store.position(job).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn listening_goes_on_after_the_connections_were_cut() {
    let Some(schema) = Schema::new() else { return };
    let (first, second) = (open(&schema).await, open(&schema).await);
    tokio::time::sleep(Duration::from_secs(1)).await;
    schema.run(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE pid <> pg_backend_pid() AND query ILIKE '%kandinsky_' || current_schema() || '%'",
    );
    let mut events = second.events();
    let job = ask(&first, 1, "a").await;
    hears(&mut events, |event| *event == JobEvent::QueueMoved).await;
    assert_eq!(second.claim("w", LEASE).await.unwrap().unwrap().claim.job, job);
}

#[tokio::test]
async fn an_address_that_does_not_serve_is_named_without_its_password() {
    let error = PostgresStore::open("nonsense").await.unwrap_err().to_string();
    assert!(error.contains("postgres://user"), "{error}");
    let error = PostgresStore::open("postgres://somebody:secret@127.0.0.1:1/nowhere").await.unwrap_err().to_string();
    assert!(error.contains("nowhere at 127.0.0.1") && !error.contains("secret"), "{error}");
}
