//! Starting, running and ending the bot.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use teloxide::dispatching::{Dispatcher, UpdateFilterExt, UpdateHandler};
use teloxide::error_handlers::ErrorHandler;
use teloxide::prelude::{Bot, Requester};
use teloxide::requests::Request;
use teloxide::types::{CallbackQuery, InlineQuery, Me, Message, Update};
use teloxide::update_listeners::Polling;
use teloxide::{ApiError, RequestError, dptree};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use url::{Host, Url};

use super::albums::Albums;
use super::alerts::Alerts;
use super::api::Api;
use super::broadcast::Broadcaster;
use super::delivery::Delivery;
use super::fault::brief;
use super::fetching::Fetcher;
use super::gate::Gate;
use super::gathering::Gatherer;
use super::handler::Handler;
use super::lanes::Lanes;
use super::progress::Progress;
use super::repeats::{DoubleTaps, SeenUpdates};
use super::turns::Turns;
use super::updates::{self, Incoming};
use super::whereabouts::Whereabouts;
use super::{commands, profile};
use crate::chats::ChatStore;
use crate::conversation::Example;
use crate::house::{HouseRules, HouseStore};
use crate::jobs::JobQueue;

/// How long the server may hold a request for updates open.
const POLL_TIMEOUT: Duration = Duration::from_secs(30);
/// The whole of one request; uploads of albums take their time.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long what has begun may take to end after the shutdown.
const GRACE: Duration = Duration::from_secs(5);
/// Pauses between attempts to reach the server double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What the bot works with.
pub struct TelegramOptions {
    /// The queue.
    pub queue: Arc<dyn JobQueue>,
    /// The chats' memory.
    pub chats: ChatStore,
    /// Prompts to suggest, such as the model at hand draws well; three or four fit below a greeting.
    pub examples: Vec<Example>,
    /// The side of the model's own square pictures, in pixels.
    pub native: u32,
    /// What the owner decided.
    pub rules: Arc<HouseRules>,
    /// What the owner decides while the bot runs.
    pub house: HouseStore,
}

/// Why the bot can not serve.
#[derive(Debug, thiserror::Error)]
pub enum TelegramError {
    /// The server does not know the token.
    #[error("the Bot API server does not accept the token; copy it from @BotFather into TELOXIDE_TOKEN once more")]
    WrongToken,
    /// The address can not be one of a Bot API server.
    #[error("{address} is no address of a Bot API server; TELOXIDE_API_URL must begin with http:// or https://")]
    ApiUrl {
        /// What was given.
        address: String,
    },
    /// The HTTP client can not be made.
    #[error("no HTTP client can be made: {reason}")]
    Client {
        /// What it says.
        reason: String,
    },
}

/// A bot with time-outs that suit long polling and uploads; `api_url` is the Bot API server, by default Telegram's own.
///
/// # Errors
/// [`TelegramError::ApiUrl`] and [`TelegramError::Client`].
pub fn bot(token: &str, api_url: Option<Url>) -> Result<Bot, TelegramError> {
    if let Some(url) = api_url.as_ref().filter(|url| !matches!(url.scheme(), "http" | "https")) {
        return Err(TelegramError::ApiUrl { address: url.to_string() });
    }
    let mut client =
        teloxide::net::default_reqwest_settings().connect_timeout(CONNECT_TIMEOUT).timeout(REQUEST_TIMEOUT);
    if api_url.as_ref().is_some_and(is_local) {
        // A proxy on the way out knows nothing of this machine's own addresses.
        client = client.no_proxy();
    }
    let client = client.build().map_err(|error| TelegramError::Client { reason: error.without_url().to_string() })?;
    let bot = Bot::with_client(token, client);
    Ok(match api_url {
        Some(mut url) => {
            // teloxide appends path segments; an empty last one would double the slash.
            let path = url.path().trim_end_matches('/').to_owned();
            url.set_path(&path);
            bot.set_api_url(url)
        }
        None => bot,
    })
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Serves until `shutdown` ends. While the server can not be reached, it is tried again, for ever.
///
/// # Errors
/// [`TelegramError::WrongToken`].
pub async fn serve(
    bot: Bot,
    options: TelegramOptions,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), TelegramError> {
    let mut shutdown = Box::pin(shutdown.shared());
    loop {
        let me = tokio::select! {
            connected = connect(&bot) => connected?,
            () = &mut shutdown => return Ok(()),
        };
        let house = House::open(&bot, &me, &options);
        let outcome = house.dispatch(&bot, shutdown.clone()).await;
        house.close().await;
        match outcome {
            Ok(()) => return Ok(()),
            Err(error) => tracing::warn!(error = brief(&error), "the connection was lost at the start"),
        }
    }
}

/// Waits until the server answers.
async fn connect(bot: &Bot) -> Result<Me, TelegramError> {
    let mut pause = FIRST_PAUSE;
    loop {
        match bot.get_me().send().await {
            Ok(me) => {
                tracing::info!(bot = me.username(), "connected to the Bot API server");
                return Ok(me);
            }
            Err(RequestError::Api(ApiError::InvalidToken)) => return Err(TelegramError::WrongToken),
            Err(error) => {
                // Once: the next attempts would say the same.
                if pause == FIRST_PAUSE {
                    tracing::warn!(error = brief(&error), "the Bot API server can not be reached; trying again");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Everything that runs while the bot serves.
struct House {
    handler: Arc<Handler>,
    lanes: Lanes,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl House {
    fn open(bot: &Bot, me: &Me, options: &TelegramOptions) -> Self {
        let (api, lanes) = (Api::new(bot.clone()), Lanes::default());
        let queue = &options.queue;
        let progress = Arc::new(Progress::new(Arc::clone(queue), api.clone()));
        let fetcher = Fetcher { api: api.clone(), queue: Arc::clone(queue) };
        let gatherer = Arc::new(Gatherer::new(fetcher.clone()));
        let (chats, rules, house) = (options.chats.clone(), Arc::clone(&options.rules), options.house.clone());
        let whereabouts = Whereabouts { queue: Arc::clone(queue), chats: chats.clone(), house: house.clone() };
        let delivery = Arc::new(Delivery::new(api.clone(), Arc::clone(&progress), whereabouts.clone()));
        let broadcaster = Arc::new(Broadcaster { api: api.clone(), whereabouts, begun: Notify::new() });
        let alerts = Alerts {
            queue: Arc::clone(queue),
            rules: Arc::clone(&rules),
            house: house.clone(),
            chats,
            api: api.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        let handler = Arc::new(Handler {
            queue: Arc::clone(queue),
            chats: options.chats.clone(),
            examples: options.examples.clone(),
            api,
            lanes: lanes.clone(),
            progress: Arc::clone(&progress),
            delivery: Arc::clone(&delivery),
            fetcher,
            albums: Albums::default(),
            stopped: stopped.clone(),
            turns: Turns::default(),
            native: options.native,
            username: me.username().to_owned(),
            double_taps: DoubleTaps::default(),
            gate: Gate::new(Arc::clone(&rules), house),
            broadcaster: Arc::clone(&broadcaster),
            bot_id: updates::requester(me.id).0,
        });
        let mut tasks = JoinSet::new();
        let resuming = Arc::clone(&handler);
        tasks.spawn(async move { resuming.resume_albums().await });
        let mut until = stopped.clone();
        tasks.spawn(async move {
            tokio::select! {
                () = async { tokio::join!(progress.run(), alerts.run()); } => {}
                _ = until.wait_for(|stop| *stop) => {}
            }
        });
        tasks.spawn(gatherer.run(stopped.clone()));
        tasks.spawn(delivery.run(stopped.clone()));
        tasks.spawn(async move { broadcaster.run(stopped).await });
        let bot = bot.clone();
        tasks.spawn(async move {
            commands::publish(&bot, &rules.admins).await;
            if !rules.keep_profile {
                profile::publish(&bot).await;
            }
        });
        Self { handler, lanes, tasks, stop }
    }

    /// Answers updates until the shutdown.
    async fn dispatch(&self, bot: &Bot, shutdown: impl Future<Output = ()>) -> Result<(), RequestError> {
        let mut dispatcher = Dispatcher::builder(bot.clone(), tree())
            .dependencies(dptree::deps![Arc::clone(&self.handler), Arc::new(SeenUpdates::default())])
            .default_handler(|_| async {})
            .build();
        let token = dispatcher.shutdown_token();
        let listener = Polling::builder(bot.clone()).timeout(POLL_TIMEOUT).delete_webhook().await.build();
        let dispatching = dispatcher.try_dispatch_with_listener(listener, Arc::new(ListenerErrors));
        tokio::pin!(dispatching);
        tokio::select! {
            outcome = &mut dispatching => return outcome,
            () = shutdown => {}
        }
        // The listener tells the server which updates were taken; a dead server must not hold up the end.
        if token.shutdown().is_ok() {
            let _ = tokio::time::timeout(GRACE, dispatching).await;
        }
        Ok(())
    }

    async fn close(mut self) {
        self.stop.send_replace(true);
        self.lanes.close(GRACE).await;
        let _ = tokio::time::timeout(GRACE, async { while self.tasks.join_next().await.is_some() {} }).await;
    }
}

/// Which updates are asked for, and who answers them.
fn tree() -> UpdateHandler<Infallible> {
    dptree::entry()
        .branch(Update::filter_message().endpoint(
            |update: Update, message: Message, me: Me, handler: Arc<Handler>, seen: Arc<SeenUpdates>| async move {
                if let Some((from, to)) = updates::moved_chat(&message) {
                    handler.broadcaster.whereabouts.moved(from, to).await;
                }
                if seen.is_new(update.id.0) {
                    guarded(answer(handler, updates::from_message(&message, &me))).await;
                }
                Ok(())
            },
        ))
        .branch(Update::filter_inline_query().endpoint(
            |update: Update, query: InlineQuery, handler: Arc<Handler>, seen: Arc<SeenUpdates>| async move {
                if seen.is_new(update.id.0) {
                    guarded(async move { handler.inline(query).await }).await;
                }
                Ok(())
            },
        ))
        .branch(Update::filter_callback_query().endpoint(
            |update: Update, query: CallbackQuery, handler: Arc<Handler>, seen: Arc<SeenUpdates>| async move {
                if seen.is_new(update.id.0) {
                    guarded(answer(handler, updates::from_press(&query))).await;
                }
                Ok(())
            },
        ))
}

async fn answer(handler: Arc<Handler>, incoming: Option<Incoming>) {
    if let Some(incoming) = incoming {
        let begun = Instant::now();
        handler.handle(incoming).await;
        tracing::trace!(microseconds = begun.elapsed().as_micros() as u64, "an update was answered");
    }
}

/// A panic in a handler would end the chat's worker, and its next update the whole dispatcher.
async fn guarded(answer: impl Future<Output = ()>) {
    if AssertUnwindSafe(answer).catch_unwind().await.is_err() {
        tracing::error!("answering an update panicked");
    }
}

/// Writes down why updates do not come; teloxide tries again by itself.
struct ListenerErrors;

impl ErrorHandler<RequestError> for ListenerErrors {
    fn handle_error(self: Arc<Self>, error: RequestError) -> BoxFuture<'static, ()> {
        match error {
            RequestError::Api(ApiError::TerminatedByOtherGetUpdates) => {
                tracing::error!("another program asks for this bot's updates; only one can have them");
            }
            error => tracing::warn!(error = brief(&error), "updates can not be fetched; trying again"),
        }
        Box::pin(async {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handler_tree_fits_its_dependencies() {
        let bot = bot("1:a", None).unwrap();
        let _ = tree();
        assert_eq!(bot.api_url().as_str(), "https://api.telegram.org/");
    }

    #[tokio::test]
    async fn a_panic_costs_one_answer() {
        guarded(async { panic!("on purpose") }).await;
    }

    #[test]
    fn an_address_may_end_in_a_slash_and_must_be_one_of_the_web() {
        let url = |text: &str| Some(Url::parse(text).unwrap());
        assert_eq!(bot("1:a", url("http://127.0.0.1:8081/tg/")).unwrap().api_url().path(), "/tg");
        assert!(matches!(bot("1:a", url("data:text/plain,x")), Err(TelegramError::ApiUrl { .. })));
    }

    #[test]
    fn this_machine_is_reached_without_a_proxy() {
        for (address, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:1", true),
            ("https://api.telegram.org", false),
        ] {
            assert_eq!(is_local(&Url::parse(address).unwrap()), expected, "{address}");
        }
    }
}
