//! Everything that serves, without a model.

use std::convert::Infallible;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use image::{ImageFormat, Rgb, RgbImage};
use kandinsky_bot::chats::ChatStore;
use kandinsky_bot::database::Database;
use kandinsky_bot::house::HouseStore;
use kandinsky_bot::jobs::{JobQueue, SqliteQueue};
use kandinsky_bot::playground::{Options, Playground};
use kandinsky_bot::recipe::Recipe;
use kandinsky_bot::telegram::{self, TelegramError, TelegramOptions};
use kandinsky_bot::worker::{Backend, DrawError, Finalize, Prepare, RenderPreview, Worker};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::person::Person;

/// A prompt that takes ten seconds.
pub(crate) const SLOWLY: &str = "черепаха";
/// One that takes forty.
pub(crate) const FOR_AGES: &str = "ледник";

/// Draws a plain picture in a few milliseconds; what it does before is up to the test.
pub(crate) struct Sketcher<F> {
    before: F,
}

/// A recipe that is being sketched.
pub(crate) struct Sketch {
    recipe: Recipe,
    done: u8,
}

impl Sketch {
    /// What each step takes; a quick sketch has one.
    fn pace(&self) -> (u8, Duration) {
        match self.recipe.prompt() {
            SLOWLY => (100, Duration::from_millis(100)),
            FOR_AGES => (100, Duration::from_millis(400)),
            _ => (1, Duration::from_millis(3)),
        }
    }
}

impl<F: FnMut(&Recipe)> Backend for Sketcher<F> {
    type Generation = Sketch;
    type BatchKey = ();

    fn prepare(&self) -> Prepare<Sketch> {
        Arc::new(|recipe, _| Ok(Sketch { recipe: recipe.clone(), done: 0 }))
    }

    fn batch_key(&self, _: &Sketch) -> Option<()> {
        None
    }

    fn step(&mut self, sketches: &mut [&mut Sketch]) -> Result<(), DrawError> {
        for sketch in sketches {
            if sketch.done == 0 {
                (self.before)(&sketch.recipe);
            }
            std::thread::sleep(sketch.pace().1);
            sketch.done += 1;
        }
        Ok(())
    }

    fn progress(&self, sketch: &Sketch) -> f64 {
        f64::from(sketch.done) / f64::from(sketch.pace().0)
    }

    fn is_finished(&self, sketch: &Sketch) -> bool {
        sketch.done >= sketch.pace().0
    }

    fn preview(&self, _: &Sketch) -> Option<RenderPreview> {
        Some(Box::new(|| Some(red())))
    }

    fn finalize(&mut self, sketch: Sketch) -> Finalize {
        let recipe = sketch.recipe;
        Box::new(move || Ok((0..recipe.count).map(|index| plain(recipe.seed_of(index))).collect()))
    }
}

/// A picture of one colour.
fn plain(seed: u64) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(64, 64, Rgb([seed as u8, 80, 120]));
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// What a slow picture looks like before it is finished.
fn red() -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::from_pixel(64, 64, Rgb([230, 20, 20])).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// A bot that serves.
pub(crate) struct Bot {
    worker: Worker<Infallible>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), TelegramError>>,
    database: Database,
}

impl Bot {
    /// Serves the Bot API server at this address, with its data in this folder.
    pub(crate) async fn start(api: (&str, &str), data: &Path, before: impl FnMut(&Recipe) + Send + 'static) -> Self {
        Self::with_artist(api, data, || Sketcher { before }).await
    }

    async fn with_artist<F: FnMut(&Recipe) + 'static>(
        (api_url, token): (&str, &str),
        data: &Path,
        make_backend: impl FnOnce() -> Sketcher<F> + Send + 'static,
    ) -> Self {
        let database = Database::open(data).await.unwrap();
        let queue: Arc<dyn JobQueue> = Arc::new(SqliteQueue::open(&database).await.unwrap());
        let worker = Worker::start(Arc::clone(&queue), || Ok(make_backend())).unwrap();
        let bot = telegram::bot(token, Some(api_url.parse().unwrap())).unwrap();
        let options = TelegramOptions {
            queue,
            chats: ChatStore::new(&database),
            examples: Vec::new(),
            native: 768,
            rules: Arc::default(),
            house: HouseStore::new(&database),
        };
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(telegram::serve(bot, options, async { drop(stopped.await) }));
        Self { worker, stop, serving, database }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap().unwrap();
        self.worker.stop().await;
        self.database.close().await;
    }
}

/// A bot with its Bot API server.
pub(crate) struct House {
    pub(crate) playground: Playground,
    pub(crate) bot: Bot,
    data: tempfile::TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(|_| ()).await
    }

    /// With something that happens before each drawing.
    pub(crate) async fn with(before: impl FnMut(&Recipe) + Send + 'static) -> Self {
        let data = tempfile::tempdir().unwrap();
        let playground = Playground::start(0, Options::default()).await.unwrap();
        let bot = Bot::start((&playground.api_url(), playground.token()), data.path(), before).await;
        Self { playground, bot, data }
    }

    /// With a model that is loaded when word comes that it is.
    pub(crate) async fn loading(loaded: Receiver<()>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let playground = Playground::start(0, Options::default()).await.unwrap();
        let make_backend = move || {
            loaded.recv().unwrap();
            Sketcher { before: |_: &Recipe| () }
        };
        let bot = Bot::with_artist((&playground.api_url(), playground.token()), data.path(), make_backend).await;
        Self { playground, bot, data }
    }

    /// The program ends and begins again with the same data; what happens in between.
    pub(crate) async fn restarts(self, meanwhile: impl AsyncFnOnce()) -> Self {
        let Self { playground, bot, data } = self;
        bot.stop().await;
        meanwhile().await;
        let bot = Bot::start((&playground.api_url(), playground.token()), data.path(), |_| ()).await;
        Self { playground, bot, data }
    }

    pub(crate) fn person(&self, id: i64) -> Person {
        Person::new(&self.playground.url(), id, "ru")
    }
}
