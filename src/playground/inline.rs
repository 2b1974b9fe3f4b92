//! Inline mode: a user types the bot's name and some words in any chat and sends one of the bot's results.

use std::time::Instant;

use serde_json::json;

use super::api::errors::ApiError;
use super::chat_log::{Draft, ViaBot};
use super::inline_queries::{Asked, LIFETIME};
use super::page_user::Who;
use super::server_state::{ServerState, query_id};
use super::wire::{InlineQuery, Message};

/// Characters of a query.
const QUERY_LIMIT: usize = 256;

impl ServerState {
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
        let inline_message_id = result.keyboard.is_some().then(self::query_id);
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
