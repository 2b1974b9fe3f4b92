//! How fast claims are:
//! `KANDINSKY_TEST_FSYNC=on cargo test --features postgres --lib store::postgres::measure -- --ignored --nocapture`.

use std::time::Instant;

use futures::future::join_all;

use super::PostgresStore;
use super::fixture::{Schema, open};
use crate::jobs::{Heartbeat, WorkQueue};
use crate::store::contract::TestStore;
use crate::store::sqlite::fixture::{LEASE, new_job};

/// Users of the waiting jobs.
const USERS: u32 = 1_000;
/// Claims of all claimers together.
const CLAIMS: usize = 1_000;
const HEARTBEATS: u32 = 500;

#[allow(clippy::print_stderr, reason = "a benchmark prints")]
fn report(what: &str, count: f64, begun: Instant) {
    eprintln!("{what}: {:.0} per second", count / begun.elapsed().as_secs_f64());
}

/// So many waiting jobs, behind twenty thousand that are delivered.
async fn filled(schema: &Schema, waiting: u32) -> PostgresStore {
    let store = open(schema).await;
    let recipe = serde_json::to_string(&new_job(1, "a").recipe).unwrap();
    for (from, to, state) in [(1, 20_000, "delivered"), (20_001, 20_000 + waiting, "queued")] {
        store
            .execute(format!(
                "INSERT INTO jobs (request_key, user_id, chat_id, language, recipe, state, created_at)
                 SELECT 'k' || i, i % {USERS} + 1, i % {USERS} + 1, 'ru', '{recipe}', '{state}', i
                 FROM generate_series({from}, {to}) AS i"
            ))
            .await;
    }
    store.execute("VACUUM ANALYZE jobs".to_owned()).await;
    store.execute("VACUUM ANALYZE users".to_owned()).await;
    store
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a benchmark"]
async fn claims_with_many_waiting_jobs() {
    for waiting in [10_000, 100_000] {
        let Some(schema) = Schema::new() else { return };
        let store = filled(&schema, waiting).await;
        for claimers in [1, 8] {
            let begun = Instant::now();
            let claim = || async {
                for _ in 0..CLAIMS / claimers {
                    store.claim("w", LEASE).await.unwrap().unwrap();
                }
            };
            join_all((0..claimers).map(|_| claim())).await;
            report(&format!("claims, {waiting} waiting jobs, {claimers} claimers"), CLAIMS as f64, begun);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a benchmark"]
async fn heartbeats_that_are_written() {
    let Some(schema) = Schema::new() else { return };
    let store = filled(&schema, 10).await;
    let claim = store.claim("w", LEASE).await.unwrap().unwrap().claim;
    let begun = Instant::now();
    for _ in 0..HEARTBEATS {
        // As if a second had passed.
        store.beats.forget(claim.job);
        let heartbeat = Heartbeat { progress: 0.5, preview: Some(vec![7; 15_000]) };
        store.heartbeat(&claim, heartbeat, LEASE).await.unwrap();
    }
    report("heartbeats with a preview of 15 kB", f64::from(HEARTBEATS), begun);
}
