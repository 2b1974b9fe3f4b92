//! Starting and stopping the playground.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::{Router, middleware};
use rand::Rng;
use rand::distr::Alphanumeric;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

#[cfg(any(debug_assertions, feature = "faults"))]
use super::faults::Fault;
#[cfg(any(debug_assertions, feature = "faults"))]
use super::page_block;
use super::server_state::{PAGE_USER, ServerState};
use super::shared::{Options, Shared};
use super::wire::User;
use super::{api, guard, mini_apps, page_api, page_assets};

/// The bot's number; a token begins with it.
const BOT_ID: i64 = 1_000_000_001;
/// How long open requests may take to end when the server stops.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why the playground did not start.
#[derive(Debug, Error)]
pub enum PlaygroundError {
    /// Something else listens on this port.
    #[error("port {0} is taken by another program")]
    PortTaken(u16),
    /// The port cannot be listened on for another reason, e.g. one below 1024 without the right to it.
    #[error("cannot listen on port {port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
}

/// A running playground. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Playground {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    task: JoinHandle<io::Result<()>>,
}

impl Playground {
    /// Listens on `127.0.0.1:port` (0: any free port) and serves the page and the Bot API.
    ///
    /// # Errors
    /// [`PlaygroundError::PortTaken`], and other reasons why the port cannot be had.
    pub async fn start(port: u16, options: Options) -> Result<Self, PlaygroundError> {
        let listener = listen(port).await?;
        let port = listener.local_addr().map_err(|source| PlaygroundError::Listen { port, source })?.port();
        let (stop, stopping) = watch::channel(false);
        let token = options.mini_apps.as_ref().map_or_else(new_token, |apps| apps.token.clone());
        let shared = Arc::new(Shared::new(port, token, options, ServerState::new(bot()), stopping));
        shared.keep_chats();
        shared.world().person(PAGE_USER);
        let (router, stopped) = (router(&shared), Arc::clone(&shared));
        let server = axum::serve(listener, router).with_graceful_shutdown(async move { stopped.stopping().await });
        let task = tokio::spawn(server.into_future());
        Ok(Self { shared, stop, task })
    }

    /// The page's address, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.shared.port)
    }

    /// What the bot takes for `https://api.telegram.org`.
    #[must_use]
    pub fn api_url(&self) -> String {
        self.url()
    }

    /// The bot's token, made at start. A secret: whoever has it is the bot.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.shared.token
    }

    /// The next call of `method` meets this fault; several wait in line. `file` is the download of a file. Only debug builds and
    /// the feature `faults` have it.
    #[cfg(any(debug_assertions, feature = "faults"))]
    pub fn inject(&self, method: &str, fault: Fault) {
        self.shared.add_fault(method, fault);
    }

    /// The bot gets this update with its next `getUpdates`, as it is: `{"update_id": …, kind: payload}`. Only debug builds and the
    /// feature `faults` have it.
    #[cfg(any(debug_assertions, feature = "faults"))]
    pub fn push_update(&self, kind: &str, payload: &serde_json::Value) {
        self.shared.world().update(kind, payload);
    }

    /// The calls of the bot that were refused so far, but for those that met an injected fault. Only debug builds and the
    /// feature `faults` have it.
    #[cfg(any(debug_assertions, feature = "faults"))]
    #[must_use]
    pub fn refusals(&self) -> Vec<super::shared::Refusal> {
        self.shared.refusals()
    }

    /// Ends open polls and event streams, then the server.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(PATIENCE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

async fn listen(port: u16) -> Result<TcpListener, PlaygroundError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => PlaygroundError::PortTaken(port),
        _ => PlaygroundError::Listen { port, source },
    })
}

fn router(shared: &Arc<Shared>) -> Router {
    let router = Router::new().merge(page_assets::router()).merge(page_api::router()).merge(api::router());
    let router = router.merge(mini_apps::router());
    #[cfg(any(debug_assertions, feature = "faults"))]
    let router = router.merge(page_block::router());
    let pages = shared.options.mini_apps.as_ref().map(|apps| apps.pages.clone()).unwrap_or_default();
    router
        .with_state(Arc::clone(shared))
        .merge(pages)
        .layer(middleware::from_fn_with_state(Arc::clone(shared), guard::own_requests_only))
}

fn bot() -> User {
    User {
        id: BOT_ID,
        is_bot: true,
        first_name: "Kandinsky".to_owned(),
        username: Some("kandinsky_playground_bot".to_owned()),
        language_code: None,
    }
}

/// A new token for a bot, `1000000001:AA…`, of the shape that Telegram gives out.
#[must_use]
pub fn new_token() -> String {
    let secret: String = rand::rng().sample_iter(&Alphanumeric).take(33).map(char::from).collect();
    format!("{BOT_ID}:AA{secret}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_telegrams_shape_and_differ() {
        let token = new_token();
        let (id, secret) = token.split_once(':').unwrap_or_default();
        assert_eq!((id, secret.len()), ("1000000001", 35));
        assert!(secret.starts_with("AA") && secret.chars().all(|c| c.is_ascii_alphanumeric()));
        assert_ne!(token, new_token());
    }
}
