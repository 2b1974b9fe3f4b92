//! The bot without a model, and the Bot API server that it talks to.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use kandinsky_bot::jobs::{Failure, Pace};
use kandinsky_bot::playground::{Options, Playground};
use kandinsky_bot::policy::Policy;
use kandinsky_bot::recipe::Recipe;
use kandinsky_bot::telegram::{self, EditorEntrance, TelegramError, TelegramOptions};
use kandinsky_bot::worker::Worker;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::chat_user::ChatUser;
use super::fake_backend::{FakeBackend, Russian};
use super::quiet;
use super::test_store::TestStore;

/// A bot with a fake backend.
pub(crate) struct TestBot {
    worker: Worker<Infallible>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), TelegramError>>,
    store: TestStore,
}

impl TestBot {
    /// Serves the Bot API server at this address with this token, with its data in this folder.
    pub(crate) async fn start(api: (&str, &str), data: &Path, before: impl FnMut(&Recipe) + Send + 'static) -> Self {
        Self::with_backend(api, data, Arc::default(), || FakeBackend::new(before)).await
    }

    async fn with_backend<F: FnMut(&Recipe) + 'static>(
        api: (&str, &str),
        data: &Path,
        policy: Arc<Policy>,
        make_backend: impl FnOnce() -> FakeBackend<F> + Send + 'static,
    ) -> Self {
        Self::on(TestStore::open(data).await, api, policy, make_backend, None)
    }

    /// Serves with an open store, and with a web editor.
    pub(crate) fn on<F: FnMut(&Recipe) + 'static>(
        store: TestStore,
        (api_url, token): (&str, &str),
        policy: Arc<Policy>,
        make_backend: impl FnOnce() -> FakeBackend<F> + Send + 'static,
        editor: Option<EditorEntrance>,
    ) -> Self {
        let rules = Arc::clone(&policy);
        let review = move |recipe: &Recipe| rules.refuses(recipe).map_or(Ok(()), |kind| Err(Failure::Moderated(kind)));
        let worker =
            Worker::start(Arc::clone(&store.work), Pace::TELEGRAM, Box::new(review), || Ok(make_backend())).unwrap();
        let bot = telegram::bot(token, Some(api_url.parse().unwrap())).unwrap();
        let options = TelegramOptions {
            store: store.jobs.clone(),
            chats: Arc::clone(&store.chats),
            admin: Arc::clone(&store.admin),
            broadcasts: Arc::clone(&store.broadcasts),
            policy,
            examples: Vec::new(),
            native: 768,
            answers_small_talk: false,
            pace: Pace::TELEGRAM,
            api: None,
            editor,
        };
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(telegram::serve(bot, options, async { drop(stopped.await) }));
        Self { worker, stop, serving, store }
    }

    /// Stops in order, as the program does.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap().unwrap();
        self.worker.stop().await;
        self.store.close().await;
    }
}

/// A bot with its Bot API server.
pub(crate) struct TestServer {
    pub(crate) playground: Playground,
    pub(crate) bot: TestBot,
    data: tempfile::TempDir,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// With something that happens before each drawing.
    pub(crate) async fn with(before: impl FnMut(&Recipe) + Send + 'static) -> Self {
        let data = tempfile::tempdir().unwrap();
        let playground = Playground::start(0, Options::default()).await.unwrap();
        let bot = TestBot::start((&playground.api_url(), playground.token()), data.path(), before).await;
        Self { playground, bot, data }
    }

    /// With a model that reads Russian, or not, and with the owner's rules.
    pub(crate) async fn for_model(russian: Russian, policy: Policy) -> Self {
        let data = tempfile::tempdir().unwrap();
        let playground = Playground::start(0, Options::default()).await.unwrap();
        let make_backend = move || FakeBackend::new(|_: &Recipe| ()).with_russian(russian);
        let api = (playground.api_url(), playground.token().to_owned());
        let bot = TestBot::with_backend((&api.0, &api.1), data.path(), Arc::new(policy), make_backend).await;
        Self { playground, bot, data }
    }

    /// With a model that is loaded when a message comes through the channel.
    pub(crate) async fn loading(loaded: Receiver<()>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let playground = Playground::start(0, Options::default()).await.unwrap();
        let make_backend = move || {
            loaded.recv().unwrap();
            FakeBackend::new(|_: &Recipe| ())
        };
        let api = (playground.api_url(), playground.token().to_owned());
        let bot = TestBot::with_backend((&api.0, &api.1), data.path(), Arc::default(), make_backend).await;
        Self { playground, bot, data }
    }

    /// The program ends and begins again with the same data; what happens in between.
    pub(crate) async fn restarts(self, meanwhile: impl AsyncFnOnce()) -> Self {
        let Self { playground, bot, data } = self;
        bot.stop().await;
        meanwhile().await;
        let bot = TestBot::start((&playground.api_url(), playground.token()), data.path(), |_| ()).await;
        Self { playground, bot, data }
    }

    /// A user whose client speaks Russian.
    pub(crate) fn user(&self, id: i64) -> ChatUser {
        ChatUser::new(&self.playground.url(), id, "ru")
    }

    /// The chat once nothing more comes.
    pub(crate) async fn when_quiet(&self, user: &ChatUser) -> Vec<Value> {
        self.when_updates_are_received().await;
        quiet::when_quiet(self.data.path(), user).await
    }

    /// Waits until the bot has confirmed what users did.
    async fn when_updates_are_received(&self) {
        let url = format!("{}/bot{}/getWebhookInfo", self.playground.api_url(), self.playground.token());
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(60) {
            let answer: Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
            if answer["result"]["pending_update_count"] == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the bot does not receive its updates");
    }
}
