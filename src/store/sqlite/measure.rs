//! How fast the store is, beside the tables and statements of version 0.1:
//! `cargo test --lib store::sqlite::measure -- --ignored --nocapture`.

use std::borrow::Cow;
use std::path::Path;
use std::time::Instant;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, SqlitePool};

use super::fixture::{Fixture, LEASE, new_job};
use crate::jobs::{EncodedPicture, JobInputs, NewJob, Queue, UpdateOutcome, WorkQueue};
use crate::limits::Limits;

/// Users of the waiting jobs.
const USERS: i64 = 1_000;
const CLAIMS: u32 = 1_000;
/// Pictures that are stored, of so many bytes.
const PICTURES: u64 = 500;
const PICTURE_BYTES: usize = 1_500_000;

/// The claim of version 0.1.
const OLD_CLAIM: &str = "
    UPDATE jobs SET
        state = 'running', worker = 'w', lease_until = $1, attempts = attempts + 1, progress = 0, started_at = $1,
        turn = (SELECT COALESCE(MAX(turn), 0) + 1 FROM jobs)
    WHERE id = (
        SELECT id FROM jobs AS waiting
        WHERE ((state = 'queued' AND pending_inputs IS NULL) OR (state = 'running' AND lease_until < $1))
            AND NOT EXISTS (SELECT 1 FROM house WHERE key = 'paused')
        ORDER BY (SELECT MAX(turn) FROM jobs AS mine WHERE mine.user_id = waiting.user_id) NULLS FIRST, id
        LIMIT 1)
    RETURNING id";

/// A database with the tables of version 0.1.
async fn version_0_1(folder: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("old.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let all = sqlx::migrate!("./migrations");
    let old = all.iter().filter(|migration| migration.version < 11).cloned().collect();
    Migrator { migrations: Cow::Owned(old), ..Migrator::DEFAULT }.run(&pool).await.unwrap();
    pool
}

#[allow(clippy::print_stderr, reason = "a benchmark prints")]
fn report(what: &str, count: f64, begun: Instant) {
    let rate = count / begun.elapsed().as_secs_f64();
    eprintln!("{what}: {rate:.0} per second");
}

/// So many waiting jobs.
fn waiting_jobs(count: i64) -> String {
    format!(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
         INSERT INTO jobs (request_key, user_id, chat_id, language, recipe, created_at)
         SELECT 'k' || i, i % {USERS}, i % {USERS}, 'ru', '{{}}', i FROM n; ANALYZE"
    )
}

#[tokio::test]
#[ignore = "a benchmark"]
async fn claims_with_many_waiting_jobs() {
    for waiting in [10_000, 100_000] {
        let fixture = Fixture::new().await;
        sqlx::raw_sql(AssertSqlSafe(waiting_jobs(waiting))).execute(fixture.store.writer()).await.unwrap();
        let recipe = serde_json::to_string(&new_job(1, "a").recipe).unwrap();
        sqlx::query("UPDATE jobs SET recipe = $1").bind(recipe).execute(fixture.store.writer()).await.unwrap();
        let begun = Instant::now();
        for _ in 0..CLAIMS {
            fixture.store.claim("w", LEASE).await.unwrap().unwrap();
        }
        report(&format!("claims, {waiting} waiting jobs of {USERS} users"), f64::from(CLAIMS), begun);

        let folder = tempfile::tempdir().unwrap();
        let old = version_0_1(folder.path()).await;
        sqlx::raw_sql(AssertSqlSafe(waiting_jobs(waiting))).execute(&old).await.unwrap();
        let (begun, some) = (Instant::now(), CLAIMS / 10);
        for _ in 0..some {
            let _: i64 = sqlx::query_scalar(OLD_CLAIM).bind(0).fetch_one(&old).await.unwrap();
        }
        report("the same in version 0.1", f64::from(some), begun);
    }
}

/// A picture that no other is like.
fn picture(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(PICTURE_BYTES / 8)
}

#[tokio::test]
#[ignore = "a benchmark"]
async fn looking_up_a_picture_among_many() {
    let fixture = Fixture::new().await;
    let folder = tempfile::tempdir().unwrap();
    let old = version_0_1(folder.path()).await;
    let mut hashes = Vec::new();
    for number in 0..PICTURES {
        let picture = EncodedPicture::new(picture(number));
        hashes.push(picture.hash.clone());
        sqlx::query("INSERT INTO blobs VALUES ($1, $2, 1)")
            .bind(&picture.hash)
            .bind(picture.bytes.as_ref())
            .execute(&old)
            .await
            .unwrap();
        let inputs = JobInputs::Encoded(vec![picture]);
        let job = NewJob { inputs, ..new_job(1, &number.to_string()) };
        fixture.store.submit(job, &Limits::NONE, UpdateOutcome::default()).await.unwrap();
    }
    let begun = Instant::now();
    for hash in &hashes {
        let query = "SELECT id FROM pictures WHERE hash = $1";
        let _: i64 = sqlx::query_scalar(query).bind(hash).fetch_one(fixture.store.reader()).await.unwrap();
    }
    report(&format!("looking up one of {PICTURES} pictures of {PICTURE_BYTES} bytes"), hashes.len() as f64, begun);
    let (begun, some) = (Instant::now(), 50);
    for hash in &hashes[..some] {
        let query = "SELECT EXISTS (SELECT 1 FROM blobs WHERE hash = $1)";
        let _: bool = sqlx::query_scalar(query).bind(hash).fetch_one(&old).await.unwrap();
    }
    report("the same in version 0.1", some as f64, begun);
}
