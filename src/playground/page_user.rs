//! The user at the page, and who else acts there.

use serde::Deserialize;

use super::api::errors::ApiError;
use super::chat_log::{Content, Draft, Place};
use super::server_state::{PAGE_USER, ServerState};

/// Who acts, and where.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Who {
    pub(super) user: Option<i64>,
    pub(super) chat: Option<i64>,
    /// Topic of a forum.
    pub(super) thread: Option<i64>,
    pub(super) lang: Option<String>,
}

impl Who {
    pub(super) fn user(&self) -> i64 {
        self.user.unwrap_or(PAGE_USER)
    }

    /// Makes person and chat known, remembers the language, returns the chat.
    pub(super) fn enter(&self, world: &mut ServerState) -> Result<i64, ApiError> {
        let person = world.person(self.user());
        if let Some(lang) = self.lang.as_ref().filter(|lang| !lang.is_empty()) {
            person.language_code = Some(lang.clone());
        }
        world.chat_for(self.user(), self.chat, self.thread)
    }

    /// A message of this person.
    pub(super) fn draft(&self, world: &mut ServerState, content: Content, reply_to: Option<i64>) -> Draft {
        let from = world.person(self.user()).clone();
        let place = Place { reply_to, topic: self.thread };
        Draft { from, content, place, album: None, inline: None, keyboard: None }
    }
}
