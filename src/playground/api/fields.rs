//! The fields that methods and their objects take, as published.
//!
//! Telegram passes over a field that it does not know; here it is refused, so that a misspelt or outdated one is found.

use serde_json::{Map, Value};

use super::errors::ApiError;
use super::params::Params;

/// Fields by method (<https://core.telegram.org/bots/api#available-methods>).
const METHODS: &[(&str, &str)] = &[
    ("getme", ""),
    ("getupdates", "offset limit timeout allowed_updates"),
    ("deletewebhook", "drop_pending_updates"),
    ("getwebhookinfo", ""),
    (
        "sendmessage",
        "business_connection_id chat_id message_thread_id direct_messages_topic_id text parse_mode entities \
         link_preview_options disable_notification protect_content allow_paid_broadcast message_effect_id \
         suggested_post_parameters reply_parameters reply_markup",
    ),
    ("sendchataction", "business_connection_id chat_id message_thread_id action"),
    ("setmessagereaction", "chat_id message_id reaction is_big"),
    ("deletemessage", "chat_id message_id"),
    ("deletemessages", "chat_id message_ids"),
    (
        "sendphoto",
        "business_connection_id chat_id message_thread_id direct_messages_topic_id photo caption parse_mode \
         caption_entities show_caption_above_media has_spoiler disable_notification protect_content \
         allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters reply_markup",
    ),
    (
        "senddocument",
        "business_connection_id chat_id message_thread_id direct_messages_topic_id document thumbnail caption \
         parse_mode caption_entities disable_content_type_detection disable_notification protect_content \
         allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters reply_markup",
    ),
    (
        "sendmediagroup",
        "business_connection_id chat_id message_thread_id direct_messages_topic_id media disable_notification \
         protect_content allow_paid_broadcast message_effect_id reply_parameters",
    ),
    (
        "editmessagetext",
        "business_connection_id chat_id message_id inline_message_id text parse_mode entities \
         link_preview_options rich_message reply_markup",
    ),
    (
        "editmessagecaption",
        "business_connection_id chat_id message_id inline_message_id caption parse_mode caption_entities \
         show_caption_above_media reply_markup",
    ),
    ("editmessagereplymarkup", "business_connection_id chat_id message_id inline_message_id reply_markup"),
    ("editmessagemedia", "business_connection_id chat_id message_id inline_message_id media reply_markup"),
    ("answercallbackquery", "callback_query_id text show_alert url cache_time"),
    ("answerinlinequery", "inline_query_id results cache_time is_personal next_offset button"),
    ("getfile", "file_id"),
    ("setmycommands", "commands scope language_code"),
    ("getmycommands", "scope language_code"),
    ("deletemycommands", "scope language_code"),
    ("setchatmenubutton", "chat_id menu_button"),
    ("getchatmenubutton", "chat_id"),
    ("setmyname", "name language_code"),
    ("getmyname", "language_code"),
    ("setmydescription", "description language_code"),
    ("getmydescription", "language_code"),
    ("setmyshortdescription", "short_description language_code"),
    ("getmyshortdescription", "language_code"),
];

/// Fields of objects by the field that holds them (<https://core.telegram.org/bots/api#available-types>); media and
/// inline results by their type.
const OBJECTS: &[(&str, &str)] = &[
    (
        "reply_parameters",
        "message_id chat_id allow_sending_without_reply quote quote_parse_mode quote_entities quote_position \
         checklist_task_id poll_option_id",
    ),
    (
        "inline_keyboard",
        "text icon_custom_emoji_id style url callback_data web_app login_url switch_inline_query \
         switch_inline_query_current_chat switch_inline_query_chosen_chat copy_text callback_game pay",
    ),
    ("photo", "type media caption parse_mode caption_entities show_caption_above_media has_spoiler"),
    ("document", "type media thumbnail caption parse_mode caption_entities disable_content_type_detection"),
    (
        "result photo",
        "type id photo_file_id title description caption parse_mode caption_entities show_caption_above_media \
         reply_markup input_message_content",
    ),
    (
        "result document",
        "type id title document_file_id description caption parse_mode caption_entities reply_markup \
         input_message_content",
    ),
    (
        "result article",
        "type id title input_message_content reply_markup url description thumbnail_url thumbnail_width \
         thumbnail_height",
    ),
    ("input_message_content", "message_text parse_mode entities link_preview_options"),
    ("link_preview_options", "is_disabled url prefer_small_media prefer_large_media show_above_text"),
    ("commands", "command description"),
    ("scope", "type chat_id"),
    ("button", "text web_app start_parameter"),
];

/// Checks a call of `method`, in lower case, down to the objects in it.
///
/// # Errors
/// A method that is not known, and a field that it does not have.
pub(super) fn check(method: &str, params: &Params) -> Result<(), ApiError> {
    let fields = fields(METHODS, method).ok_or(ApiError::UnknownMethod)?;
    for (name, value) in params.values() {
        known(&fields, name)?;
        check_inside(name, value)?;
    }
    for part in params.parts() {
        if !fields.contains(&part) && !params.refers_to(part) {
            return Err(ApiError::UnknownField(part.to_owned()));
        }
    }
    Ok(())
}

/// Checks the objects in a parameter; what can not be read is refused elsewhere.
fn check_inside(name: &str, value: &Value) -> Result<(), ApiError> {
    let parsed = match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        other => other.clone(),
    };
    match (name, &parsed) {
        ("reply_markup", Value::Object(markup)) => check_keyboard(markup),
        ("media", media) => each(media, |item| check_object(kind_of(item), item)),
        ("results", results) => each(results, check_result),
        ("reply_parameters" | "link_preview_options" | "scope" | "button" | "commands", object) => {
            each(object, |object| check_object(name, object))
        }
        _ => Ok(()),
    }
}

fn check_result(result: &Map<String, Value>) -> Result<(), ApiError> {
    check_object(&format!("result {}", kind_of(result)), result)?;
    if let Some(Value::Object(content)) = result.get("input_message_content") {
        check_object("input_message_content", content)?;
    }
    match result.get("reply_markup") {
        Some(Value::Object(markup)) => check_keyboard(markup),
        _ => Ok(()),
    }
}

fn check_keyboard(markup: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(Value::Array(rows)) = markup.get("inline_keyboard") else { return Ok(()) };
    markup.keys().try_for_each(|key| known(&["inline_keyboard"], key))?;
    rows.iter().try_for_each(|row| each(row, |button| check_object("inline_keyboard", button)))
}

fn kind_of(object: &Map<String, Value>) -> &str {
    object.get("type").and_then(Value::as_str).unwrap_or_default()
}

fn check_object(kind: &str, object: &Map<String, Value>) -> Result<(), ApiError> {
    // Kinds that are not known are refused where they are read.
    let Some(fields) = fields(OBJECTS, kind) else { return Ok(()) };
    object.keys().try_for_each(|key| known(&fields, key))
}

/// An object, or each of a list.
fn each(value: &Value, check: impl Fn(&Map<String, Value>) -> Result<(), ApiError>) -> Result<(), ApiError> {
    match value {
        Value::Object(object) => check(object),
        Value::Array(list) => list.iter().filter_map(Value::as_object).try_for_each(check),
        _ => Ok(()),
    }
}

fn fields(table: &'static [(&str, &str)], name: &str) -> Option<Vec<&'static str>> {
    let (_, fields) = table.iter().find(|(key, _)| *key == name)?;
    Some(fields.split_whitespace().collect())
}

fn known(fields: &[&str], name: &str) -> Result<(), ApiError> {
    if fields.contains(&name) { Ok(()) } else { Err(ApiError::UnknownField(name.to_owned())) }
}
