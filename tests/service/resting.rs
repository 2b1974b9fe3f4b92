//! How much of the time the device rests while jobs wait. Measured by hand, on a machine that does nothing else:
//!
//! ```sh
//! cargo test --release --test service resting -- --ignored --nocapture
//! ```

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Parser;
use kandinsky_bot::config::ModelArgs;
use kandinsky_bot::engine::{BatchKey, Engine, EngineOptions, Generation};
use kandinsky_bot::i18n::Language;
use kandinsky_bot::jobs::{
    ChatAddress, JobId, JobInputs, JobState, NewJob, Origin, Pace, Queue, Requester, Submission, UpdateOutcome,
    Warnings, WorkQueue,
};
use kandinsky_bot::limits::Limits;
use kandinsky_bot::recipe::Recipe;
use kandinsky_bot::store::sqlite::SqliteStore;
use kandinsky_bot::worker::{Backend, DrawError, Finalize, Prepare, RenderPreview, Worker};

const JOBS: i64 = 8;
/// A device that rests for longer is waiting for somebody.
const MAX_IDLE_FRACTION: f64 = 0.01;

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    model: ModelArgs,
}

/// The engine, with notes of when it computed and for how many.
struct Timed {
    engine: Engine,
    capacity: usize,
    notes: Notes,
}

type Notes = Arc<Mutex<Vec<Note>>>;

/// A step: when it began and ended, for how many works, and whether it was one of the UNet.
#[derive(Clone, Copy)]
struct Note {
    begun: Instant,
    ended: Instant,
    works: usize,
    is_unet: bool,
}

impl Backend for Timed {
    type Generation = Generation;
    type BatchKey = BatchKey;

    fn prepare(&self) -> Prepare<Generation> {
        self.engine.prepare()
    }

    fn capacity(&self) -> usize {
        self.capacity
    }

    fn batch_key(&self, work: &Generation) -> Option<BatchKey> {
        self.engine.batch_key(work)
    }

    fn step(&mut self, works: &mut [&mut Generation]) -> Result<(), DrawError> {
        let is_unet = matches!(works[0].batch_key(), Some(BatchKey::UNet(_)));
        let begun = Instant::now();
        let outcome = Backend::step(&mut self.engine, works);
        self.notes.lock().unwrap().push(Note { begun, ended: Instant::now(), works: works.len(), is_unet });
        outcome
    }

    fn progress(&self, work: &Generation) -> f64 {
        self.engine.progress(work)
    }

    fn is_finished(&self, work: &Generation) -> bool {
        self.engine.is_finished(work)
    }

    fn preview(&self, work: &Generation) -> Option<RenderPreview> {
        Backend::preview(&self.engine, work)
    }

    fn warnings(&self, work: &Generation) -> Result<Warnings, DrawError> {
        self.engine.warnings(work)
    }

    fn finalize(&mut self, work: Generation) -> Finalize {
        self.engine.finalize(work)
    }
}

async fn ask(queue: &SqliteStore, number: i64) -> JobId {
    let address = ChatAddress {
        chat_id: number % 3,
        thread_id: None,
        request_message_id: None,
        status_message_id: None,
        language: Language::En,
        previews: true,
    };
    let recipe = Recipe::text_to_image("a red apple on a blue background", number as u64).unwrap();
    let (requester, request_key) = (Requester(number % 3), number.to_string());
    let job = NewJob { request_key, requester, origin: Origin::Chat(address), recipe, inputs: JobInputs::None };
    match queue.submit(job, &Limits::default(), UpdateOutcome::default()).await.unwrap() {
        Submission::Queued(job, _) => job,
        Submission::OverLimit(limit) => panic!("{limit:?}"),
    }
}

/// When a job is drawn.
async fn drawn_at(queue: &SqliteStore, job: JobId) -> Instant {
    while queue.job(job).await.unwrap().unwrap().state != JobState::Drawn {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Instant::now()
}

/// The fraction of the time between the first step and the last in which no step runs, and what is told about it.
async fn idle_fraction(capacity: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let queue = Arc::new(SqliteStore::open(folder.path()).await.unwrap());
    let notes = Notes::default();
    let mut jobs = Vec::new();
    for number in 0..JOBS {
        jobs.push(ask(&queue, number).await);
    }
    let kept = Arc::clone(&notes);
    let make_backend = move || {
        let engine =
            Engine::load(&EngineOptions { safety_checker: true, ..(&Args::parse_from(["resting"]).model).into() })
                .unwrap()
                .warmed_up();
        Ok::<_, Infallible>(Timed { engine, capacity, notes: kept })
    };
    let worker =
        Worker::start(Arc::clone(&queue) as Arc<dyn WorkQueue>, Pace::TELEGRAM, Box::new(|_| Ok(())), make_backend)
            .unwrap();
    let drawn = futures::future::join_all(jobs.into_iter().map(|job| drawn_at(&queue, job))).await;
    worker.stop().await;
    let notes = notes.lock().unwrap();
    let (begun, ended) = (notes[0].begun, notes.last().unwrap().ended);
    let whole = ended.duration_since(begun);
    let wait = drawn.iter().map(|drawn| drawn.duration_since(begun)).sum::<Duration>() / drawn.len() as u32;
    let busy: Duration = notes.iter().map(|note| note.ended.duration_since(note.begun)).sum();
    let rest = 1.0 - busy.as_secs_f64() / whole.as_secs_f64();
    let gaps = notes.windows(2).map(|pair| pair[1].begun.duration_since(pair[0].ended));
    println!(
        "capacity {capacity}: {JOBS} pictures in {whole:.2?}, on average after {wait:.2?}; {} steps, {:.2} works in each; \
         at rest {:.3} %, at most {:.2?} at a time",
        notes.len(),
        notes.iter().map(|note| note.works).sum::<usize>() as f64 / notes.len() as f64,
        rest * 100.0,
        gaps.max().unwrap(),
    );
    print_steps("UNet", notes.iter().filter(|note| note.is_unet));
    print_steps("all else", notes.iter().filter(|note| !note.is_unet));
    rest
}

/// What steps take on average, by the number of works that share them.
fn print_steps<'a>(what: &str, notes: impl Iterator<Item = &'a Note>) {
    let mut times: BTreeMap<usize, Vec<Duration>> = BTreeMap::new();
    for note in notes {
        times.entry(note.works).or_default().push(note.ended.duration_since(note.begun));
    }
    for (works, times) in times {
        let mean = times.iter().sum::<Duration>() / times.len() as u32;
        println!("    {what}: {} steps of {works}, {mean:.2?} each", times.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement; see the top of this file"]
async fn the_device_hardly_rests_while_jobs_wait() {
    let mut rests = Vec::new();
    for capacity in [1, 2, 4, 8] {
        rests.push(idle_fraction(capacity).await);
    }
    assert!(rests.iter().all(|rest| *rest <= MAX_IDLE_FRACTION), "{rests:?}");
}
