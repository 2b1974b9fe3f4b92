use std::convert::Infallible;

use tempfile::TempDir;

use super::*;
use crate::database::Database;
use crate::i18n::Language;
use crate::jobs::{Address, CancelOutcome, Inputs, JobId, JobState, NewJob, Requester, SqliteQueue, Tidings};
use crate::recipe::Recipe;

/// Draws in a hundred steps of ten milliseconds; the prompt says what goes wrong.
#[derive(Default)]
struct Sketcher {
    has_stumbled: bool,
}

impl Artist for Sketcher {
    fn draw(
        &mut self,
        recipe: &Recipe,
        _inputs: &[Vec<u8>],
        report: &mut dyn FnMut(Progress<'_>) -> Verdict,
    ) -> Result<Drawing, DrawError> {
        let steps = if recipe.prompt() == "slow" { 100 } else { 2 };
        for step in 0..steps {
            std::thread::sleep(Duration::from_millis(10));
            if report(Progress::unseen(f64::from(step) / f64::from(steps))) != Verdict::Continue {
                return Ok(Drawing::Stopped);
            }
        }
        match recipe.prompt() {
            "stumble" if !self.has_stumbled => {
                self.has_stumbled = true;
                Err(DrawError { failure: Failure::Engine, reason: "out of breath".to_owned() })
            }
            "error" => Err(DrawError { failure: Failure::Engine, reason: "no paint".to_owned() }),
            "panic" => panic!("the easel fell over"),
            prompt => Ok(Drawing::Pictures(vec![prompt.as_bytes().to_vec()])),
        }
    }

    fn remarks(&self, recipe: &Recipe, pictures: &[Vec<u8>]) -> Result<Remarks, DrawError> {
        match recipe.prompt() {
            "blind" => Err(DrawError { failure: Failure::Engine, reason: "no eyes".to_owned() }),
            "dizzy" => panic!("everything turns"),
            "doubtful" => Ok(Remarks { doubtful: (0..).take(pictures.len()).collect(), ..Remarks::default() }),
            _ => Ok(Remarks::default()),
        }
    }
}

struct Studio {
    _folder: TempDir,
    queue: Arc<SqliteQueue>,
    worker: Worker,
}

impl Studio {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(folder.path()).await.unwrap();
        let queue = Arc::new(SqliteQueue::open(&database).await.unwrap());
        let worker = Worker::start(queue.clone() as Arc<dyn JobQueue>, || Ok::<_, Infallible>(Sketcher::default()))
            .await
            .unwrap();
        std::mem::forget(database);
        Self { _folder: folder, queue, worker }
    }

    async fn ask(&self, prompt: &str) -> JobId {
        let address = Address {
            chat_id: 1,
            thread_id: None,
            request_message_id: None,
            status_message_id: None,
            language: Language::En,
            previews: false,
        };
        let recipe = Recipe::text_to_image(prompt, 1).unwrap();
        let request_key = format!("{prompt}{}", now_ms());
        self.queue
            .submit(NewJob { request_key, requester: Requester(1), address, recipe, inputs: Inputs::None })
            .await
            .unwrap()
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
    for prompt in ["error", "panic"] {
        let job = studio.ask(prompt).await;
        studio.reaches(job, JobState::Failed).await;
    }
    assert!(matches!(studio.queue.untold(1).await.unwrap()[0].tidings, Tidings::Failure(Failure::Engine)));
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
