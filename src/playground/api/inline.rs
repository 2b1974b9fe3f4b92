//! Answers to inline queries.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, messages};
use crate::playground::chat_log::Content;
use crate::playground::files::Media;
use crate::playground::inline_queries::{InlineAnswer, InlineResult};
use crate::playground::server_state::ServerState;
use crate::playground::shared::Shared;
use crate::playground::wire::MessageEntity;

/// Results of one answer ([answerInlineQuery](https://core.telegram.org/bots/api#answerinlinequery)).
const RESULTS_LIMIT: usize = 50;
/// Bytes of a result's number and of `next_offset` (ibid.).
const ID_LIMIT: usize = 64;

/// What is sent instead of the result itself
/// ([InputTextMessageContent](https://core.telegram.org/bots/api#inputtextmessagecontent)).
#[derive(Deserialize)]
struct InputText {
    message_text: String,
    parse_mode: Option<String>,
    entities: Option<Vec<MessageEntity>>,
}

/// An [InlineQueryResult](https://core.telegram.org/bots/api#inlinequeryresult): an article, or a photo or file that
/// was sent before.
#[derive(Deserialize)]
struct NewResult {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    title: Option<String>,
    description: Option<String>,
    photo_file_id: Option<String>,
    document_file_id: Option<String>,
    caption: Option<String>,
    parse_mode: Option<String>,
    caption_entities: Option<Vec<MessageEntity>>,
    reply_markup: Option<Value>,
    input_message_content: Option<InputText>,
}

/// `answerInlineQuery`.
pub(super) fn answer_inline_query(shared: &Shared, params: &Params) -> Answer {
    let id = params.required_text("inline_query_id")?;
    let new: Vec<NewResult> = params.object("results")?.ok_or(ApiError::Missing("results"))?;
    if new.len() > RESULTS_LIMIT {
        return Err(ApiError::ResultsTooMany);
    }
    let next_offset = params.text("next_offset").unwrap_or_default().to_owned();
    if next_offset.len() > ID_LIMIT {
        return Err(ApiError::NextOffset);
    }
    check_ids(&new)?;
    let mut world = shared.world();
    let results = new.into_iter().map(|new| new.read(&world)).collect::<Result<_, _>>()?;
    world.inline.set_answer(id, InlineAnswer { results, next_offset })?;
    Ok(json!(true))
}

fn check_ids(results: &[NewResult]) -> Result<(), ApiError> {
    let mut seen = HashSet::new();
    for result in results {
        if !(1..=ID_LIMIT).contains(&result.id.len()) {
            return Err(ApiError::ResultId);
        }
        if !seen.insert(&result.id) {
            return Err(ApiError::ResultIdTwice);
        }
    }
    Ok(())
}

impl NewResult {
    fn read(self, world: &ServerState) -> Result<InlineResult, ApiError> {
        let keyboard = self.reply_markup.map_or(Ok(None), messages::checked_keyboard)?;
        let entities = self.caption_entities;
        let caption = messages::checked_caption(self.caption.as_deref(), self.parse_mode.as_deref(), entities)?;
        let file_id = match self.kind.as_str() {
            "photo" => Some(self.photo_file_id.ok_or(ApiError::NoDownloads)?),
            "document" => Some(self.document_file_id.ok_or(ApiError::NoDownloads)?),
            "article" => None,
            _ => return Err(ApiError::Invalid("results")),
        };
        let media = file_id.map(|id| world.files.media(&id).cloned().ok_or(ApiError::WrongFile)).transpose()?;
        let wanted = |found, wanted| Err(ApiError::FileKind { found, wanted });
        let content = match (self.input_message_content, media, self.kind.as_str()) {
            (_, Some(Media::Photo(_)), "document") => return wanted("Photo", "Document"),
            (_, Some(Media::Document(_)), "photo") => return wanted("Document", "Photo"),
            (Some(text), _, _) => Content::Text(messages::checked_text(
                Some(&text.message_text),
                text.parse_mode.as_deref(),
                text.entities,
            )?),
            (None, Some(Media::Photo(sizes)), _) => Content::Photo { sizes, caption, spoiler: false },
            (None, Some(Media::Document(document)), _) => Content::Document { document, caption },
            (None, None, _) => {
                return Err(ApiError::Malformed("can't find field \"input_message_content\"".to_owned()));
            }
        };
        Ok(InlineResult { id: self.id, title: self.title, description: self.description, content, keyboard })
    }
}
