//! Jobs by the API key that asked for them.

use super::prelude::*;

fn asked_by(key: i64, request_key: &str) -> NewJob {
    NewJob { origin: Origin::Api(key), request_key: request_key.to_owned(), ..new_job(-key, "a") }
}

pub(super) async fn a_key_sees_its_own_jobs_newest_first(fixture: Fixture) {
    let mine = fixture.submit(asked_by(1, "r:1")).await;
    let other = fixture.submit(asked_by(2, "r:2")).await;
    let newer = fixture.submit(asked_by(1, "r:3")).await;
    let ids = |jobs: Vec<ApiJob>| jobs.iter().map(|job| job.job.id).collect::<Vec<_>>();
    assert_eq!(ids(fixture.store.api_jobs(1, None, 10).await.unwrap()), [newer, mine]);
    assert_eq!(ids(fixture.store.api_jobs(1, Some(newer), 10).await.unwrap()), [mine]);
    assert_eq!(fixture.store.api_job(1, other).await.unwrap(), None);
    let chat = fixture.ask(7, "b").await;
    assert_eq!(fixture.store.api_job(1, chat).await.unwrap(), None);
}

pub(super) async fn a_request_is_found_again_unless_its_job_failed(fixture: Fixture) {
    let first = fixture.submit(asked_by(1, "api:1:abc:x")).await;
    fixture.submit(asked_by(1, "api:1:abcd:x")).await;
    let minute = Duration::from_secs(60);
    let found = async |prefix| fixture.store.recent_request(prefix, minute).await.unwrap().map(|job| job.job.id);
    assert_eq!(found("api:1:abc").await, Some(first));
    assert_eq!(found("api:1:ab").await, None);
    let claim = fixture.next().await.unwrap().claim;
    fixture.store.fail(&claim, Failure::Engine).await.unwrap();
    assert_eq!(found("api:1:abc").await, None);
    let failed = fixture.store.api_job(1, first).await.unwrap().unwrap();
    assert_eq!((failed.job.state, failed.failure), (JobState::Failed, Some(Failure::Engine)));
    fixture.store.execute("UPDATE jobs SET created_at = created_at - 61000".to_owned()).await;
    assert_eq!(found("api:1:abcd").await, None, "that was long ago");
}

pub(super) async fn fetched_pictures_are_delivered_and_previews_are_drawn(fixture: Fixture) {
    let job = fixture.submit(asked_by(1, "r:1")).await;
    let claimed = fixture.next().await.unwrap();
    assert!(claimed.previews, "a program may look on");
    fixture.finish(&claimed.claim, &[b"a"]).await;
    assert!(fixture.store.due_deliveries(&[], 10).await.unwrap().is_empty(), "nobody sends them");
    fixture.store.mark_delivered(job, &[]).await.unwrap();
    assert_eq!(fixture.state(job).await, JobState::Delivered);
    assert!(fixture.store.pending_of(Requester(-1)).await.unwrap().is_empty());
}
