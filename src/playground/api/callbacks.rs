//! Answers to pressed buttons.

use serde_json::json;

use super::Answer;
use super::errors::ApiError;
use super::params::Params;
use crate::playground::shared::Shared;

/// Characters of an answer ([answerCallbackQuery](https://core.telegram.org/bots/api#answercallbackquery)).
const ANSWER_LIMIT: usize = 200;

/// `answerCallbackQuery`.
pub(super) fn answer_callback_query(shared: &Shared, params: &Params) -> Answer {
    let id = params.required_text("callback_query_id")?;
    let text = params.text("text").unwrap_or_default();
    if text.chars().count() > ANSWER_LIMIT {
        return Err(ApiError::Malformed("MESSAGE_TOO_LONG".to_owned()));
    }
    shared.world().answer(id, text.to_owned(), params.flag("show_alert"))?;
    Ok(json!(true))
}
