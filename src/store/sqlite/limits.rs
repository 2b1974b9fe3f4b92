//! The limits, counted in the transaction that writes the job: two devices of one user can not pass them together.

use std::time::Duration;

use sqlx::SqliteConnection;

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
            " = $1 AND created_at > $2) ORDER BY created_at DESC LIMIT 1 OFFSET $4"
        )
    };
}

const OF_USER: &str = nth_latest!("user_id");
const OF_CHAT: &str = nth_latest!("chat_id");

/// The first limit that the job `id`, which was just written, passes.
pub(super) async fn passed(
    connection: &mut SqliteConnection,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{Origin, Queue, Requester, Submission, UpdateOutcome};
    use crate::store::sqlite::fixture::{Fixture, new_job};

    impl Fixture {
        async fn asks_within(&self, limits: Limits, user: i64, prompt: &str) -> Submission {
            self.submit_within(new_job(user, prompt), &limits).await.1
        }

        async fn refuses(&self, limits: Limits, user: i64, prompt: &str) -> OverLimit {
            match self.asks_within(limits, user, prompt).await {
                Submission::OverLimit(over) => over,
                Submission::Queued(job, _) => panic!("job {job} was queued"),
            }
        }

        /// As if all jobs had been asked for so long ago.
        async fn time_passes(&self, time: Duration) {
            let statement = "UPDATE jobs SET created_at = created_at - $1";
            sqlx::query(statement).bind(milliseconds(time)).execute(self.store.writer()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn one_more_than_may_wait_is_refused_until_one_ends() {
        let fixture = Fixture::new().await;
        let limits = Limits { waiting: 2, ..Limits::NONE };
        for prompt in ["a", "b"] {
            assert!(matches!(fixture.asks_within(limits, 1, prompt).await, Submission::Queued(..)));
        }
        let over = fixture.refuses(limits, 1, "c").await;
        assert_eq!(over, OverLimit { limit: Limit::Waiting, most: 2, wait: None });
        assert_eq!(fixture.store.pending().await.unwrap().len(), 2, "nothing of a refused job is kept");
        assert!(matches!(fixture.asks_within(limits, 2, "d").await, Submission::Queued(..)), "others are free");
        let first = fixture.store.pending().await.unwrap()[0].id;
        fixture.store.cancel(first, Requester(1)).await.unwrap();
        assert!(matches!(fixture.asks_within(limits, 1, "c").await, Submission::Queued(..)));
    }

    #[tokio::test]
    async fn two_devices_at_once_can_not_pass_the_limit() {
        let fixture = Fixture::new().await;
        let limits = Limits { waiting: 3, ..Limits::NONE };
        let asks =
            (0..20).map(|number| {
                let store = fixture.store.clone();
                async move {
                    store.submit(new_job(1, &format!("{number}")), &limits, UpdateOutcome::default()).await.unwrap()
                }
            });
        let outcomes = futures::future::join_all(asks).await;
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Submission::Queued(..))).count(), 3);
        assert_eq!(fixture.store.pending().await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_message_that_comes_twice_is_no_second_job_at_the_limit() {
        let fixture = Fixture::new().await;
        let limits = Limits { waiting: 1, hour: 1, ..Limits::NONE };
        let first = fixture.asks_within(limits, 1, "a").await;
        assert_eq!(fixture.asks_within(limits, 1, "a").await, first);
    }

    #[tokio::test]
    async fn the_next_is_possible_when_the_oldest_is_an_hour_old() {
        let fixture = Fixture::new().await;
        let limits = Limits { hour: 2, ..Limits::NONE };
        fixture.asks_within(limits, 1, "a").await;
        fixture.time_passes(Duration::from_secs(1200)).await;
        fixture.asks_within(limits, 1, "b").await;
        let over = fixture.refuses(limits, 1, "c").await;
        let minutes = over.wait.unwrap().as_secs().div_ceil(60);
        assert_eq!((over.limit, minutes), (Limit::Hour, 40));
        fixture.time_passes(Duration::from_secs(2401)).await;
        assert!(matches!(fixture.asks_within(limits, 1, "c").await, Submission::Queued(..)));
    }

    #[tokio::test]
    async fn a_day_counts_for_a_user_and_an_hour_for_a_chat() {
        let fixture = Fixture::new().await;
        fixture.ask(1, "a").await;
        fixture.time_passes(Duration::from_secs(7200)).await;
        assert_eq!(fixture.refuses(Limits { day: 1, ..Limits::NONE }, 1, "b").await.limit, Limit::Day);
        let chat = Limits { chat_hour: 1, ..Limits::NONE };
        let in_chat = |user: i64, prompt: &str| {
            let mut job = new_job(user, prompt);
            if let Origin::Chat(address) = &mut job.origin {
                address.chat_id = -5;
            }
            job
        };
        assert!(matches!(fixture.submit_within(in_chat(1, "c"), &chat).await.1, Submission::Queued(..)));
        let second = fixture.submit_within(in_chat(2, "d"), &chat).await.1;
        assert!(
            matches!(second, Submission::OverLimit(OverLimit { limit: Limit::ChatHour, most: 1, .. })),
            "{second:?}"
        );
    }

    #[tokio::test]
    async fn a_job_that_was_cancelled_before_it_began_does_not_count() {
        let fixture = Fixture::new().await;
        let job = fixture.ask(1, "a").await;
        fixture.store.cancel(job, Requester(1)).await.unwrap();
        let limits = Limits { hour: 1, ..Limits::NONE };
        assert!(matches!(fixture.asks_within(limits, 1, "b").await, Submission::Queued(..)));
    }
}
