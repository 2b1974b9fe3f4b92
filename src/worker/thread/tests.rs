use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tempfile::TempDir;

use super::super::{Beginner, Finishing};
use super::*;
use crate::database::Database;
use crate::jobs::{CancelOutcome, Failure, JobId, JobState, NewJob, Requester, SqliteQueue, Tidings, wish};
use crate::recipe::Recipe;

/// The prompts of each step.
type Log = Arc<Mutex<Vec<Vec<String>>>>;

/// Draws in steps of ten milliseconds; the prompt says how many, of which kind, and what goes wrong.
#[derive(Default)]
struct Sketcher {
    room: usize,
    has_stumbled: bool,
    log: Log,
}

struct Sketch {
    prompt: String,
    done: u32,
    steps: u32,
}

impl Sketch {
    fn begin(recipe: &Recipe) -> Result<Self, DrawError> {
        let prompt = recipe.prompt().to_owned();
        let steps = match prompt.split(' ').next() {
            Some("unreadable") => return Err(DrawError { failure: Failure::Unreadable, reason: "no eyes".to_owned() }),
            Some("bewildering") => panic!("what is this"),
            Some("slow" | "ending") => 100,
            Some("ten") => 10,
            _ => 2,
        };
        Ok(Self { prompt, done: 0, steps })
    }
}

impl Artist for Sketcher {
    type Work = Sketch;
    type Kind = String;

    fn beginner(&self) -> Beginner<Sketch> {
        Arc::new(|recipe, _| Sketch::begin(recipe))
    }

    fn room(&self) -> usize {
        self.room
    }

    /// The second word, if there is one.
    fn kind(&self, sketch: &Sketch) -> Option<String> {
        sketch.prompt.split(' ').nth(1).map(str::to_owned)
    }

    fn step(&mut self, sketches: &mut [&mut Sketch]) -> Result<(), DrawError> {
        self.log.lock().unwrap().push(sketches.iter().map(|sketch| sketch.prompt.clone()).collect());
        std::thread::sleep(Duration::from_millis(10));
        if sketches.len() > 2 && sketches.iter().all(|sketch| sketch.prompt.contains("bulky")) {
            return Err(DrawError::engine("the table is full"));
        }
        for sketch in sketches.iter() {
            match sketch.prompt.split(' ').next() {
                Some("stumble") if !self.has_stumbled => {
                    self.has_stumbled = true;
                    return Err(DrawError::engine("out of breath"));
                }
                Some("error") => return Err(DrawError::engine("no paint")),
                Some("panic") => panic!("the easel fell over"),
                _ => {}
            }
        }
        sketches.iter_mut().for_each(|sketch| sketch.done += 1);
        Ok(())
    }

    fn were_too_many(&mut self, works: usize) {
        self.room = works - 1;
    }

    fn share(&self, sketch: &Sketch) -> f64 {
        match sketch.prompt.as_str() {
            "ending" => 0.999,
            _ => f64::from(sketch.done) / f64::from(sketch.steps),
        }
    }

    fn is_finished(&self, sketch: &Sketch) -> bool {
        sketch.done >= sketch.steps
    }

    fn remarks(&self, sketch: &Sketch) -> Result<Remarks, DrawError> {
        match sketch.prompt.as_str() {
            "blind" => Err(DrawError::engine("no eyes")),
            "dizzy" => panic!("everything turns"),
            "doubtful" => Ok(Remarks { doubtful: vec![0], ..Remarks::default() }),
            _ => Ok(Remarks::default()),
        }
    }

    fn finish(&mut self, sketch: Sketch) -> Finishing {
        Box::new(move || match sketch.prompt.as_str() {
            "smudged" => Err(DrawError::engine("the paint is wet")),
            "torn" => panic!("it is in two halves"),
            prompt => Ok(vec![prompt.as_bytes().to_vec()]),
        })
    }
}

/// How often something was asked for.
static ASKED: AtomicU32 = AtomicU32::new(0);

struct Studio {
    _folder: TempDir,
    queue: Arc<SqliteQueue>,
    worker: Worker<Infallible>,
    log: Log,
}

impl Studio {
    async fn open() -> Self {
        Self::with_room(1).await
    }

    async fn with_room(room: usize) -> Self {
        let log = Log::default();
        let sketcher = Sketcher { room, log: Arc::clone(&log), ..Sketcher::default() };
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).await.unwrap();
        let queue = Arc::new(SqliteQueue::open(&database).await.unwrap());
        let mut worker = Worker::start(queue.clone() as Arc<dyn JobQueue>, || Ok(sketcher)).unwrap();
        worker.ready().await.unwrap();
        std::mem::forget(database);
        Self { _folder: folder, queue, worker, log }
    }

    /// The prompts of all steps so far, in the order of their steps.
    fn steps(&self) -> Vec<Vec<String>> {
        self.log.lock().unwrap().clone()
    }

    async fn ask(&self, prompt: &str) -> JobId {
        let request_key = ASKED.fetch_add(1, Ordering::Relaxed).to_string();
        self.queue.submit(NewJob { request_key, ..wish(1, prompt) }).await.unwrap()
    }

    async fn reaches(&self, job: JobId, state: JobState) {
        for _ in 0..500 {
            if self.queue.job(job).await.unwrap().unwrap().state == state {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("job {job} never became {state:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_comes_while_the_worker_rests_is_drawn() {
    let studio = Studio::open().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let job = studio.ask("cat").await;
    studio.reaches(job, JobState::Drawn).await;
    assert_eq!(studio.queue.pictures(job).await.unwrap(), [b"cat".to_vec()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_or_a_panic_fails_one_job_and_not_the_worker() {
    let studio = Studio::open().await;
    for prompt in ["error", "panic", "smudged", "torn", "unreadable", "bewildering"] {
        let job = studio.ask(prompt).await;
        studio.reaches(job, JobState::Failed).await;
    }
    let told = studio.queue.untold(9).await.unwrap();
    let failures: Vec<_> = told
        .iter()
        .map(|told| match told.tidings {
            Tidings::Failure(failure) => failure,
            Tidings::Pictures(_) => panic!("a picture came of it"),
        })
        .collect();
    let engine = Failure::Engine;
    assert_eq!(failures, [engine, engine, engine, engine, Failure::Unreadable, engine]);
    let job = studio.ask("cat").await;
    studio.reaches(job, JobState::Drawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stumble_is_forgiven_once() {
    let studio = Studio::open().await;
    let job = studio.ask("stumble").await;
    studio.reaches(job, JobState::Drawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_makes_room_for_the_next() {
    let studio = Studio::open().await;
    let slow = studio.ask("slow").await;
    studio.reaches(slow, JobState::Running).await;
    assert_eq!(studio.queue.cancel(slow, Requester(1)).await.unwrap(), CancelOutcome::Stopping);
    studio.reaches(slow, JobState::Cancelled).await;
    let next = studio.ask("cat").await;
    studio.reaches(next, JobState::Drawn).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_gives_the_unfinished_job_back() {
    let studio = Studio::open().await;
    let slow = studio.ask("slow").await;
    studio.reaches(slow, JobState::Running).await;
    studio.worker.stop().await;
    assert_eq!(studio.queue.job(slow).await.unwrap().unwrap().state, JobState::Queued);
}

#[tokio::test(flavor = "multi_thread")]
async fn remarks_come_with_the_pictures_and_never_keep_them_back() {
    let studio = Studio::open().await;
    for (prompt, doubtful) in [("doubtful", vec![0]), ("blind", vec![]), ("dizzy", vec![]), ("cat", vec![])] {
        let job = studio.ask(prompt).await;
        studio.reaches(job, JobState::Drawn).await;
        assert_eq!(studio.queue.job(job).await.unwrap().unwrap().remarks.doubtful, doubtful, "{prompt}");
        assert_eq!(studio.queue.pictures(job).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_job_is_left_after_the_step() {
    let studio = Studio::open().await;
    let slow = studio.ask("slow").await;
    studio.reaches(slow, JobState::Running).await;
    // Between two reports.
    tokio::time::sleep(Duration::from_millis(250)).await;
    studio.queue.cancel(slow, Requester(1)).await.unwrap();
    let steps = studio.steps().len();
    studio.reaches(slow, JobState::Cancelled).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    // The one that had begun, and one that the verdict may have come too late for: they are short here.
    assert!(studio.steps().len() <= steps + 2, "{steps} steps, then {}", studio.steps().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_a_kind_share_steps_and_join_and_leave_between_them() {
    let studio = Studio::with_room(2).await;
    let long = studio.ask("slow round").await;
    studio.reaches(long, JobState::Running).await;
    let mut short = Vec::new();
    for prompt in ["ten round", "two round", "ten round"] {
        short.push(studio.ask(prompt).await);
    }
    for job in short {
        studio.reaches(job, JobState::Drawn).await;
    }
    studio.reaches(long, JobState::Drawn).await;
    let steps = studio.steps();
    let shared = steps.iter().filter(|step| step.len() == 2).count();
    assert_eq!(steps.len(), 100, "all the others were steps of the long one");
    assert_eq!(shared, 22);
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_take_turns_and_newcomers_come_first() {
    let studio = Studio::with_room(3).await;
    let jobs = [studio.ask("ten round").await, studio.ask("ten square").await];
    for job in jobs {
        studio.reaches(job, JobState::Running).await;
    }
    let single = studio.ask("two").await;
    for job in [single, jobs[0], jobs[1]] {
        studio.reaches(job, JobState::Drawn).await;
    }
    let steps: Vec<String> = studio.steps().into_iter().flatten().collect();
    let newcomer = steps.iter().position(|step| step == "two").unwrap();
    assert_eq!(steps[newcomer + 1], "two", "{steps:?}");
    let turns: Vec<_> = steps.iter().filter(|step| *step != "two").skip_while(|step| *step == "ten round").collect();
    assert!(turns.windows(2).take(12).all(|pair| pair[0] != pair[1]), "{turns:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_is_the_guilty_ones_alone() {
    let studio = Studio::with_room(3).await;
    let innocent = [studio.ask("ten round").await, studio.ask("slow round").await];
    for prompt in ["error round", "panic round"] {
        let guilty = studio.ask(prompt).await;
        studio.reaches(guilty, JobState::Failed).await;
    }
    for job in innocent {
        studio.reaches(job, JobState::Drawn).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_job_is_claimed_a_moment_before_its_turn_and_goes_back_if_it_has_none() {
    let studio = Studio::open().await;
    let (ending, next) = (studio.ask("ending").await, studio.ask("ten").await);
    let last = studio.ask("ten").await;
    studio.reaches(next, JobState::Running).await;
    assert!(studio.steps().iter().flatten().all(|prompt| prompt == "ending"), "there is no room for it yet");
    assert_eq!(studio.queue.job(last).await.unwrap().unwrap().state, JobState::Queued, "one is enough");
    studio.worker.stop().await;
    for job in [ending, next, last] {
        assert_eq!(studio.queue.job(job).await.unwrap().unwrap().state, JobState::Queued);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resting_worker_stops_at_once() {
    let studio = Studio::open().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let begun = Instant::now();
    studio.worker.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_so_many_do_not_fit_fewer_share_a_step() {
    let studio = Studio::with_room(3).await;
    let mut jobs = Vec::new();
    for _ in 0..4 {
        jobs.push(studio.ask("ten bulky").await);
    }
    for job in jobs {
        studio.reaches(job, JobState::Drawn).await;
    }
    let steps = studio.steps();
    assert_eq!(steps.iter().filter(|step| step.len() == 3).count(), 1, "once bitten");
    assert!(steps.iter().filter(|step| step.len() == 2).count() >= 10, "{}", steps.len());
}
