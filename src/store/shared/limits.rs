//! The limits, counted in the transaction that writes the job: two devices of one user can not pass them together.

use std::time::Duration;

use super::Connection;
use super::clock::{milliseconds, now_ms};
use crate::jobs::NewJob;
use crate::limits::{DAY, HOUR, Limit, Limits, OverLimit};

/// Jobs of a user that wait or run.
const WAITING: &str = "SELECT COUNT(*) FROM jobs WHERE user_id = $1 AND state IN ('queued', 'running') AND id <> $2";

/// When the latest jobs but so many were asked for; a job that was cancelled before it began does not count.
macro_rules! nth_latest {
    ($column:literal) => {
        concat!(
            "SELECT created_at FROM (SELECT created_at FROM jobs WHERE ",
            $column,
            " = $1 AND created_at > $2 AND id <> $3 AND NOT (state = 'cancelled' AND started_at IS NULL)",
            " UNION ALL SELECT created_at FROM usage WHERE ",
            $column,
            " = $1 AND created_at > $2) AS latest ORDER BY created_at DESC LIMIT 1 OFFSET $4"
        )
    };
}

const OF_USER: &str = nth_latest!("user_id");
const OF_CHAT: &str = nth_latest!("chat_id");

/// The first limit that the job `id`, which was just written, passes.
pub(super) async fn passed(
    connection: &mut Connection,
    id: i64,
    job: &NewJob,
    limits: &Limits,
) -> Result<Option<OverLimit>, sqlx::Error> {
    let (user, chat) = (job.requester.0, job.origin.chat().map_or(0, |chat| chat.chat_id));
    if limits.waiting > 0 {
        let waiting: i64 = sqlx::query_scalar(WAITING).bind(user).bind(id).fetch_one(&mut *connection).await?;
        if waiting >= i64::from(limits.waiting) {
            return Ok(Some(OverLimit { limit: Limit::Waiting, most: limits.waiting, wait: None }));
        }
    }
    for (limit, most, query, whose, window) in [
        (Limit::Day, limits.day, OF_USER, user, DAY),
        (Limit::Hour, limits.hour, OF_USER, user, HOUR),
        (Limit::ChatHour, limits.chat_hour, OF_CHAT, chat, HOUR),
    ] {
        if most == 0 || whose == 0 {
            continue;
        }
        let (now, window) = (now_ms(), milliseconds(window));
        let oldest: Option<i64> = sqlx::query_scalar(query)
            .bind(whose)
            .bind(now - window)
            .bind(id)
            .bind(i64::from(most) - 1)
            .fetch_optional(&mut *connection)
            .await?;
        if let Some(oldest) = oldest {
            let wait = Duration::from_millis((oldest + window - now).max(0).unsigned_abs());
            return Ok(Some(OverLimit { limit, most, wait: Some(wait) }));
        }
    }
    Ok(None)
}
