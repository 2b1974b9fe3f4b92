//! Inline queries and the bot's answers.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use super::api::errors::ApiError;
use super::chat_log::Content;
use super::wire::InlineKeyboardMarkup;

/// How long a query may be answered, and one of its results chosen.
pub(super) const LIFETIME: Duration = Duration::from_secs(300);
/// One of the bot's results.
#[derive(Clone, Debug)]
pub(crate) struct InlineResult {
    pub(crate) id: String,
    /// What the list of results shows.
    pub(crate) title: Option<String>,
    pub(crate) description: Option<String>,
    /// What is sent.
    pub(crate) content: Content,
    pub(crate) keyboard: Option<InlineKeyboardMarkup>,
}

/// What the bot answered.
#[derive(Clone, Debug)]
pub(crate) struct InlineAnswer {
    pub(crate) results: Vec<InlineResult>,
    pub(crate) next_offset: String,
}

#[derive(Debug)]
pub(super) struct Asked {
    pub(super) user: i64,
    pub(super) query: String,
    pub(super) asked: Instant,
    pub(super) answer: Option<InlineAnswer>,
}

/// The queries of the last minutes.
#[derive(Debug, Default)]
pub(crate) struct InlineQueries {
    pub(super) asked: HashMap<String, Asked>,
    /// Wakes those who wait for an answer.
    pub(crate) answered: Arc<Notify>,
}

impl InlineQueries {
    /// The answer to a query, once it is there.
    pub(crate) fn answer(&self, id: &str) -> Option<&InlineAnswer> {
        self.asked.get(id)?.answer.as_ref()
    }

    /// Keeps the bot's answer and wakes the page.
    ///
    /// # Errors
    /// A query that does not exist, is old or was answered.
    pub(crate) fn set_answer(&mut self, id: &str, answer: InlineAnswer) -> Result<(), ApiError> {
        let asked = self.asked.get_mut(id).filter(|asked| asked.answer.is_none() && asked.asked.elapsed() < LIFETIME);
        asked.ok_or(ApiError::QueryTooOld)?.answer = Some(answer);
        self.answered.notify_waiters();
        Ok(())
    }
}

impl InlineResult {
    /// As the list of results shows it: `id`, `type`, `title`, `description`, and `photo`, `document` or `text`.
    pub(crate) fn shown(&self) -> Value {
        let (kind, what) = match &self.content {
            Content::Text(text) => ("text", json!(text.text)),
            Content::Photo { sizes, .. } => ("photo", json!(sizes)),
            Content::Document { document, .. } => ("document", json!(document)),
        };
        let mut shown = Map::from_iter([("id".to_owned(), json!(self.id)), (kind.to_owned(), what)]);
        shown.insert("type".to_owned(), json!(if kind == "text" { "article" } else { kind }));
        for (field, value) in [("title", &self.title), ("description", &self.description)] {
            if let Some(value) = value {
                shown.insert(field.to_owned(), json!(value));
            }
        }
        Value::Object(shown)
    }
}
