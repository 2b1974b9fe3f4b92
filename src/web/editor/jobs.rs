//! Jobs of the editor: ordered, cancelled, seen, sent to the chat.

use std::sync::Arc;

use axum::Json;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use rand::Rng;
use rand::distr::Alphanumeric;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::Visitor;
use super::body::{JsonBody, in_time};
use super::bounds::MASK_BYTES;
use super::error::{EditorError, EditorResult};
use super::job_view::JobView;
use super::pictures::too_big_or;
use super::state::EditorState;
use super::wish::Wish;
use crate::jobs::{ChatAddress, JobId, JobInputs, NewJob, Origin, UpdateOutcome};
use crate::orders::{Authority, Placed};

/// The largest body of an order: the mask and the job in JSON.
pub(super) const JOB_BODY: usize = MASK_BYTES + 256 * 1024;
/// The largest job in JSON.
const JOB_BYTES: usize = 128 * 1024;
/// The longest name that a page gives a request.
const MAX_KEY: usize = 128;

/// Orders a job.
pub(super) async fn order(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    headers: HeaderMap,
    request: Request,
) -> EditorResult<Response> {
    editor.orders_limit.take(visitor.user.0).map_err(EditorError::pace)?;
    let (wish, mask) = in_time(read_order(request)).await?;
    let ordered = wish.order(&editor, visitor, mask).await?;
    let address = ChatAddress {
        chat_id: visitor.user.0,
        thread_id: None,
        request_message_id: None,
        status_message_id: None,
        language: visitor.language,
        previews: true,
    };
    let job = NewJob {
        request_key: request_key(visitor, &headers),
        requester: visitor.user,
        origin: Origin::Editor { address, parent: ordered.parent },
        recipe: ordered.recipe,
        inputs: if ordered.inputs.is_empty() { JobInputs::None } else { JobInputs::Encoded(ordered.inputs) },
    };
    match editor.orders.place(job, UpdateOutcome::default()).await? {
        Placed::Queued { job, .. } => {
            let view = JobView::of(&editor, visitor, job).await?;
            Ok((StatusCode::ACCEPTED, Json(view.json)).into_response())
        }
        Placed::Refused(refusal) => Err(refusal.into()),
    }
}

/// The same request twice is one job.
fn request_key(visitor: Visitor, headers: &HeaderMap) -> String {
    let name = headers.get("idempotency-key").and_then(|name| name.to_str().ok());
    let name = name.filter(|name| !name.is_empty() && name.len() <= MAX_KEY).map(str::to_owned);
    let name = name.unwrap_or_else(|| rand::rng().sample_iter(Alphanumeric).take(24).map(char::from).collect());
    format!("editor:{}:{name}", visitor.user.0)
}

/// The fields `job` and `mask` of a form.
async fn read_order(request: Request) -> EditorResult<(Wish, Option<Bytes>)> {
    let mut form =
        Multipart::from_request(request, &()).await.map_err(|error| EditorError::invalid("job", error.body_text()))?;
    let (mut wish, mut mask) = (None, None);
    while let Some(field) = form.next_field().await.map_err(|error| too_big_or(&error))? {
        match field.name() {
            Some("job") => {
                let text = field.bytes().await.map_err(|error| too_big_or(&error))?;
                let text = text.get(..text.len().min(JOB_BYTES)).unwrap_or_default();
                let read = serde_json::from_slice::<Wish>(text);
                wish = Some(read.map_err(|error| EditorError::invalid("job", error.to_string()))?);
            }
            Some("mask") => mask = Some(field.bytes().await.map_err(|error| too_big_or(&error))?),
            _ => {}
        }
    }
    let wish = wish.ok_or_else(|| EditorError::invalid("job", "there is no field job"))?;
    Ok((wish, mask.filter(|mask| !mask.is_empty())))
}

/// The jobs of a visitor that wait or run.
pub(super) async fn pending(State(editor): State<Arc<EditorState>>, visitor: Visitor) -> EditorResult<Json<Value>> {
    let mut jobs = Vec::new();
    for (job, _) in editor.store.queue.pending_of(visitor.user).await? {
        if matches!(job.origin, Origin::Editor { .. }) {
            jobs.push(JobView::of(&editor, visitor, job.id).await?.json);
        }
    }
    Ok(Json(json!({ "jobs": jobs })))
}

/// Cancels a job.
pub(super) async fn cancel(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> EditorResult<Json<Value>> {
    let id = job_id(&id)?;
    editor.orders.cancel(id, Authority::Requester(visitor.user)).await?;
    Ok(Json(JobView::of(&editor, visitor, id).await?.json))
}

/// The end of a job was shown.
pub(super) async fn seen(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> EditorResult<StatusCode> {
    editor.gallery.mark_seen(visitor.user, job_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sending {
    r#as: String,
}

/// Sends the pictures of a job to the visitor's chat: as photos with their caption and buttons, or as files.
pub(super) async fn send(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    Path(id): Path<String>,
    JsonBody(sending): JsonBody<Sending>,
) -> EditorResult<Response> {
    editor.orders_limit.take(visitor.user.0).map_err(EditorError::pace)?;
    let id = job_id(&id)?;
    if !editor.sessions.has_chat(visitor.user).await? {
        return Err(EditorError::no_chat());
    }
    let is_sent = match sending.r#as == "file" {
        true => editor.gallery.send_files(visitor.user, id).await?,
        false => editor.gallery.send_to_chat(visitor.user, id).await?,
    };
    match is_sent {
        true => Ok((StatusCode::ACCEPTED, Json(json!({}))).into_response()),
        false => Err(EditorError::gone()),
    }
}

/// The number of a job.
pub(super) fn job_id(text: &str) -> EditorResult<JobId> {
    text.parse().map(JobId).map_err(|_| EditorError::not_found())
}
