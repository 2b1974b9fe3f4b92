//! What all requests share.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::api::errors::ApiError;
use super::faults::{Fault, Faults};
use super::server_state::ServerState;

/// A prompt that the page offers to someone who does not know what to write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestion {
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
    /// What was drawn for it, as JPEG.
    pub picture: Option<&'static [u8]>,
}

/// Signs launch data: the fields, and the bot's token.
pub type SignLaunchData = fn(&[(&str, &str)], &str) -> String;

/// Pages that are opened as Mini Apps.
#[derive(Clone)]
pub struct MiniApps {
    /// The bot's token, from [`new_token`](super::new_token): the pages check launch data by it.
    pub token: String,
    /// The pages.
    pub pages: axum::Router,
    /// Signs launch data.
    pub sign: SignLaunchData,
    /// The path of the page that opens without a button.
    pub home: String,
}

/// Without the token.
impl std::fmt::Debug for MiniApps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MiniApps").field("home", &self.home).finish_non_exhaustive()
    }
}

/// What differs between one playground and another.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Prompts that the page offers.
    pub suggestions: Vec<Suggestion>,
    /// How many objects the built-in miniature knows; `None` where a full model draws.
    pub known_objects: Option<usize>,
    /// Where the chats are kept; without it they end with the process.
    pub folder: Option<PathBuf>,
    /// Pages that are opened as Mini Apps.
    pub mini_apps: Option<MiniApps>,
}

/// A call of the bot that was refused for what is in it, not for a fault that a test injected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The method, in lower case.
    pub method: String,
    /// The server's words.
    pub description: String,
}

/// What all requests share.
pub(crate) struct Shared {
    pub(crate) port: u16,
    pub(crate) token: String,
    pub(crate) options: Options,
    state: Mutex<ServerState>,
    faults: Mutex<Faults>,
    refusals: Mutex<Vec<Refusal>>,
    stopping: watch::Receiver<bool>,
}

impl Shared {
    pub(crate) fn new(
        port: u16,
        token: String,
        options: Options,
        state: ServerState,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        Self {
            port,
            token,
            options,
            state: Mutex::new(state),
            faults: Mutex::default(),
            refusals: Mutex::default(),
            stopping,
        }
    }

    /// Keeps the chats where the options say. A folder that can not be used costs the history only.
    pub(crate) fn keep_chats(&self) {
        let Some(folder) = &self.options.folder else { return };
        if let Err(error) = self.world().keep_in(folder) {
            tracing::warn!(%error, folder = %folder.display(), "the page's chat can not be kept; it ends with the program");
        }
    }

    /// The next call of `method` meets this fault.
    #[cfg(any(debug_assertions, feature = "faults"))]
    pub(crate) fn add_fault(&self, method: &str, fault: Fault) {
        lock(&self.faults).add(method, fault);
    }

    /// Notes a call of the bot that was refused; kept for tests only.
    pub(crate) fn note_refusal(&self, method: &str, error: &ApiError) {
        if cfg!(any(debug_assertions, feature = "faults")) {
            lock(&self.refusals).push(Refusal { method: method.to_owned(), description: error.to_string() });
        }
    }

    /// The refused calls so far.
    #[cfg(any(debug_assertions, feature = "faults"))]
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        lock(&self.refusals).clone()
    }

    /// The state, locked; never held across an `await`.
    pub(crate) fn world(&self) -> MutexGuard<'_, ServerState> {
        lock(&self.state)
    }

    /// The fault that waits for this method, if any.
    pub(crate) fn take_fault(&self, method: &str) -> Option<Fault> {
        lock(&self.faults).take(method)
    }

    /// Returns when the server is about to stop.
    pub(crate) async fn stopping(&self) {
        let mut stopping = self.stopping.clone();
        // An error means that the `Playground` was dropped: that is a stop as well.
        let _dropped = stopping.wait_for(|stop| *stop).await;
    }
}

/// Without the token: it must not reach a log.
impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("port", &self.port).field("options", &self.options).finish_non_exhaustive()
    }
}

/// A panic elsewhere does not make the state unusable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
