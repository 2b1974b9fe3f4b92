//! Waits for what happens to a job: for one request that waits, or as a stream of events.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::Instant;

use super::access::Visitor;
use super::error::{EditorError, EditorResult};
use super::job_view::{JobView, has_ended};
use super::jobs::job_id;
use super::state::EditorState;
use crate::jobs::{JobEvent, JobId, JobState};
use crate::web::event_stream::{EventSender, event_stream};

/// The longest that a request waits.
const LONGEST_WAIT: Duration = Duration::from_secs(25);
/// A stream ends after this time; the page opens another.
const LONGEST_STREAM: Duration = Duration::from_secs(600);
/// Without any event the job is looked at again after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
/// A job is looked at this often at most: the queue moves in swarms.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// How long a result is kept from the chat after somebody looked at it.
pub(super) const HOLD: Duration = Duration::from_secs(120);

#[derive(Deserialize)]
pub(super) struct Waiting {
    after: Option<u64>,
    wait: Option<u64>,
}

/// A job; with `after`, once it differs from that revision, or after `wait` seconds.
pub(super) async fn look(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(waiting): Query<Waiting>,
) -> EditorResult<Json<Value>> {
    let id = job_id(&id)?;
    let wait = Duration::from_secs(waiting.wait.unwrap_or(0)).min(LONGEST_WAIT);
    let until = Instant::now() + if waiting.after.is_some() { wait } else { Duration::ZERO };
    let mut events = editor.store.signals.events();
    loop {
        let view = JobView::of(&editor, visitor, id).await?;
        let is_news = waiting.after != Some(view.revision);
        if is_news || Instant::now() >= until {
            hold(&editor, visitor, id, view.state).await?;
            return Ok(Json(view.json));
        }
        changed(&editor, &mut events, id, until).await?;
    }
}

/// The job at each change, as server-sent events, until it has ended.
pub(super) async fn events(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> EditorResult<Response> {
    let id = job_id(&id)?;
    let receiver = editor.store.signals.events();
    // A job that is not there is an error, not a stream.
    JobView::of(&editor, visitor, id).await?;
    let open = editor.streams.open(visitor.user.0);
    Ok(event_stream(move |sender| async move {
        tokio::select! {
            () = open.end.cancelled() => {}
            () = send_all(&editor, visitor, id, receiver, sender) => {}
        }
    }))
}

async fn send_all(
    editor: &EditorState,
    visitor: Visitor,
    id: JobId,
    mut receiver: Receiver<JobEvent>,
    mut sender: EventSender,
) {
    let until = Instant::now() + LONGEST_STREAM;
    let mut before: Option<JobView> = None;
    while !sender.is_closed() && Instant::now() < until {
        let Ok(view) = JobView::of(editor, visitor, id).await else { return };
        if before.as_ref().is_none_or(|before| before.revision != view.revision) {
            sender.send(event_name(before.as_ref(), &view), &view.json).await;
        }
        if has_ended(view.state) {
            if let Err(error) = editor.gallery.hold(visitor.user, id, HOLD).await {
                tracing::warn!(%error, job = %id, "the result of a job can not be held back");
            }
            return;
        }
        before = Some(view);
        let ended = tokio::select! {
            () = sender.closed() => true,
            changed = changed(editor, &mut receiver, id, until) => changed.is_err(),
        };
        if ended {
            return;
        }
    }
}

fn event_name(before: Option<&JobView>, view: &JobView) -> &'static str {
    match view.state {
        JobState::Drawn | JobState::Delivered => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
        JobState::Queued => "place",
        JobState::Running => {
            match before.is_some_and(|before| before.preview == view.preview) || view.preview.is_none() {
                true => "progress",
                false => "preview",
            }
        }
    }
}

/// Somebody looks: the result of an ended job does not go to the chat for a while.
async fn hold(editor: &EditorState, visitor: Visitor, id: JobId, state: JobState) -> EditorResult<()> {
    if has_ended(state) {
        editor.gallery.hold(visitor.user, id, HOLD).await?;
    }
    Ok(())
}

/// Waits until a job may have changed, at most until a moment.
async fn changed(
    editor: &EditorState,
    events: &mut Receiver<JobEvent>,
    job: JobId,
    until: Instant,
) -> EditorResult<()> {
    let mut stopping = editor.stopping();
    let until = until.min(Instant::now() + LOOK_AGAIN);
    loop {
        tokio::select! {
            () = stopped(&mut stopping) => return Err(EditorError::stopping()),
            () = tokio::time::sleep_until(until) => return Ok(()),
            event = events.recv() => match event {
                Ok(event) if !is_about(event, job) => {}
                Ok(JobEvent::Ended(_)) | Err(RecvError::Lagged(_)) => return Ok(()),
                Ok(_) => {
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                    return Ok(());
                }
                Err(RecvError::Closed) => return Err(EditorError::stopping()),
            },
        }
    }
}

async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

fn is_about(event: JobEvent, job: JobId) -> bool {
    match event {
        JobEvent::Ended(other)
        | JobEvent::Started(other)
        | JobEvent::Progress(other, _)
        | JobEvent::CancelRequested(other) => other == job,
        JobEvent::FilesAsked(_) => false,
        JobEvent::QueueMoved | JobEvent::PauseChanged => true,
    }
}
