//! What the calls of the page have in common.

use axum::Json;
use serde_json::Value;

use super::api::errors::ApiError;
use super::server_state::ServerState;

/// The answer to a call.
pub(super) type PageResult = Result<Json<Value>, ApiError>;

/// The message to reply to.
///
/// # Errors
/// There is no such message.
pub(super) fn check_reply(world: &ServerState, chat: i64, reply_to: Option<i64>) -> Result<Option<i64>, ApiError> {
    match reply_to {
        Some(id) if world.chat(chat)?.entry(id).is_none() => Err(ApiError::RepliedNotFound),
        other => Ok(other),
    }
}
