//! Pictures are kept for a while.

use super::prelude::*;

const RETENTION: Retention =
    Retention { inputs: Some(DAY), results: Some(Duration::from_secs(30 * 24 * 3600)), disk: None };

impl Fixture {
    /// A job with an input that was drawn and delivered.
    async fn delivered(&self, prompt: &str, input: &[u8], result: &[u8]) -> JobId {
        let job = self.drawn(prompt, input, result).await;
        self.store.mark_delivered(job, &[]).await.unwrap();
        job
    }

    async fn drawn(&self, prompt: &str, input: &[u8], result: &[u8]) -> JobId {
        self.with_input(prompt, input).await;
        let job = self.next().await.unwrap();
        self.finish(&job.claim, &[result]).await;
        job.claim.job
    }

    async fn with_input(&self, prompt: &str, input: &[u8]) -> JobId {
        let inputs = JobInputs::Encoded(vec![EncodedPicture::new(input.to_vec())]);
        self.submit(NewJob { inputs, ..new_job(1, prompt) }).await
    }

    /// As if everything of a job had happened so long ago.
    async fn is_old(&self, job: JobId, age: Duration) {
        let age = age.as_millis();
        let earlier = format!("delivered_at = delivered_at - {age}, finished_at = finished_at - {age}");
        self.store.execute(format!("UPDATE jobs SET {earlier} WHERE id = {job}")).await;
    }

    async fn sweep(&self, retention: Retention) -> RetentionReport {
        self.store.sweep(&retention).await.unwrap()
    }

    async fn inputs(&self, job: JobId) -> usize {
        self.store.inputs_of(job).await.len()
    }

    async fn results(&self, job: JobId) -> usize {
        self.store.picture_infos(job).await.unwrap().len()
    }
}

pub(super) async fn inputs_go_a_day_and_results_a_month_after_the_delivery(fixture: Fixture) {
    let job = fixture.delivered("a", b"photo", b"picture").await;
    fixture.is_old(job, HOUR * 23).await;
    fixture.sweep(RETENTION).await;
    assert_eq!((fixture.inputs(job).await, fixture.results(job).await), (1, 1));
    fixture.is_old(job, HOUR * 2).await;
    assert_eq!(fixture.sweep(RETENTION).await.pictures, 1);
    assert_eq!((fixture.inputs(job).await, fixture.results(job).await), (0, 1));
    fixture.is_old(job, DAY * 30).await;
    fixture.sweep(RETENTION).await;
    assert_eq!((fixture.inputs(job).await, fixture.results(job).await, fixture.rows("pictures").await), (0, 0, 0));
    assert!(fixture.store.job(job).await.unwrap().is_some(), "the button below the picture can still draw it again");
}

pub(super) async fn a_picture_of_several_jobs_stays_as_long_as_one_needs_it(fixture: Fixture) {
    let old = fixture.delivered("a", b"photo", b"one").await;
    let young = fixture.delivered("b", b"photo", b"other").await;
    fixture.is_old(old, DAY * 40).await;
    fixture.sweep(RETENTION).await;
    assert_eq!((fixture.inputs(old).await, fixture.inputs(young).await), (0, 1));
    assert_eq!(fixture.store.inputs_of(young).await, [&b"photo"[..]]);
}

pub(super) async fn what_a_user_waits_for_is_kept_however_old(fixture: Fixture) {
    let undelivered = fixture.drawn("a", b"1", b"2").await;
    fixture.with_input("b", b"3").await;
    let failed = fixture.next().await.unwrap().claim;
    fixture.store.fail(&failed, Failure::Engine).await.unwrap();
    let waiting = fixture.with_input("c", b"4").await;
    for job in [undelivered, failed.job, waiting] {
        fixture.is_old(job, DAY * 400).await;
    }
    fixture.sweep(Retention { disk: Some(1), ..RETENTION }).await;
    for job in [undelivered, failed.job, waiting] {
        assert_eq!(fixture.inputs(job).await, 1);
    }
    assert_eq!(fixture.results(undelivered).await, 1);
    fixture.store.cancel(waiting, Requester(1)).await.unwrap();
    fixture.is_old(waiting, DAY * 2).await;
    fixture.sweep(RETENTION).await;
    assert_eq!((fixture.inputs(waiting).await, fixture.state(waiting).await), (0, JobState::Cancelled));
}

pub(super) async fn for_ever_is_for_ever(fixture: Fixture) {
    let job = fixture.delivered("a", b"photo", b"picture").await;
    fixture.is_old(job, DAY * 4000).await;
    assert_eq!(fixture.sweep(Retention::default()).await.pictures, 0);
    assert_eq!((fixture.inputs(job).await, fixture.results(job).await), (1, 1));
}

/// A picture of 20 kB that no other is like.
fn picture(number: u32) -> Vec<u8> {
    number.to_le_bytes().repeat(5000)
}

/// Hundreds of jobs that were delivered, oldest first.
async fn many(fixture: &Fixture, count: u32) -> Vec<JobId> {
    let mut jobs = Vec::new();
    for number in 0..count {
        let job = fixture.delivered(&number.to_string(), b"the same photo", &picture(number)).await;
        fixture.is_old(job, HOUR * (count - number)).await;
        jobs.push(job);
    }
    jobs
}

pub(super) async fn the_disk_limit_takes_the_oldest_first(fixture: Fixture) {
    let jobs = many(&fixture, 300).await;
    fixture.sweep(Retention { disk: Some(3_000_000), ..Retention::default() }).await;
    let mut kept = Vec::new();
    for job in jobs {
        kept.push(fixture.results(job).await == 1);
    }
    let first_kept = kept.iter().position(|kept| *kept).unwrap();
    assert!(first_kept > 100 && kept[first_kept..].iter().all(|kept| *kept), "the young are kept, the old are not");
}

pub(super) async fn many_rows_are_swept_in_one_go(fixture: Fixture) {
    many(&fixture, 450).await;
    fixture.store.execute("UPDATE jobs SET delivered_at = 0, finished_at = 0".to_owned()).await;
    assert_eq!(fixture.sweep(RETENTION).await.pictures, 451);
    assert_eq!(fixture.rows("pictures").await, 0);
}

pub(super) async fn the_result_of_a_job_from_a_program_is_kept_for_a_month_though_nobody_delivers_it(fixture: Fixture) {
    let job = fixture.submit(NewJob { origin: Origin::Api(3), ..new_job(1, "a") }).await;
    let claim = fixture.next().await.unwrap().claim;
    fixture.finish(&claim, &[b"picture"]).await;
    fixture.is_old(job, DAY * 29).await;
    fixture.sweep(RETENTION).await;
    assert_eq!(fixture.results(job).await, 1);
    fixture.is_old(job, DAY * 2).await;
    fixture.sweep(RETENTION).await;
    assert_eq!(fixture.results(job).await, 0);
}

pub(super) async fn handled_updates_are_remembered_for_three_days_and_unhandled_ones_for_ever(fixture: Fixture) {
    let update = |id| StoredUpdate { id: UpdateId(id), body: "{}".to_owned() };
    fixture.store.store_updates(vec![update(1), update(2)]).await.unwrap();
    fixture.handle(1).await;
    fixture.sweep(RETENTION).await;
    assert!(fixture.store.store_updates(vec![update(1)]).await.unwrap().is_empty());
    fixture.store.execute("UPDATE inbox SET received_at = 0".to_owned()).await;
    fixture.sweep(RETENTION).await;
    assert_eq!(fixture.store.unhandled_updates().await.unwrap(), [update(2)]);
    assert_eq!(fixture.store.store_updates(vec![update(1), update(2)]).await.unwrap(), [update(1)]);
}
