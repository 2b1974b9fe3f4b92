use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::super::{Finalize, Prepare, RenderPreview};
use super::*;
use crate::jobs::{
    Archive, CancelOutcome, Failure, JobId, JobOutcome, JobState, NewJob, Origin, Outbox, Pace, Queue, Requester,
    Submission, UpdateOutcome,
};
use crate::limits::Limits;
use crate::moderation::Kind;
use crate::recipe::{Recipe, Translation};
use crate::store::sqlite::SqliteStore;
use crate::store::sqlite::fixture::new_job;

/// The prompts of each step.
type Log = Arc<Mutex<Vec<Vec<String>>>>;

/// Draws in steps of ten milliseconds. The prompt's first word says how many or what goes wrong, the second is the batch key.
#[derive(Default)]
struct FakeBackend {
    capacity: usize,
    has_failed_once: bool,
    /// The method that panics whatever it is given.
    broken: Option<&'static str>,
    log: Log,
}

struct FakeGeneration {
    prompt: String,
    done: u32,
    steps: u32,
}

impl FakeGeneration {
    fn new(recipe: &Recipe) -> Result<Self, DrawError> {
        let prompt = recipe.prompt().to_owned();
        let steps = match prompt.split(' ').next() {
            Some("unreadable") => return Err(DrawError { failure: Failure::Unreadable, reason: "no file".to_owned() }),
            Some("panic-prepare") => panic!("as the test wants it"),
            Some("slow" | "ending") => 100,
            Some("ten") => 10,
            Some("panic-preview") => 4,
            _ => 2,
        };
        Ok(Self { prompt, done: 0, steps })
    }

    /// Panics if the prompt is `panic-METHOD`.
    fn call(&self, method: &str) {
        assert!(self.prompt.strip_prefix("panic-") != Some(method), "{method} panics, as the test wants it");
    }
}

impl FakeBackend {
    fn call(&self, method: &str) {
        assert!(self.broken != Some(method), "{method} panics, as the test wants it");
    }
}

impl Backend for FakeBackend {
    type Generation = FakeGeneration;
    type BatchKey = String;

    fn prepare(&self) -> Prepare<FakeGeneration> {
        self.call("prepare");
        Arc::new(|recipe, _| FakeGeneration::new(recipe))
    }

    fn capacity(&self) -> usize {
        // The worker has a job by the second call.
        if self.log.lock().unwrap().len() > 1 {
            self.call("capacity");
        }
        self.capacity
    }

    fn batch_key(&self, generation: &FakeGeneration) -> Option<String> {
        generation.call("batch_key");
        generation.prompt.split(' ').nth(1).map(str::to_owned)
    }

    fn step(&mut self, generations: &mut [&mut FakeGeneration]) -> Result<(), DrawError> {
        self.log.lock().unwrap().push(generations.iter().map(|generation| generation.prompt.clone()).collect());
        // The first preview is due after four seconds.
        let has_preview = generations.iter().any(|generation| generation.prompt == "panic-preview");
        std::thread::sleep(Duration::from_millis(if has_preview { 1500 } else { 10 }));
        if generations.len() > 2 && generations.iter().all(|generation| generation.prompt.contains("bulky")) {
            return Err(DrawError::engine("out of memory"));
        }
        for generation in generations.iter() {
            generation.call("step");
            match generation.prompt.split(' ').next() {
                Some("stumble") if !self.has_failed_once => {
                    self.has_failed_once = true;
                    return Err(DrawError::engine("out of memory, once"));
                }
                Some("error") => return Err(DrawError::engine("out of memory, always")),
                Some("panic") => panic!("as the test wants it"),
                _ => {}
            }
        }
        generations.iter_mut().for_each(|generation| generation.done += 1);
        Ok(())
    }

    fn shrink_capacity(&mut self, generations: usize) {
        self.call("shrink_capacity");
        self.capacity = generations - 1;
    }

    fn progress(&self, generation: &FakeGeneration) -> f64 {
        generation.call("progress");
        match generation.prompt.as_str() {
            "ending" => 0.999,
            _ => f64::from(generation.done) / f64::from(generation.steps),
        }
    }

    fn is_finished(&self, generation: &FakeGeneration) -> bool {
        generation.call("is_finished");
        generation.done >= generation.steps
    }

    fn preview(&self, generation: &FakeGeneration) -> Option<RenderPreview> {
        self.log.lock().unwrap().push(vec!["preview".to_owned()]);
        generation.call("preview");
        None
    }

    fn warnings(&self, generation: &FakeGeneration) -> Result<Warnings, DrawError> {
        generation.call("warnings");
        match generation.prompt.as_str() {
            "unchecked" => Err(DrawError::engine("the safety checker fails")),
            "flagged" => Ok(Warnings { flagged: vec![0], ..Warnings::default() }),
            _ => Ok(Warnings::default()),
        }
    }

    /// What begins with «по-русски» is translated in the first step: the rest of it is English.
    fn drawn_recipe(&self, generation: &FakeGeneration) -> Option<Recipe> {
        generation.call("drawn_recipe");
        let english = generation.prompt.strip_prefix("по-русски ").filter(|_| generation.done > 0)?;
        let texts = [(generation.prompt.clone(), english.to_owned())].into();
        let recipe = Recipe::text_to_image(&generation.prompt, 1).unwrap();
        Some(recipe.with_translation(Translation { texts, only_for_prior: false }))
    }

    fn finalize(&mut self, generation: FakeGeneration) -> Finalize {
        generation.call("finalize");
        Box::new(move || {
            generation.call("encoding");
            match generation.prompt.as_str() {
                "unencodable" => Err(DrawError::engine("the encoder fails")),
                prompt => Ok(vec![prompt.as_bytes().to_vec()]),
            }
        })
    }
}

/// Jobs submitted so far.
static SUBMITTED: AtomicU32 = AtomicU32::new(0);

struct TestWorker {
    _folder: TempDir,
    queue: Arc<SqliteStore>,
    worker: Worker<Infallible>,
    log: Log,
}

impl TestWorker {
    async fn open() -> Self {
        Self::with_capacity(1).await
    }

    async fn with_capacity(capacity: usize) -> Self {
        Self::with(FakeBackend { capacity, ..FakeBackend::default() }).await
    }

    /// A worker of which one method panics whatever it is given.
    async fn broken(method: &'static str) -> Self {
        Self::with(FakeBackend { capacity: 3, broken: Some(method), ..FakeBackend::default() }).await
    }

    async fn with(backend: FakeBackend) -> Self {
        let log = Arc::clone(&backend.log);
        let folder = tempfile::tempdir().unwrap();
        let queue = Arc::new(SqliteStore::open(folder.path()).await.unwrap());
        let review = |recipe: &Recipe| match recipe.read_by_prior().prompt() {
            "porn" => Err(Failure::Moderated(Kind::Sexual)),
            "panic" => panic!("the review panics, as the test wants it"),
            _ => Ok(()),
        };
        let work_queue = queue.clone() as Arc<dyn WorkQueue>;
        let mut worker = Worker::start(work_queue, Pace::TELEGRAM, Box::new(review), || Ok(backend)).unwrap();
        worker.ready().await.unwrap();
        Self { _folder: folder, queue, worker, log }
    }

    /// The prompts of all steps so far, in the order of their steps.
    fn steps(&self) -> Vec<Vec<String>> {
        self.log.lock().unwrap().clone()
    }

    async fn submit(&self, prompt: &str) -> JobId {
        let request_key = SUBMITTED.fetch_add(1, Ordering::Relaxed).to_string();
        let mut job = NewJob { request_key, ..new_job(1, prompt) };
        if let Origin::Chat(address) = &mut job.origin {
            address.previews = true;
        }
        match self.queue.submit(job, &Limits::NONE, UpdateOutcome::default()).await.unwrap() {
            Submission::Queued(job, _) => job,
            Submission::OverLimit(over) => panic!("{over:?}"),
        }
    }

    async fn picture(&self, job: JobId) -> Option<Vec<u8>> {
        self.queue.picture(job, 0).await.unwrap().map(|bytes| bytes.to_vec())
    }

    async fn reaches(&self, job: JobId, state: JobState) {
        for _ in 0..1000 {
            if self.queue.job(job).await.unwrap().unwrap().state == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("job {job} never became {state:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_comes_while_the_worker_waits_is_drawn() {
    let test = TestWorker::open().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let job = test.submit("cat").await;
    test.reaches(job, JobState::Drawn).await;
    assert_eq!(test.picture(job).await.unwrap(), b"cat");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_or_a_panic_fails_one_job_and_not_the_worker() {
    let test = TestWorker::open().await;
    let engine = Failure::Engine;
    for (prompt, failure) in
        [("error", engine), ("panic", engine), ("unencodable", engine), ("unreadable", Failure::Unreadable)]
    {
        let job = test.submit(prompt).await;
        test.reaches(job, JobState::Failed).await;
        let due = test.queue.due_deliveries(&[], 9).await.unwrap();
        assert_eq!((due[0].job.id, &due[0].outcome), (job, &JobOutcome::Failure(failure)));
        test.queue.mark_delivered(job, &[]).await.unwrap();
    }
    let job = test.submit("cat").await;
    test.reaches(job, JobState::Drawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_english_text_is_not_drawn_ends_after_its_first_step_and_is_not_retried() {
    let test = TestWorker::open().await;
    let refused = test.submit("по-русски porn").await;
    test.reaches(refused, JobState::Failed).await;
    let due = test.queue.due_deliveries(&[], 9).await.unwrap();
    assert_eq!(due[0].outcome, JobOutcome::Failure(Failure::Moderated(Kind::Sexual)));
    assert_eq!(test.queue.failures_in_a_row().await.unwrap(), 0, "nothing is wrong with the machine");
    let drawn = test.submit("по-русски cat").await;
    test.reaches(drawn, JobState::Drawn).await;
    assert_eq!(test.queue.job(drawn).await.unwrap().unwrap().recipe.read_by_prior().prompt(), "cat");
    assert_eq!(test.steps().iter().flatten().filter(|prompt| prompt.ends_with("porn")).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_review_that_panics_lets_nothing_through() {
    let test = TestWorker::open().await;
    let job = test.submit("по-русски panic").await;
    test.reaches(job, JobState::Failed).await;
    let next = test.submit("cat").await;
    test.reaches(next, JobState::Drawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_once_is_retried() {
    let test = TestWorker::open().await;
    let job = test.submit("stumble").await;
    test.reaches(job, JobState::Drawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_is_followed_by_the_next() {
    let test = TestWorker::open().await;
    let slow = test.submit("slow").await;
    test.reaches(slow, JobState::Running).await;
    assert_eq!(test.queue.cancel(slow, Requester(1)).await.unwrap(), CancelOutcome::Stopping);
    test.reaches(slow, JobState::Cancelled).await;
    let next = test.submit("cat").await;
    test.reaches(next, JobState::Drawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_gives_the_unfinished_job_back() {
    let test = TestWorker::open().await;
    let slow = test.submit("slow").await;
    test.reaches(slow, JobState::Running).await;
    test.worker.stop().await;
    assert_eq!(test.queue.job(slow).await.unwrap().unwrap().state, JobState::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_come_with_the_pictures_and_never_keep_them_back() {
    let test = TestWorker::open().await;
    for (prompt, flagged) in [("flagged", vec![0]), ("unchecked", vec![]), ("cat", vec![])] {
        let job = test.submit(prompt).await;
        test.reaches(job, JobState::Drawn).await;
        assert_eq!(test.queue.job(job).await.unwrap().unwrap().warnings.flagged, flagged, "{prompt}");
        assert_eq!(test.queue.picture_infos(job).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_is_left_after_the_step() {
    let test = TestWorker::open().await;
    let slow = test.submit("slow").await;
    test.reaches(slow, JobState::Running).await;
    // Between two reports.
    tokio::time::sleep(Duration::from_millis(250)).await;
    test.queue.cancel(slow, Requester(1)).await.unwrap();
    let steps = test.steps().len();
    test.reaches(slow, JobState::Cancelled).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    // The step that had begun, and one that the status may have come too late for.
    assert!(test.steps().len() <= steps + 2, "{steps} steps, then {}", test.steps().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_with_a_key_share_steps_and_join_and_leave_between_them() {
    let test = TestWorker::with_capacity(2).await;
    let long = test.submit("slow round").await;
    test.reaches(long, JobState::Running).await;
    let mut short = Vec::new();
    for prompt in ["ten round", "two round", "ten round"] {
        short.push(test.submit(prompt).await);
    }
    for job in short {
        test.reaches(job, JobState::Drawn).await;
    }
    test.reaches(long, JobState::Drawn).await;
    let steps = test.steps();
    let shared = steps.iter().filter(|step| step.len() == 2).count();
    assert_eq!(steps.len(), 100, "all the others were steps of the long one");
    assert_eq!(shared, 22);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_take_turns_and_new_jobs_come_first() {
    let test = TestWorker::with_capacity(3).await;
    let jobs = [test.submit("ten round").await, test.submit("ten square").await];
    for job in jobs {
        test.reaches(job, JobState::Running).await;
    }
    let single = test.submit("two").await;
    for job in [single, jobs[0], jobs[1]] {
        test.reaches(job, JobState::Drawn).await;
    }
    let steps: Vec<String> = test.steps().into_iter().flatten().collect();
    let new = steps.iter().position(|step| step == "two").unwrap();
    assert_eq!(steps[new + 1], "two", "{steps:?}");
    let turns: Vec<_> = steps.iter().filter(|step| *step != "two").skip_while(|step| *step == "ten round").collect();
    assert!(turns.windows(2).take(12).all(|pair| pair[0] != pair[1]), "{turns:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_fails_only_the_job_at_fault() {
    let test = TestWorker::with_capacity(3).await;
    let others = [test.submit("ten round").await, test.submit("slow round").await];
    for prompt in ["error round", "panic round"] {
        let faulty = test.submit(prompt).await;
        test.reaches(faulty, JobState::Failed).await;
    }
    for job in others {
        test.reaches(job, JobState::Drawn).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_job_is_claimed_a_moment_before_its_turn_and_goes_back_if_it_has_none() {
    let test = TestWorker::open().await;
    let (ending, next) = (test.submit("ending").await, test.submit("ten").await);
    let last = test.submit("ten").await;
    test.reaches(next, JobState::Running).await;
    assert!(test.steps().iter().flatten().all(|prompt| prompt == "ending"), "the capacity is 1");
    assert_eq!(test.queue.job(last).await.unwrap().unwrap().state, JobState::Queued, "one is enough");
    test.worker.stop().await;
    for job in [ending, next, last] {
        assert_eq!(test.queue.job(job).await.unwrap().unwrap().state, JobState::Queued);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_worker_stops_at_once() {
    let test = TestWorker::open().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    test.worker.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_for_its_size_shrinks_the_capacity() {
    let test = TestWorker::with_capacity(3).await;
    let mut jobs = Vec::new();
    for _ in 0..4 {
        jobs.push(test.submit("ten bulky").await);
    }
    for job in jobs {
        test.reaches(job, JobState::Drawn).await;
    }
    let steps = test.steps();
    assert_eq!(steps.iter().filter(|step| step.len() == 3).count(), 1, "too many are not tried twice");
    assert!(steps.iter().filter(|step| step.len() == 2).count() >= 10, "{}", steps.len());
}

/// The methods that are given a generation, and what becomes of a job whose generation makes them panic.
const OUTCOMES_OF_PANICS: [(&str, JobState); 8] = [
    ("prepare", JobState::Failed),
    ("batch_key", JobState::Failed),
    ("step", JobState::Failed),
    ("is_finished", JobState::Failed),
    ("progress", JobState::Failed),
    ("warnings", JobState::Drawn),
    ("finalize", JobState::Failed),
    ("encoding", JobState::Failed),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_any_method_costs_at_most_the_job_that_it_is_given() {
    let test = TestWorker::with_capacity(2).await;
    for (method, outcome) in OUTCOMES_OF_PANICS {
        let other = test.submit("ten").await;
        let job = test.submit(&format!("panic-{method}")).await;
        test.reaches(job, outcome).await;
        test.reaches(other, JobState::Drawn).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_preview_costs_the_preview() {
    let test = TestWorker::open().await;
    let job = test.submit("panic-preview").await;
    test.reaches(job, JobState::Drawn).await;
    assert!(test.steps().contains(&vec!["preview".to_owned()]));
}

/// The methods that are given no generation.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_that_no_job_is_to_blame_for_ends_the_worker_and_gives_the_jobs_back() {
    for (method, prompt) in [("prepare", "ten"), ("capacity", "slow"), ("shrink_capacity", "ten bulky")] {
        let mut test = TestWorker::broken(method).await;
        let mut jobs = Vec::new();
        for _ in 0..4 {
            jobs.push(test.submit(prompt).await);
        }
        let reason = tokio::time::timeout(Duration::from_secs(10), test.worker.ended()).await.unwrap();
        assert!(matches!(&reason, WorkerError::Panicked(message) if message.contains(method)), "{reason}");
        for job in jobs {
            assert_eq!(test.queue.job(job).await.unwrap().unwrap().state, JobState::Queued, "{method}");
        }
        test.worker.stop().await;
    }
}
