//! `kandinsky-bot`: serves Telegram, or the playground.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use teloxide::Bot;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::store::OpenStore;
use super::welcome::welcome;
use crate::config::{ServeArgs, TelegramAccount};
use crate::engine::{Engine, EngineError, EngineOptions, native_size};
use crate::examples::{Example, some_of};
use crate::jobs::{Failure, Pace, sweep_periodically};
use crate::monitoring::{Monitor, Readiness, heartbeat, service_manager};
use crate::orders::Orders;
use crate::playground::{self, MiniApps, Options, Playground, PlaygroundError, Suggestion};
use crate::policy::Policy;
use crate::recipe::Recipe;
use crate::telegram::{self, ApiOffer, EditorEntrance, TelegramOptions};
use crate::telemetry;
use crate::web::editor::{EDITOR_PATH, Editor, EditorOptions, EditorServices, sign_init_data};
use crate::web::{WebBounds, WebError, WebModel, WebOptions, WebServer, WebServices, WebTiming};
use crate::worker::{Review, Worker};

/// Serves until Ctrl-C or SIGTERM.
pub(super) fn run(args: ServeArgs) -> Result<()> {
    let account = TelegramAccount::from_environment()?;
    // In the terminal of a newcomer the page's address is the last line while all is well.
    let filter = if account.is_some() { telemetry::SERVICE_FILTER } else { telemetry::PAGE_FILTER };
    telemetry::start(args.log.as_deref().unwrap_or(filter))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(args, account))
}

/// How many prompts the greeting suggests.
const GREETING_EXAMPLES: usize = 4;

async fn serve(args: ServeArgs, account: Option<TelegramAccount>) -> Result<()> {
    let policy = Arc::new(Policy::new(&args.owner)?);
    let mut stop = stop_signal()?;
    let store = OpenStore::open(&args.data, args.database.as_deref()).await?;
    let examples = if args.model.model.is_some() { Example::of_full_model() } else { Example::of_miniature() };
    let native = native_size(args.model.model.as_deref())?;
    let editor = open_editor(&args, account.as_ref(), &store, &policy, native).await?;
    let server = BotApi::open(account, &args, &examples, editor.as_ref()).await?;
    let bot = server.bot()?;
    let mut web = serve_web(&args, &store, Arc::clone(&policy), native, editor.as_ref()).await?;
    let (batch, safety_checker) = (args.batch, policy.moderator.is_on());
    let upscaler = args.upscaler.upscaler.clone();
    let readiness = Readiness::default();
    let load = loading(EngineOptions { batch, safety_checker, upscaler, ..(&args.model).into() }, readiness.clone());
    let pace = server.pace();
    let mut worker = Worker::start(Arc::clone(&store.work), pace, review(&policy), load)?;
    let monitor = match args.metrics {
        Some(address) => Some(Monitor::start(address, Arc::clone(&store.jobs.queue), readiness.clone()).await?),
        None => None,
    };
    let heart = tokio::spawn(heartbeat::beat(args.data.clone(), readiness));
    service_manager::started();
    server.announce(&args, native)?;
    let pages = editor.as_ref().map(|open| open.editor.clone());
    let editor = editor.and_then(|open| open.entrance(&args, &server, &store));
    let retention = policy.retention;
    let options = TelegramOptions {
        store: store.jobs.clone(),
        chats: Arc::clone(&store.chats),
        admin: Arc::clone(&store.admin),
        broadcasts: Arc::clone(&store.broadcasts),
        policy,
        examples: some_of(&examples, GREETING_EXAMPLES),
        native,
        answers_small_talk: args.model.model.is_none(),
        pace,
        api: web.as_ref().map(|web| ApiOffer { keys: Arc::clone(&store.keys), url: web.url().to_owned() }),
        editor,
    };
    let mut sweeper = tokio::spawn(sweep_periodically(Arc::clone(&options.store.archive), retention));
    let stop_bot = CancellationToken::new();
    let serving = telegram::serve(bot, options, stop_bot.clone().cancelled_owned());
    tokio::pin!(serving);
    let outcome = tokio::select! {
        served = &mut serving => served.map_err(Into::into),
        reason = ended(&mut stop, &mut worker, &mut sweeper, web.as_mut()) => {
            // Whatever else ended, the bot stops in order.
            stop_bot.cancel();
            let served = serving.await.map_err(Into::into);
            reason.map_or(served, Err)
        }
    };
    if let Err(error) = &outcome {
        tracing::error!(error = format!("{error:#}"), "the bot can not go on; unfinished jobs go back to the queue");
    }
    heart.abort();
    drop(monitor);
    sweeper.abort();
    if let Some(pages) = pages {
        pages.stop();
    }
    if let Some(web) = web {
        web.stop().await;
    }
    worker.stop().await;
    server.close().await;
    store.close().await;
    outcome
}

/// Waits for the signal to stop, or for the end of a part that has to run as long as the bot: then with the reason.
async fn ended<E>(
    stop: &mut watch::Receiver<bool>,
    worker: &mut Worker<E>,
    sweeper: &mut JoinHandle<()>,
    web: Option<&mut WebServer>,
) -> Option<anyhow::Error>
where
    E: std::error::Error + Send + Sync + 'static,
{
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => None,
        error = worker.ended() => Some(error.into()),
        error = web_ended(web) => Some(error.into()),
        ended = sweeper => Some(match ended {
            Ok(()) => anyhow!("the task that deletes old pictures ended"),
            Err(error) => anyhow!("the task that deletes old pictures failed: {error}"),
        }),
    }
}

async fn web_ended(web: Option<&mut WebServer>) -> WebError {
    match web {
        Some(web) => web.ended().await,
        None => std::future::pending().await,
    }
}

/// The HTTP API, if it is asked for.
async fn serve_web(
    args: &ServeArgs,
    store: &OpenStore,
    policy: Arc<Policy>,
    native: u32,
    editor: Option<&OpenEditor>,
) -> Result<Option<WebServer>> {
    let Some(listen) = args.web.listen() else { return Ok(None) };
    let services = WebServices {
        orders: Orders::new(&store.jobs, policy),
        store: store.jobs.clone(),
        jobs: Arc::clone(&store.api_jobs),
        keys: Arc::clone(&store.keys),
        admin: Arc::clone(&store.admin),
    };
    let (model, url) = (web_model(args, native), args.web.web_url.clone());
    let options = WebOptions {
        listen,
        url,
        model,
        timing: WebTiming::default(),
        bounds: WebBounds::default(),
        origins: args.web.api_origins.iter().map(|origin| origin.0.clone()).collect(),
    };
    let web = WebServer::start(options, services, editor.map(|editor| editor.editor.clone())).await?;
    tracing::info!(address = %web.address(), "the HTTP API is served; `kandinsky-bot key add NAME` makes a key");
    Ok(Some(web))
}

fn web_model(args: &ServeArgs, native: u32) -> WebModel {
    let name = if args.model.model.is_some() { "kandinsky-2.1" } else { "kandinsky-miniature" };
    WebModel { name: name.to_owned(), native }
}

/// The web editor, and the token by which it knows its users.
struct OpenEditor {
    editor: Editor,
    token: String,
}

impl OpenEditor {
    /// Where its buttons lead.
    fn entrance(self, args: &ServeArgs, server: &BotApi, store: &OpenStore) -> Option<EditorEntrance> {
        let base = match server {
            BotApi::Playground(playground) => playground.url().parse().ok(),
            BotApi::Telegram(_) => args.web.web_url.clone(),
        }?;
        let mut page: Url = base;
        let path = page.path().trim_end_matches('/').to_owned();
        page.set_path(&format!("{path}{EDITOR_PATH}"));
        Some(EditorEntrance { page, sessions: Arc::clone(&store.sessions) })
    }
}

/// The web editor: in Telegram if it has a public address, on the playground always.
async fn open_editor(
    args: &ServeArgs,
    account: Option<&TelegramAccount>,
    store: &OpenStore,
    policy: &Arc<Policy>,
    native: u32,
) -> Result<Option<OpenEditor>> {
    let token = match account {
        Some(_) if args.web.web_url.is_none() => return Ok(None),
        Some(account) => account.token.clone(),
        None => playground::new_token(),
    };
    let services = EditorServices {
        orders: Orders::new(&store.jobs, Arc::clone(policy)),
        store: store.jobs.clone(),
        gallery: Arc::clone(&store.gallery),
        sessions: Arc::clone(&store.sessions),
        admin: Arc::clone(&store.admin),
    };
    let options = EditorOptions {
        bot_token: token.clone(),
        url: args.web.web_url.clone(),
        model: web_model(args, native),
        is_full_model: args.model.model.is_some(),
    };
    Ok(Some(OpenEditor { editor: Editor::new(services, options).await?, token }))
}

/// Loads the model; the chat answers meanwhile.
pub(super) fn loading(options: EngineOptions, readiness: Readiness) -> impl FnOnce() -> Result<Engine, EngineError> {
    move || {
        let begun = Instant::now();
        let engine = Engine::load(&options)?.warmed_up();
        tracing::info!(seconds = begun.elapsed().as_secs_f64(), "the model is loaded");
        readiness.set_ready();
        Ok(engine)
    }
}

/// What is not drawn is not drawn in English either.
pub(super) fn review(policy: &Arc<Policy>) -> Review {
    let policy = Arc::clone(policy);
    Box::new(move |recipe: &Recipe| policy.refuses(recipe).map_or(Ok(()), |kind| Err(Failure::Moderated(kind))))
}

/// The Bot API server that the bot talks to.
enum BotApi {
    Telegram(TelegramAccount),
    Playground(Playground),
}

impl BotApi {
    async fn open(
        account: Option<TelegramAccount>,
        args: &ServeArgs,
        examples: &[Example],
        editor: Option<&OpenEditor>,
    ) -> Result<Self> {
        if let Some(account) = account {
            return Ok(Self::Telegram(account));
        }
        let suggestion =
            |example: &Example| Suggestion { ru: example.ru.clone(), en: example.en.clone(), picture: example.tile() };
        let options = Options {
            suggestions: examples.iter().map(suggestion).collect(),
            known_objects: args.model.model.is_none().then_some(examples.len()),
            folder: Some(args.data.join("playground")),
            mini_apps: editor.map(|open| MiniApps {
                token: open.token.clone(),
                pages: open.editor.router(),
                sign: sign_init_data,
                home: EDITOR_PATH.to_owned(),
            }),
        };
        match Playground::start(args.port, options).await {
            Err(error @ PlaygroundError::PortTaken(_)) => {
                Err(error).context("choose another port with --port N, or any free one with --port 0")
            }
            started => Ok(Self::Playground(started?)),
        }
    }

    /// How often the server bears edits.
    fn pace(&self) -> Pace {
        match self {
            Self::Telegram(_) => Pace::TELEGRAM,
            Self::Playground(_) => Pace::LOCAL,
        }
    }

    fn bot(&self) -> Result<Bot> {
        Ok(match self {
            Self::Telegram(account) => telegram::bot(&account.token, account.api_url.clone())?,
            Self::Playground(playground) => telegram::bot(playground.token(), Some(playground.api_url().parse()?))?,
        })
    }

    /// The page's address is the last line that a newcomer reads.
    fn announce(&self, args: &ServeArgs, native: u32) -> Result<()> {
        let Self::Playground(playground) = self else {
            tracing::info!("serving Telegram");
            return Ok(());
        };
        tracing::info!("there is no TELOXIDE_TOKEN: serving a chat page on this machine");
        // Without a terminal nobody misses it.
        let _ = std::io::stderr().write_all(welcome(args, native).as_bytes());
        let mut out = std::io::stdout();
        writeln!(out, "{}", playground.url()).and_then(|()| out.flush()).context("the address can not be printed")
    }

    async fn close(self) {
        if let Self::Playground(playground) = self {
            playground.stop().await;
        }
    }
}

/// Becomes true at Ctrl-C or SIGTERM.
pub(super) fn stop_signal() -> Result<watch::Receiver<bool>> {
    let (sender, receiver) = watch::channel(false);
    let mut terminate = Terminate::new()?;
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminate.wait() => {}
        }
        tracing::info!("stopping; an unfinished job goes back to the queue");
        service_manager::stopping();
        let _ = sender.send(true);
    });
    Ok(receiver)
}

#[cfg(unix)]
struct Terminate(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Terminate {
    fn new() -> std::io::Result<Self> {
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map(Self)
    }

    async fn wait(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(not(unix))]
struct Terminate;

#[cfg(not(unix))]
impl Terminate {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn wait(&mut self) {
        std::future::pending().await
    }
}
