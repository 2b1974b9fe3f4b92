use crate::jobs::Inputs;
use std::time::Duration;

use super::*;
use crate::jobs::sqlite::tests::{House, wish};
use crate::jobs::{Failure, JobId, JobQueue, JobState, NewJob, Requester};
use crate::limits::HOUR;

const KEEPING: Keeping = Keeping { inputs: Some(DAY), results: Some(Duration::from_secs(30 * 24 * 3600)), disk: None };

impl House {
    /// A job with an input that was drawn and told.
    async fn delivered(&self, prompt: &str, input: &[u8], result: &[u8]) -> JobId {
        let job = self.drawn(prompt, input, result).await;
        self.queue.told(job, &[]).await.unwrap();
        job
    }

    async fn drawn(&self, prompt: &str, input: &[u8], result: &[u8]) -> JobId {
        self.queue.submit(NewJob { inputs: Inputs::Encoded(vec![input.to_vec()]), ..wish(1, prompt) }).await.unwrap();
        let job = self.next().await.unwrap();
        self.queue.finish(&job.claim, vec![result.to_vec()]).await.unwrap();
        job.claim.job
    }

    /// As if everything of a job had happened so long ago.
    async fn is_old(&self, job: JobId, age: Duration) {
        sqlx::query("UPDATE jobs SET told_at = told_at - $2, finished_at = finished_at - $2 WHERE id = $1")
            .bind(job.0)
            .bind(milliseconds(age))
            .execute(&self.database.writer)
            .await
            .unwrap();
    }

    async fn sweep(&self, keeping: Keeping) -> Swept {
        self.queue.sweep(&keeping).await.unwrap()
    }

    async fn inputs(&self, job: JobId) -> usize {
        self.queue.blobs(job, "input").await.unwrap().len()
    }

    async fn results(&self, job: JobId) -> usize {
        self.queue.pictures(job).await.unwrap().len()
    }

    async fn blobs(&self) -> i64 {
        sqlx::query_scalar("SELECT COUNT(*) FROM blobs").fetch_one(&self.database.reader).await.unwrap()
    }
}

#[tokio::test]
async fn inputs_go_a_day_and_results_a_month_after_they_were_told() {
    let house = House::new().await;
    let job = house.delivered("a", b"photo", b"picture").await;
    house.is_old(job, HOUR * 23).await;
    house.sweep(KEEPING).await;
    assert_eq!((house.inputs(job).await, house.results(job).await), (1, 1));
    house.is_old(job, HOUR * 2).await;
    assert_eq!(house.sweep(KEEPING).await.pictures, 1);
    assert_eq!((house.inputs(job).await, house.results(job).await), (0, 1));
    house.is_old(job, DAY * 30).await;
    house.sweep(KEEPING).await;
    assert_eq!((house.inputs(job).await, house.results(job).await, house.blobs().await), (0, 0, 0));
    assert!(house.queue.job(job).await.unwrap().is_some(), "the button below the picture can still draw it again");
}

#[tokio::test]
async fn a_picture_of_several_jobs_stays_as_long_as_one_needs_it() {
    let house = House::new().await;
    let old = house.delivered("a", b"photo", b"one").await;
    let young = house.delivered("b", b"photo", b"other").await;
    house.is_old(old, DAY * 40).await;
    house.sweep(KEEPING).await;
    assert_eq!((house.inputs(old).await, house.inputs(young).await), (0, 1));
    assert_eq!(house.queue.blobs(young, "input").await.unwrap(), [b"photo".to_vec()]);
}

#[tokio::test]
async fn what_somebody_waits_for_is_kept_however_old() {
    let house = House::new().await;
    let untold = house.drawn("a", b"1", b"2").await;
    house.queue.submit(NewJob { inputs: Inputs::Encoded(vec![b"3".to_vec()]), ..wish(1, "b") }).await.unwrap();
    let failed = house.next().await.unwrap().claim;
    house.queue.fail(&failed, Failure::Engine).await.unwrap();
    let waiting =
        house.queue.submit(NewJob { inputs: Inputs::Encoded(vec![b"4".to_vec()]), ..wish(1, "c") }).await.unwrap();
    for job in [untold, failed.job, waiting] {
        house.is_old(job, DAY * 400).await;
    }
    house.sweep(Keeping { disk: Some(1), ..KEEPING }).await;
    for job in [untold, failed.job, waiting] {
        assert_eq!(house.inputs(job).await, 1);
    }
    assert_eq!(house.results(untold).await, 1);
    house.queue.cancel(waiting, Requester(1)).await.unwrap();
    house.is_old(waiting, DAY * 2).await;
    house.sweep(KEEPING).await;
    assert_eq!((house.inputs(waiting).await, house.state(waiting).await), (0, JobState::Cancelled));
}

#[tokio::test]
async fn for_ever_is_for_ever() {
    let house = House::new().await;
    let job = house.delivered("a", b"photo", b"picture").await;
    house.is_old(job, DAY * 4000).await;
    assert_eq!(house.sweep(Keeping::default()).await.pictures, 0);
    assert_eq!((house.inputs(job).await, house.results(job).await), (1, 1));
}

/// A picture of 20 kB that no other is like.
fn picture(number: u32) -> Vec<u8> {
    number.to_le_bytes().repeat(5000)
}

/// Hundreds of jobs that were told, oldest first.
async fn many(house: &House, count: u32) -> Vec<JobId> {
    let mut jobs = Vec::new();
    for number in 0..count {
        let job = house.delivered(&number.to_string(), b"the same photo", &picture(number)).await;
        house.is_old(job, HOUR * (count - number)).await;
        jobs.push(job);
    }
    jobs
}

#[tokio::test]
async fn the_disk_limit_takes_the_oldest_first_and_the_file_shrinks() {
    let house = House::new().await;
    let jobs = many(&house, 300).await;
    let file = house.folder.path().join("kandinsky.db");
    house.sweep(Keeping::default()).await;
    let before = std::fs::metadata(&file).unwrap().len();
    assert!(before > 6_000_000, "{before}");
    let swept = house.sweep(Keeping { disk: Some(3_000_000), ..Keeping::default() }).await;
    let after = std::fs::metadata(&file).unwrap().len();
    assert!(after <= 3_000_000 && after > 2_700_000, "{after}");
    assert_eq!(swept.bytes, before - after);
    let mut kept = Vec::new();
    for job in jobs {
        kept.push(house.results(job).await == 1);
    }
    let first_kept = kept.iter().position(|kept| *kept).unwrap();
    assert!(first_kept > 100 && kept[first_kept..].iter().all(|kept| *kept), "the young are kept, the old are not");
}

#[tokio::test]
async fn many_rows_are_swept_in_one_go() {
    let house = House::new().await;
    many(&house, 450).await;
    sqlx::query("UPDATE jobs SET told_at = 0, finished_at = 0").execute(&house.database.writer).await.unwrap();
    assert_eq!(house.sweep(KEEPING).await.pictures, 451);
    assert_eq!(house.blobs().await, 0);
}
