//! The limits, counted in the transaction that writes the job: two devices of one person can not pass them together.

use std::time::Duration;

use sqlx::SqliteConnection;

use super::super::NewJob;
use super::milliseconds;
use crate::database::now_ms;
use crate::limits::{DAY, HOUR, Limit, Limits, OverLimit};

/// Jobs of a person that wait or run.
const WAITING: &str = "SELECT COUNT(*) FROM jobs WHERE user_id = $1 AND state IN ('queued', 'running') AND id <> $2";

/// When the latest jobs but so many were asked for; what was called off before anybody began does not count.
macro_rules! nth_latest {
    ($column:literal) => {
        concat!(
            "SELECT created_at FROM (SELECT created_at FROM jobs WHERE ",
            $column,
            " = $1 AND created_at > $2 AND id <> $3 AND NOT (state = 'cancelled' AND started_at IS NULL)",
            " UNION ALL SELECT created_at FROM spent WHERE ",
            $column,
            " = $1 AND created_at > $2) ORDER BY created_at DESC LIMIT 1 OFFSET $4"
        )
    };
}

const OF_PERSON: &str = nth_latest!("user_id");
const OF_CHAT: &str = nth_latest!("chat_id");

/// The first limit that the job `id`, which was just written, passes.
pub(super) async fn passed(
    connection: &mut SqliteConnection,
    id: i64,
    job: &NewJob,
    limits: &Limits,
) -> Result<Option<OverLimit>, sqlx::Error> {
    let (person, chat) = (job.requester.0, job.address.chat_id);
    if limits.waiting > 0 {
        let waiting: i64 = sqlx::query_scalar(WAITING).bind(person).bind(id).fetch_one(&mut *connection).await?;
        if waiting >= i64::from(limits.waiting) {
            return Ok(Some(OverLimit { limit: Limit::Waiting, most: limits.waiting, wait: None }));
        }
    }
    for (limit, most, query, whose, window) in [
        (Limit::Day, limits.day, OF_PERSON, person, DAY),
        (Limit::Hour, limits.hour, OF_PERSON, person, HOUR),
        (Limit::ChatHour, limits.chat_hour, OF_CHAT, chat, HOUR),
    ] {
        if most == 0 {
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
    use crate::jobs::sqlite::tests::{House, wish};
    use crate::jobs::{JobQueue, Requester, Submission};

    impl House {
        async fn asks_within(&self, limits: Limits, user: i64, prompt: &str) -> Submission {
            self.queue.submit_within(wish(user, prompt), &limits).await.unwrap()
        }

        async fn refuses(&self, limits: Limits, user: i64, prompt: &str) -> OverLimit {
            match self.asks_within(limits, user, prompt).await {
                Submission::OverLimit(over) => over,
                Submission::Queued(job) => panic!("job {job} was queued"),
            }
        }

        /// As if all jobs had been asked for so long ago.
        async fn time_passes(&self, time: Duration) {
            let statement = "UPDATE jobs SET created_at = created_at - $1";
            sqlx::query(statement).bind(milliseconds(time)).execute(&self.database.writer).await.unwrap();
        }
    }

    #[tokio::test]
    async fn one_more_than_may_wait_is_refused_until_one_ends() {
        let house = House::new().await;
        let limits = Limits { waiting: 2, ..Limits::NONE };
        for prompt in ["a", "b"] {
            assert!(matches!(house.asks_within(limits, 1, prompt).await, Submission::Queued(_)));
        }
        let over = house.refuses(limits, 1, "c").await;
        assert_eq!(over, OverLimit { limit: Limit::Waiting, most: 2, wait: None });
        assert_eq!(house.queue.waiting().await.unwrap().len(), 2, "nothing of a refused job is kept");
        assert!(matches!(house.asks_within(limits, 2, "d").await, Submission::Queued(_)), "others are free");
        let first = house.queue.waiting().await.unwrap()[0].id;
        house.queue.cancel(first, Requester(1)).await.unwrap();
        assert!(matches!(house.asks_within(limits, 1, "c").await, Submission::Queued(_)));
    }

    #[tokio::test]
    async fn two_devices_at_once_can_not_pass_the_limit() {
        let house = House::new().await;
        let limits = Limits { waiting: 3, ..Limits::NONE };
        let asks = (0..20).map(|number| {
            let queue = house.queue.clone();
            async move { queue.submit_within(wish(1, &format!("{number}")), &limits).await.unwrap() }
        });
        let outcomes = futures::future::join_all(asks).await;
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Submission::Queued(_))).count(), 3);
        assert_eq!(house.queue.waiting().await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_message_that_comes_twice_is_no_second_job_at_the_limit() {
        let house = House::new().await;
        let limits = Limits { waiting: 1, hour: 1, ..Limits::NONE };
        let first = house.asks_within(limits, 1, "a").await;
        assert_eq!(house.asks_within(limits, 1, "a").await, first);
    }

    #[tokio::test]
    async fn the_next_is_possible_when_the_oldest_is_an_hour_old() {
        let house = House::new().await;
        let limits = Limits { hour: 2, ..Limits::NONE };
        house.asks_within(limits, 1, "a").await;
        house.time_passes(Duration::from_secs(1200)).await;
        house.asks_within(limits, 1, "b").await;
        let over = house.refuses(limits, 1, "c").await;
        let minutes = over.wait.unwrap().as_secs().div_ceil(60);
        assert_eq!((over.limit, minutes), (Limit::Hour, 40));
        house.time_passes(Duration::from_secs(2401)).await;
        assert!(matches!(house.asks_within(limits, 1, "c").await, Submission::Queued(_)));
    }

    #[tokio::test]
    async fn a_day_counts_for_a_person_and_an_hour_for_a_chat() {
        let house = House::new().await;
        house.ask(1, "a").await;
        house.time_passes(Duration::from_secs(7200)).await;
        assert_eq!(house.refuses(Limits { day: 1, ..Limits::NONE }, 1, "b").await.limit, Limit::Day);
        let chat = Limits { chat_hour: 1, ..Limits::NONE };
        let in_chat = |user: i64, prompt: &str| {
            let mut job = wish(user, prompt);
            job.address.chat_id = -5;
            job
        };
        assert!(matches!(house.queue.submit_within(in_chat(1, "c"), &chat).await.unwrap(), Submission::Queued(_)));
        let second = house.queue.submit_within(in_chat(2, "d"), &chat).await.unwrap();
        assert!(
            matches!(second, Submission::OverLimit(OverLimit { limit: Limit::ChatHour, most: 1, .. })),
            "{second:?}"
        );
    }

    #[tokio::test]
    async fn what_was_called_off_before_it_began_does_not_count() {
        let house = House::new().await;
        let job = house.ask(1, "a").await;
        house.queue.cancel(job, Requester(1)).await.unwrap();
        let limits = Limits { hour: 1, ..Limits::NONE };
        assert!(matches!(house.asks_within(limits, 1, "b").await, Submission::Queued(_)));
    }
}
