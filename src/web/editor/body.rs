//! Bodies of requests, within bounds of time and number.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use tokio::sync::OwnedSemaphorePermit;

use super::error::{EditorError, EditorResult};
use super::state::EditorState;

/// A body has to arrive within this time.
const ARRIVAL: Duration = Duration::from_secs(120);
/// How long a large body waits until another one is done with.
const TURN: Duration = Duration::from_secs(10);

/// A body in JSON.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<EditorState>> for JsonBody<T> {
    type Rejection = EditorError;

    async fn from_request(request: Request, editor: &Arc<EditorState>) -> EditorResult<Self> {
        let unreadable = |_| EditorError::invalid("body", "the body is too long or ended too early");
        let bytes = in_time(async { Bytes::from_request(request, editor).await.map_err(unreadable) }).await?;
        let read = serde_json::from_slice(if bytes.is_empty() { b"{}" } else { &bytes });
        read.map(Self).map_err(|error| EditorError::invalid("body", error.to_string()))
    }
}

/// Reads a body, unless it comes too slowly.
pub(super) async fn in_time<T>(reading: impl Future<Output = EditorResult<T>>) -> EditorResult<T> {
    let slow = |_| EditorError::invalid("body", "the body did not arrive in time");
    tokio::time::timeout(ARRIVAL, reading).await.map_err(slow)?
}

/// A place for a large body in memory.
///
/// # Errors
/// Others take too long.
pub(super) async fn place(editor: &EditorState) -> EditorResult<OwnedSemaphorePermit> {
    let turn = tokio::time::timeout(TURN, Arc::clone(&editor.receiving).acquire_owned()).await;
    turn.ok().and_then(Result::ok).ok_or_else(EditorError::busy)
}
