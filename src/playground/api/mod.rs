//! The methods of the Bot API, under `/bot<token>/<method>`, and the files under `/file/bot<token>/`.
//!
//! Method names are taken in any case, parameters in any of the published forms, and answers have the
//! published fields; others than those that [`fields`] lists are refused. What is not listed in [`dispatch`] is answered
//! as an unknown method.

mod callbacks;
mod downloads;
mod edits;
pub(crate) mod errors;
mod fields;
mod inline;
mod media;
pub(crate) mod messages;
pub(crate) mod params;
mod profile;
mod updates;

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use futures::stream;
use serde_json::{Value, json};

use self::errors::ApiError;
use self::params::Params;
use super::faults::Fault;
use super::profile::ProfileText::{Description, Name, ShortDescription};
use super::shared::Shared;

/// One call's body at most: ten photos of an album, or a document of 50 MB with its form.
const BODY_LIMIT: usize = 110 * 1024 * 1024;

/// The result of a method.
type Answer = Result<Value, ApiError>;

pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/{bot}/{method}", any(call))
        .route("/file/{bot}/{*path}", any(downloads::download))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

/// One call, past the faults that tests may have put in its way.
async fn call(
    State(shared): State<Arc<Shared>>,
    Path((bot, method)): Path<(String, String)>,
    request: Request,
) -> Response {
    if let Err(error) = authorize(&shared, &bot) {
        return error.into_response();
    }
    let method = method.to_lowercase();
    let fault = shared.take_fault(&method);
    if let Some(answer) = fault.and_then(hindered) {
        return answer;
    }
    let mut answer = perform(&shared, &method, request).await;
    if fault == Some(Fault::CutAfter) {
        return broken_connection();
    }
    if let (Some(fault), Ok(Value::Array(updates))) = (fault, &mut answer) {
        updates::disturb(&shared, fault, updates);
    }
    match answer {
        Ok(result) => Json(json!({ "ok": true, "result": result })).into_response(),
        Err(error) => {
            shared.note_refusal(&method, &error);
            error.into_response()
        }
    }
}

/// Checks the path's `bot<token>`.
fn authorize(shared: &Shared, bot: &str) -> Result<(), ApiError> {
    match bot.strip_prefix("bot") {
        None => Err(ApiError::UnknownMethod),
        Some(token) if token == shared.token => Ok(()),
        Some(_) => Err(ApiError::Unauthorized),
    }
}

async fn perform(shared: &Shared, method: &str, request: Request) -> Answer {
    let params = Params::read(request).await?;
    fields::check(method, &params)?;
    dispatch(shared, method, &params).await
}

async fn dispatch(shared: &Shared, method: &str, params: &Params) -> Answer {
    match method {
        "getme" => profile::get_me(shared),
        "getupdates" => updates::get_updates(shared, params).await,
        "deletewebhook" => updates::delete_webhook(shared, params),
        "getwebhookinfo" => updates::get_webhook_info(shared),
        "sendmessage" => messages::send_message(shared, params),
        "sendchataction" => messages::send_chat_action(shared, params),
        "setmessagereaction" => messages::set_message_reaction(shared, params),
        "deletemessage" => messages::delete_message(shared, params),
        "deletemessages" => messages::delete_messages(shared, params),
        "sendphoto" => media::send_photo(shared, params).await,
        "senddocument" => media::send_document(shared, params).await,
        "sendmediagroup" => media::send_media_group(shared, params).await,
        "editmessagetext" => edits::edit_text(shared, params),
        "editmessagecaption" => edits::edit_caption(shared, params),
        "editmessagereplymarkup" => edits::edit_reply_markup(shared, params),
        "editmessagemedia" => edits::edit_media(shared, params).await,
        "answercallbackquery" => callbacks::answer_callback_query(shared, params),
        "answerinlinequery" => inline::answer_inline_query(shared, params),
        "getfile" => downloads::get_file(shared, params),
        "setmycommands" => profile::set_commands(shared, params),
        "getmycommands" => profile::get_commands(shared, params),
        "deletemycommands" => profile::delete_commands(shared, params),
        "setchatmenubutton" => profile::set_menu_button(shared, params),
        "getchatmenubutton" => profile::get_menu_button(shared, params),
        "setmyname" => profile::set_text(shared, params, Name),
        "getmyname" => profile::get_text(shared, params, Name),
        "setmydescription" => profile::set_text(shared, params, Description),
        "getmydescription" => profile::get_text(shared, params, Description),
        "setmyshortdescription" => profile::set_text(shared, params, ShortDescription),
        "getmyshortdescription" => profile::get_text(shared, params, ShortDescription),
        _ => Err(ApiError::UnknownMethod),
    }
}

/// The answer to a call that a fault keeps from taking effect.
fn hindered(fault: Fault) -> Option<Response> {
    Some(match fault {
        Fault::RetryAfter(seconds) => ApiError::RetryAfter(seconds).into_response(),
        Fault::ServerError => ApiError::Internal.into_response(),
        Fault::Refused(words) => ApiError::Malformed(words.to_owned()).into_response(),
        Fault::CutBefore => broken_connection(),
        Fault::CutAfter | Fault::Twice | Fault::Backwards | Fault::Late(_) => return None,
    })
}

/// An answer that breaks off before its first byte of content.
fn broken_connection() -> Response {
    broken_after(Bytes::new())
}

/// An answer that breaks off after these bytes of content.
fn broken_after(bytes: Bytes) -> Response {
    let cut = io::Error::from(io::ErrorKind::ConnectionReset);
    Body::from_stream(stream::iter([Ok(bytes), Err(cut)])).into_response()
}
