//! Work on pictures, which takes a processor for a while.

use std::sync::Arc;
use std::time::Duration;

use super::error::{EditorError, EditorResult};
use super::state::EditorState;

/// How long a picture waits until others are decoded.
const TURN: Duration = Duration::from_secs(10);

/// Does what takes a processor for a while away from the threads that serve others, a few at a time.
///
/// # Errors
/// That of the work, or too many others wait.
pub(super) async fn decoding<T: Send + 'static>(
    editor: &EditorState,
    work: impl FnOnce() -> EditorResult<T> + Send + 'static,
) -> EditorResult<T> {
    let turn = tokio::time::timeout(TURN, Arc::clone(&editor.decoding).acquire_owned()).await;
    let permit = turn.ok().and_then(Result::ok).ok_or_else(EditorError::busy)?;
    let done = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    });
    done.await.map_err(|error| {
        tracing::error!(%error, "a picture in the editor can not be read");
        EditorError::internal()
    })?
}
