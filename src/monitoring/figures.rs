//! The figures, and what they mean.
//!
//! Events are counted where they happen (`metrics::counter!`), by the names below; what the queue knows is read when somebody asks.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};

use super::readiness::Readiness;
use crate::jobs::QueueStats;

/// Seconds that a job takes: from a miniature on a fast machine to a large picture on a processor.
pub(super) const SECONDS: [f64; 12] = [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0];

/// Seconds until a request of the HTTP API is answered: from a list to a picture that a processor draws.
pub(super) const REQUEST_SECONDS: [f64; 12] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0];

/// Says what each figure means. The recorder must be installed.
pub(super) fn describe() {
    describe_counter!("kandinsky_updates_total", "updates that Telegram gave");
    describe_counter!("kandinsky_telegram_requests_total", "requests about a chat, by their outcome");
    describe_counter!("kandinsky_telegram_retry_after_seconds_total", Unit::Seconds, "pauses that Telegram asked for");
    describe_counter!("kandinsky_deliveries_total", "results that reached their chat");
    describe_counter!("kandinsky_attempts_total", "jobs that a worker claimed, by what became of them");
    describe_counter!("kandinsky_steps_total", "steps of single jobs; one step of a batch counts for each of its jobs");
    describe_gauge!("kandinsky_batch_jobs", "jobs that shared the last step");
    describe_histogram!("kandinsky_attempt_seconds", Unit::Seconds, "from the claim of a job to its stored pictures");
    describe_counter!("kandinsky_http_requests_total", "requests of the HTTP API, by path and class of the status");
    let until_answer = "until the answer to a request of the HTTP API begins";
    describe_histogram!("kandinsky_http_request_seconds", Unit::Seconds, until_answer);
    describe_gauge!("kandinsky_jobs", "jobs that wait or run, by state");
    describe_gauge!("kandinsky_jobs_ever", "all jobs in the database");
    describe_gauge!("kandinsky_jobs_failed_ever", "all failed jobs in the database");
    describe_gauge!("kandinsky_users_ever", "users who ever asked for something");
    describe_gauge!("kandinsky_users_today", "users who asked for something within a day");
    describe_gauge!("kandinsky_median_seconds", Unit::Seconds, "usual time from claim to stored pictures");
    describe_gauge!("kandinsky_database_bytes", Unit::Bytes, "what the database takes on the disk");
    describe_gauge!("kandinsky_paused", "1 while the owner has paused the queue");
    describe_gauge!("kandinsky_ready", "1 once the model is loaded");
}

/// What the queue knows.
#[allow(clippy::cast_precision_loss)]
pub(super) fn set(stats: &QueueStats, readiness: &Readiness) {
    let flag = |is_set: bool| if is_set { 1.0 } else { 0.0 };
    gauge!("kandinsky_jobs", "state" => "queued").set(stats.waiting as f64);
    gauge!("kandinsky_jobs", "state" => "running").set(stats.running as f64);
    gauge!("kandinsky_jobs_ever").set(stats.jobs as f64);
    gauge!("kandinsky_jobs_failed_ever").set(stats.failed as f64);
    gauge!("kandinsky_users_ever").set(stats.users as f64);
    gauge!("kandinsky_users_today").set(stats.users_today as f64);
    gauge!("kandinsky_median_seconds").set(stats.median.map_or(f64::NAN, |median| median.as_secs_f64()));
    gauge!("kandinsky_database_bytes").set(stats.disk_bytes as f64);
    gauge!("kandinsky_paused").set(flag(stats.is_paused));
    gauge!("kandinsky_ready").set(flag(readiness.is_ready()));
}
