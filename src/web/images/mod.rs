//! OpenAI's images API: generations, edits and variations, with the fields of this model beside OpenAI's.
//!
//! A request becomes a job and waits for it. With `stream` it gets previews and the end as events.

mod edits;
mod generations;
mod stream;
mod variations;

use std::sync::Arc;

use axum::Json;
use axum::http::HeaderValue;
use axum::response::{IntoResponse, Response};

pub(super) use edits::{EDITS, edit};
pub(super) use generations::{GENERATIONS, generate};
pub(super) use variations::{VARIATIONS, vary};

use super::answer::{AnswerOptions, ignored_header};
use super::auth::Caller;
use super::error::{ApiError, ApiResult};
use super::presence::Presence;
use super::state::Api;
use super::submit::{Drawing, RequestIdentity, Waits, submit};
use super::watch::JobWatch;
use crate::jobs::JobId;

/// A request that has been read.
struct ImageRequest {
    identity: RequestIdentity,
    drawing: Drawing,
    options: AnswerOptions,
    /// The names of its fields that were not understood.
    ignored: Option<HeaderValue>,
    /// What its events begin with.
    events: &'static str,
}

impl ImageRequest {
    /// Queues the job and answers with its pictures.
    async fn answer(self, api: Arc<Api>, caller: Caller) -> ApiResult<Response> {
        if api.store.queue.is_paused().await? {
            return Err(ApiError::paused());
        }
        let open = api.streams.open(caller.key.id)?;
        let Self { identity, drawing, options, ignored, events } = self;
        let (job, presence) = submit(&api, &caller, &identity, drawing, Waits::Yes).await?;
        let headers = ignored_header(ignored);
        if options.is_stream {
            let stream = stream::events(api, caller.key.id, job, presence, open, options, events);
            return Ok((headers, stream).into_response());
        }
        let answer = pictures_of(&api, caller.key.id, job, presence, &options).await?;
        Ok((headers, Json(answer)).into_response())
    }
}

/// Waits for a job and answers with its pictures.
async fn pictures_of(
    api: &Arc<Api>,
    key: i64,
    job: JobId,
    presence: Presence,
    options: &AnswerOptions,
) -> ApiResult<serde_json::Value> {
    let ended = JobWatch::new(api, key, job).until_ended(api.timing.answer_within).await;
    let answer = match ended {
        Ok(Some(ended)) => options.answer(api, &ended).await,
        Ok(None) => Err(ApiError::still_drawing(job)),
        Err(error) => Err(error),
    };
    // The client is still here; what is not finished goes on.
    presence.release();
    answer
}
