//! What the bot works with.

use std::sync::Arc;

use url::Url;

use crate::chats::ChatStore;
use crate::conversation::Example;
use crate::gallery::EditorSessions;
use crate::jobs::{JobStore, Pace};
use crate::keys::ApiKeys;
use crate::policy::{AdminStore, Broadcasts, Policy};

/// What the bot works with.
#[derive(Clone)]
pub struct TelegramOptions {
    /// The jobs.
    pub store: JobStore,
    /// The states of chats.
    pub chats: Arc<dyn ChatStore>,
    /// What the owner decides while the bot runs.
    pub admin: Arc<dyn AdminStore>,
    /// Messages of the owner to all users.
    pub broadcasts: Arc<dyn Broadcasts>,
    /// The rules from the settings.
    pub policy: Arc<Policy>,
    /// Prompts to suggest, such as the model at hand draws well; three or four fit below a greeting.
    pub examples: Vec<Example>,
    /// The side of the model's own square pictures, in pixels.
    pub native: u32,
    /// Whether greetings, thanks and questions are answered instead of drawn: a small model knows no picture for them.
    pub answers_small_talk: bool,
    /// How often messages about progress are edited.
    pub pace: Pace,
    /// The HTTP API, if it is served.
    pub api: Option<ApiOffer>,
    /// The web editor, where there is one.
    pub editor: Option<EditorEntrance>,
}

/// The HTTP API as it is offered to users.
#[derive(Clone)]
pub struct ApiOffer {
    /// The keys.
    pub keys: Arc<dyn ApiKeys>,
    /// The address under which programs reach it, without a slash at its end.
    pub url: String,
}

/// Where the web editor is, and who may come in.
#[derive(Clone)]
pub struct EditorEntrance {
    /// The address of its page.
    pub page: Url,
    /// Keeps the codes that open it in a browser.
    pub sessions: Arc<dyn EditorSessions>,
}
