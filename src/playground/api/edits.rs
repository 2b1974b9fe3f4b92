//! Changing messages that were sent. As on Telegram, an edit without `reply_markup` removes the buttons.

use serde_json::json;

use super::errors::ApiError;
use super::media::InputMedia;
use super::params::Params;
use super::{Answer, messages};
use crate::playground::chat_log::Content;
use crate::playground::shared::Shared;

/// `chat_id` and `message_id`; there are no inline messages here.
fn target(params: &Params) -> Result<(i64, i64), ApiError> {
    let missing = || ApiError::Malformed("message identifier is not specified".to_owned());
    let chat = params.integer("chat_id")?.ok_or_else(missing)?;
    Ok((chat, params.integer("message_id")?.ok_or_else(missing)?))
}

/// `editMessageText`.
pub(super) fn edit_text(shared: &Shared, params: &Params) -> Answer {
    let (chat, id) = target(params)?;
    let (text, keyboard) = (messages::text(params)?, messages::keyboard(params)?);
    let edited = shared.world().edit(chat, id, |draft| {
        if !matches!(draft.content, Content::Text(_)) {
            return Err(ApiError::NoTextToEdit);
        }
        draft.content = Content::Text(text);
        draft.keyboard = keyboard;
        Ok(())
    })?;
    Ok(json!(edited))
}

/// `editMessageCaption`.
pub(super) fn edit_caption(shared: &Shared, params: &Params) -> Answer {
    let (chat, id) = target(params)?;
    let (new, keyboard) = (messages::caption(params)?, messages::keyboard(params)?);
    let edited = shared.world().edit(chat, id, |draft| {
        match &mut draft.content {
            Content::Text(_) => return Err(ApiError::NoCaptionToEdit),
            Content::Photo { caption, .. } | Content::Document { caption, .. } => *caption = new,
        }
        draft.keyboard = keyboard;
        Ok(())
    })?;
    Ok(json!(edited))
}

/// `editMessageReplyMarkup`.
pub(super) fn edit_reply_markup(shared: &Shared, params: &Params) -> Answer {
    let (chat, id) = target(params)?;
    let keyboard = messages::keyboard(params)?;
    let edited = shared.world().edit(chat, id, |draft| {
        draft.keyboard = keyboard;
        Ok(())
    })?;
    Ok(json!(edited))
}

/// `editMessageMedia`: replaces photo or file with its caption; a text message becomes one with media.
pub(super) async fn edit_media(shared: &Shared, params: &Params) -> Answer {
    let (chat, id) = target(params)?;
    let keyboard = messages::keyboard(params)?;
    let media: InputMedia = params.object("media")?.ok_or(ApiError::Missing("media"))?;
    shared.world().chat(chat)?.entry(id).ok_or(ApiError::EditedNotFound)?;
    let prepared = media.prepare(shared, params).await?;
    let mut world = shared.world();
    let content = prepared.into_content(&mut world.files);
    let edited = world.edit(chat, id, |draft| {
        draft.content = content;
        draft.keyboard = keyboard;
        Ok(())
    })?;
    Ok(json!(edited))
}
