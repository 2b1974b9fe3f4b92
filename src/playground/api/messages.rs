//! Text messages, chat actions, reactions, deletion.

use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::Answer;
use super::errors::ApiError;
use super::params::Params;
use crate::playground::chat_log::{Content, Place};
use crate::playground::entities::Formatted;
use crate::playground::events::PageEvent;
use crate::playground::html::parse_html;
use crate::playground::server_state::ServerState;
use crate::playground::shared::Shared;
use crate::playground::wire::{InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity};

/// Characters of a text ([sendMessage](https://core.telegram.org/bots/api#sendmessage)).
pub(crate) const TEXT_LIMIT: usize = 4_096;
/// Characters of a caption ([sendPhoto](https://core.telegram.org/bots/api#sendphoto)).
pub(crate) const CAPTION_LIMIT: usize = 1_024;
/// Bytes of a button's data.
const DATA_LIMIT: usize = 64;
/// Characters that a button copies.
const COPY_LIMIT: usize = 256;
/// Buttons of one keyboard.
const BUTTONS_LIMIT: usize = 100;
/// What a bot can be busy with ([sendChatAction](https://core.telegram.org/bots/api#sendchataction)).
const ACTIONS: [&str; 11] = [
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// `sendMessage`.
pub(super) fn send_message(shared: &Shared, params: &Params) -> Answer {
    let chat = params.chat()?;
    let text = text(params)?;
    let keyboard = keyboard(params)?;
    let mut world = shared.world();
    let place = place(&world, chat, params)?;
    let draft = world.bot_draft(Content::Text(text), place, keyboard);
    Ok(json!(world.post(chat, draft)?))
}

/// The parameter `text` with its marks, 1–4096 characters.
pub(super) fn text(params: &Params) -> Result<Formatted, ApiError> {
    checked_text(params.text("text"), params.text("parse_mode"), params.object("entities")?)
}

/// A text from its parts, 1–4096 characters.
pub(super) fn checked_text(
    text: Option<&str>,
    parse_mode: Option<&str>,
    entities: Option<Vec<MessageEntity>>,
) -> Result<Formatted, ApiError> {
    let text = formatted(text, parse_mode, entities)?;
    match text.chars() {
        0 => Err(ApiError::TextEmpty),
        1..=TEXT_LIMIT => Ok(text),
        _ => Err(ApiError::TextTooLong),
    }
}

/// The parameter `caption` with its marks, 0–1024 characters.
pub(super) fn caption(params: &Params) -> Result<Formatted, ApiError> {
    checked_caption(params.text("caption"), params.text("parse_mode"), params.object("caption_entities")?)
}

/// A caption from its parts, 0–1024 characters.
pub(super) fn checked_caption(
    text: Option<&str>,
    parse_mode: Option<&str>,
    entities: Option<Vec<MessageEntity>>,
) -> Result<Formatted, ApiError> {
    let caption = formatted(text, parse_mode, entities)?;
    if caption.chars() > CAPTION_LIMIT { Err(ApiError::CaptionTooLong) } else { Ok(caption) }
}

fn formatted(
    text: Option<&str>,
    parse_mode: Option<&str>,
    entities: Option<Vec<MessageEntity>>,
) -> Result<Formatted, ApiError> {
    let text = text.unwrap_or_default();
    match parse_mode.map(str::to_lowercase).as_deref() {
        None => Ok(Formatted::marked(text, entities.unwrap_or_default())),
        Some("html") => Ok(parse_html(text)?),
        Some(_) => Err(ApiError::ParseMode),
    }
}

/// The inline keyboard in `reply_markup`; the kinds that replace a person's own keyboard are ignored.
pub(super) fn keyboard(params: &Params) -> Result<Option<InlineKeyboardMarkup>, ApiError> {
    let keyboard = params.object::<Value>("reply_markup")?.map_or(Ok(None), checked_keyboard)?;
    // Groups and channels have negative numbers; names are theirs too.
    let is_private = params.integer("chat_id").ok().flatten().is_some_and(|chat| chat > 0);
    let mut buttons = keyboard.iter().flat_map(|keyboard| keyboard.inline_keyboard.iter().flatten());
    match !is_private && buttons.any(|button| button.action.contains_key("web_app")) {
        true => Err(ApiError::ButtonType),
        false => Ok(keyboard),
    }
}

/// The inline keyboard in a `reply_markup`.
pub(super) fn checked_keyboard(markup: Value) -> Result<Option<InlineKeyboardMarkup>, ApiError> {
    if markup.get("inline_keyboard").is_none() {
        return Ok(None);
    }
    let keyboard: InlineKeyboardMarkup =
        serde_json::from_value(markup).map_err(|_| ApiError::Malformed("can't parse inline keyboard".to_owned()))?;
    if keyboard.inline_keyboard.iter().flatten().count() > BUTTONS_LIMIT {
        return Err(ApiError::KeyboardTooLong);
    }
    keyboard.inline_keyboard.iter().flatten().try_for_each(check_button)?;
    Ok(Some(keyboard).filter(|keyboard| keyboard.inline_keyboard.iter().any(|row| !row.is_empty())))
}

fn check_button(button: &InlineKeyboardButton) -> Result<(), ApiError> {
    let action = |name: &str| button.action.get(name);
    if button.text.trim().is_empty() || button.action.is_empty() {
        return Err(ApiError::ButtonWithoutAction);
    }
    if button.callback_data().is_some_and(|data| data.is_empty() || data.len() > DATA_LIMIT) {
        return Err(ApiError::ButtonData);
    }
    if let Some(copied) = action("copy_text") {
        let length = copied["text"].as_str().unwrap_or_default().chars().count();
        if !(1..=COPY_LIMIT).contains(&length) {
            return Err(ApiError::ButtonCopyText);
        }
    }
    if let Some(app) = action("web_app") {
        // Clients open https alone; the playground's own pages have none.
        let address = app["url"].as_str().unwrap_or_default();
        let url = Url::parse(address).ok();
        let is_local = |url: &Url| matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let is_good = url.is_some_and(|url| url.scheme() == "https" || (url.scheme() == "http" && is_local(&url)));
        if !is_good {
            return Err(ApiError::ButtonUrl(address.to_owned()));
        }
    }
    if let Some(address) = action("url") {
        let address = address.as_str().unwrap_or_default();
        let parsed = Url::parse(address).ok().filter(|url| ["http", "https", "tg"].contains(&url.scheme()));
        parsed.ok_or_else(|| ApiError::ButtonUrl(address.to_owned()))?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct ReplyParameters {
    message_id: i64,
    #[serde(default)]
    allow_sending_without_reply: bool,
}

/// Where a new message goes: the message that it answers and the forum's topic, which may follow from that message.
pub(super) fn place(world: &ServerState, chat: i64, params: &Params) -> Result<Place, ApiError> {
    let log = world.open_chat(chat)?;
    let reply_to = reply_to(world, chat, params)?;
    let topic = match params.integer("message_thread_id")? {
        Some(topic) if log.has_topic(topic) => Some(topic),
        Some(_) => return Err(ApiError::ThreadNotFound),
        None => reply_to.and_then(|id| log.entry(id)).and_then(|entry| entry.draft.place.topic),
    };
    Ok(Place { reply_to, topic })
}

/// The message that a new one answers.
fn reply_to(world: &ServerState, chat: i64, params: &Params) -> Result<Option<i64>, ApiError> {
    let log = world.chat(chat)?;
    let Some(reply) = params.object::<ReplyParameters>("reply_parameters")? else { return Ok(None) };
    if log.entry(reply.message_id).is_some() {
        return Ok(Some(reply.message_id));
    }
    if reply.allow_sending_without_reply { Ok(None) } else { Err(ApiError::RepliedNotFound) }
}

/// `sendChatAction`.
pub(super) fn send_chat_action(shared: &Shared, params: &Params) -> Answer {
    let chat = params.chat()?;
    let action =
        params.text("action").filter(|action| ACTIONS.contains(action)).ok_or(ApiError::ChatAction)?.to_owned();
    let world = shared.world();
    world.open_chat(chat)?;
    world.publish(PageEvent::Action { chat, action });
    Ok(json!(true))
}

/// `setMessageReaction`: one emoji, or none.
pub(super) fn set_message_reaction(shared: &Shared, params: &Params) -> Answer {
    let (chat, message_id) = (params.chat()?, params.required_integer("message_id")?);
    let reactions: Vec<Value> = params.object("reaction")?.unwrap_or_default();
    if reactions.len() > 1 {
        return Err(ApiError::ReactionsTooMany);
    }
    let emoji = reactions.first().and_then(|reaction| reaction["emoji"].as_str()).map(str::to_owned);
    let world = shared.world();
    world.open_chat(chat)?.entry(message_id).ok_or(ApiError::ReactedNotFound)?;
    world.publish(PageEvent::Reaction { chat, message_id, emoji });
    Ok(json!(true))
}

/// `deleteMessage`.
pub(super) fn delete_message(shared: &Shared, params: &Params) -> Answer {
    let (chat, id) = (params.chat()?, params.required_integer("message_id")?);
    match shared.world().delete(chat, &[id])? {
        0 => Err(ApiError::DeletedNotFound),
        _ => Ok(json!(true)),
    }
}

/// `deleteMessages`: those not found are skipped.
pub(super) fn delete_messages(shared: &Shared, params: &Params) -> Answer {
    let chat = params.chat()?;
    let ids: Vec<i64> = params.object("message_ids")?.ok_or(ApiError::Missing("message_ids"))?;
    if !(1..=100).contains(&ids.len()) {
        return Err(ApiError::Invalid("message_ids"));
    }
    shared.world().delete(chat, &ids)?;
    Ok(json!(true))
}
