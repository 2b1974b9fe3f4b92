//! `GET /v1/jobs/{job}/events`: what happens to a job, as server-sent events.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use serde_json::json;
use tokio::time::Instant;

use super::describe::{describe, status};
use super::look::job_id;
use crate::jobs::{ApiJob, JobState};
use crate::web::auth::Caller;
use crate::web::error::ApiResult;
use crate::web::event_stream::{EventSender, event_stream};
use crate::web::picture_data::encode_base64;
use crate::web::state::Api;
use crate::web::watch::{Interest, JobWatch, has_ended};

/// A stream ends after this time; its client opens another.
const LIFETIME: Duration = Duration::from_secs(600);

/// Events: `queued` (position and seconds left), `progress`, `preview` (a small JPEG), and at the end `done`, `failed` or `cancelled`
/// with the whole job.
pub(in crate::web) async fn events(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(job): Path<String>,
) -> ApiResult<Response> {
    let watch = JobWatch::new(&api, caller.key.id, job_id(&job)?);
    watch.job().await?;
    let open = api.streams.open(caller.key.id)?;
    Ok(event_stream(async move |mut sender: EventSender| {
        let _open = open;
        let mut stream = JobEventStream { watch, api, shown: Shown::default() };
        if let Err(error) = stream.run(&mut sender).await {
            sender.send("error", &error.json()).await;
        }
    }))
}

struct JobEventStream {
    api: Arc<Api>,
    watch: JobWatch,
    shown: Shown,
}

/// What the client has seen.
#[derive(Default)]
struct Shown {
    position: Option<(usize, Option<u64>)>,
    progress: Option<f64>,
    preview: Option<Bytes>,
}

impl JobEventStream {
    async fn run(&mut self, sender: &mut EventSender) -> ApiResult<()> {
        let until = Instant::now() + LIFETIME;
        loop {
            let job = self.watch.job().await?;
            if has_ended(job.job.state) {
                let whole = describe(&self.api, &job).await?;
                sender.send(status(job.job.state), &whole).await;
                return Ok(());
            }
            self.show(&job, sender).await?;
            let is_queued = job.job.state == JobState::Queued;
            let interest = if is_queued { Interest::Position } else { Interest::Progress };
            tokio::select! {
                changed = self.watch.changed(interest, until) => if !changed? { return Ok(()) },
                () = sender.closed() => return Ok(()),
            }
        }
    }

    /// Sends what is new of a job that waits or runs.
    async fn show(&mut self, job: &ApiJob, sender: &mut EventSender) -> ApiResult<()> {
        let id = job.job.id;
        if job.job.state == JobState::Queued {
            let Some(position) = self.api.store.queue.position(id).await? else { return Ok(()) };
            let seen = (position.number, position.estimate.map(|estimate| estimate.as_secs()));
            if self.shown.position.replace(seen) != Some(seen) {
                let event = json!({
                    "position": position.number,
                    "seconds_left": seen.1,
                    "is_paused": position.is_paused,
                    "is_loading": position.is_loading,
                });
                sender.send("queued", &event).await;
            }
            return Ok(());
        }
        if self.shown.progress.replace(job.job.progress) != Some(job.job.progress) {
            sender.send("progress", &json!({ "progress": job.job.progress })).await;
        }
        if let Some(preview) = self.api.store.signals.preview(id) {
            let is_new = self.shown.preview.as_ref().is_none_or(|shown| shown.as_ptr() != preview.as_ptr());
            if is_new {
                sender.send("preview", &json!({ "output_format": "jpeg", "b64_json": encode_base64(&preview) })).await;
                self.shown.preview = Some(preview);
            }
        }
        Ok(())
    }
}
