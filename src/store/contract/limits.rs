//! How much one user and one chat may ask for.

use super::prelude::*;

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
}

pub(super) async fn one_more_than_may_wait_is_refused_until_one_ends(fixture: Fixture) {
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

pub(super) async fn two_devices_at_once_can_not_pass_the_limit(fixture: Fixture) {
    let limits = Limits { waiting: 3, ..Limits::NONE };
    let asks = (0..20).map(|number| {
        let store = Arc::clone(&fixture.store);
        async move { store.submit(new_job(1, &format!("{number}")), &limits, UpdateOutcome::default()).await.unwrap() }
    });
    let outcomes = futures::future::join_all(asks).await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Submission::Queued(..))).count(), 3);
    assert_eq!(fixture.store.pending().await.unwrap().len(), 3);
}

pub(super) async fn a_message_that_comes_twice_is_no_second_job_at_the_limit(fixture: Fixture) {
    let limits = Limits { waiting: 1, hour: 1, ..Limits::NONE };
    let first = fixture.asks_within(limits, 1, "a").await;
    assert_eq!(fixture.asks_within(limits, 1, "a").await, first);
}

pub(super) async fn the_next_is_possible_when_the_oldest_is_an_hour_old(fixture: Fixture) {
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

pub(super) async fn a_day_counts_for_a_user_and_an_hour_for_a_chat(fixture: Fixture) {
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
    assert!(matches!(second, Submission::OverLimit(OverLimit { limit: Limit::ChatHour, most: 1, .. })), "{second:?}");
}

pub(super) async fn a_job_that_was_cancelled_before_it_began_does_not_count(fixture: Fixture) {
    let job = fixture.ask(1, "a").await;
    fixture.store.cancel(job, Requester(1)).await.unwrap();
    let limits = Limits { hour: 1, ..Limits::NONE };
    assert!(matches!(fixture.asks_within(limits, 1, "b").await, Submission::Queued(..)));
}
