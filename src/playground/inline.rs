//! Inline mode: somebody types the bot's name and some words in any chat and sends one of the bot's results.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use super::api::errors::ApiError;
use super::chat_log::{Content, Draft, ViaBot};
use super::page_api::Who;
use super::wire::{InlineKeyboardMarkup, InlineQuery, Message};
use super::world::{World, query_id};

/// How long a query may be answered, and one of its results chosen.
const LIFETIME: Duration = Duration::from_secs(300);
/// Characters of a query.
const QUERY_LIMIT: usize = 256;

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
struct Asked {
    user: i64,
    query: String,
    asked: Instant,
    answer: Option<InlineAnswer>,
}

/// The queries of the last minutes.
#[derive(Debug, Default)]
pub(crate) struct InlineQueries {
    asked: HashMap<String, Asked>,
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

impl World {
    /// Somebody types a query in a chat; its number.
    ///
    /// # Errors
    /// An unknown chat.
    pub(super) fn ask_inline(&mut self, who: &Who, query: &str, offset: &str) -> Result<String, ApiError> {
        let chat = who.enter(self)?;
        let kind = &self.chat(chat)?.chat.kind;
        // A person's private chat here is the one with the bot.
        let chat_type = if kind == "private" { "sender".to_owned() } else { kind.clone() };
        let from = self.person(who.user()).clone();
        let (id, query) = (query_id(), query.chars().take(QUERY_LIMIT).collect::<String>());
        let asked = Asked { user: from.id, query: query.clone(), asked: Instant::now(), answer: None };
        self.inline.asked.retain(|_, asked| asked.asked.elapsed() < LIFETIME);
        self.inline.asked.insert(id.clone(), asked);
        let query = InlineQuery { id: id.clone(), from, query, offset: offset.to_owned(), chat_type };
        self.update("inline_query", &json!(query));
        Ok(id)
    }

    /// Sends one of the results of a query to a chat, in the person's name.
    ///
    /// # Errors
    /// A query or a result that is not there, and what sending refuses.
    pub(super) fn choose_inline(&mut self, who: &Who, query_id: &str, result_id: &str) -> Result<Message, ApiError> {
        let chat = who.enter(self)?;
        let asked = self.inline.asked.get(query_id).filter(|asked| asked.user == who.user());
        let asked = asked.ok_or(ApiError::QueryTooOld)?;
        let results = asked.answer.iter().flat_map(|answer| &answer.results);
        let result = results.into_iter().find(|result| result.id == result_id).cloned();
        let (result, query) = (result.ok_or(ApiError::ResultId)?, asked.query.clone());
        let inline_message_id = result.keyboard.is_some().then(super::world::query_id);
        let mut draft: Draft = who.draft(self, result.content, None);
        draft.keyboard = result.keyboard;
        draft.inline = Some(ViaBot { bot: self.bot.clone(), inline_message_id: inline_message_id.clone() });
        let from = draft.from.clone();
        let message = self.say(chat, draft)?;
        let mut chosen = json!({ "result_id": result_id, "from": from, "query": query });
        if let Some(id) = inline_message_id {
            chosen["inline_message_id"] = json!(id);
        }
        self.update("chosen_inline_result", &chosen);
        Ok(message)
    }
}
