//! What the page is told while it is open.

use serde::Serialize;

use super::wire::Message;

/// Something that happened in a chat, as the page's event stream sends it.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum PageEvent {
    /// A new message, of either side.
    Message { chat: i64, message: Box<Message> },
    /// A message has a new content or keyboard.
    Edited { chat: i64, message: Box<Message> },
    /// Messages are gone.
    Deleted { chat: i64, message_ids: Vec<i64> },
    /// The bot answered a pressed button: a short note, or a window if `alert`. An empty text only ends the wait.
    Answer { chat: i64, user: i64, callback_query_id: String, text: String, alert: bool },
    /// The bot is busy: `typing`, `upload_photo`, … for five seconds at most.
    Action { chat: i64, action: String },
    /// The bot's reaction to a message; none takes it back.
    Reaction { chat: i64, message_id: i64, emoji: Option<String> },
    /// Name, descriptions or commands of the bot changed.
    Profile,
}

impl PageEvent {
    /// The chat it belongs to; none for all.
    pub(crate) fn chat(&self) -> Option<i64> {
        match self {
            Self::Message { chat, .. }
            | Self::Edited { chat, .. }
            | Self::Deleted { chat, .. }
            | Self::Answer { chat, .. }
            | Self::Action { chat, .. }
            | Self::Reaction { chat, .. } => Some(*chat),
            Self::Profile => None,
        }
    }

    /// The only person who may see it; none for everyone in the chat.
    pub(crate) fn only_for(&self) -> Option<i64> {
        match self {
            Self::Answer { user, .. } => Some(*user),
            _ => None,
        }
    }
}
