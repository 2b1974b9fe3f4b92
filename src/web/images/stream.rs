//! The events of a request with `stream`: previews, then each picture, or an error.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::jobs::{ApiJob, JobId, PictureInfo};
use crate::web::answer::{AnswerOptions, created, finished_pictures};
use crate::web::error::{ApiError, ApiResult};
use crate::web::event_stream::{EventSender, event_stream};
use crate::web::picture_data::encode_base64;
use crate::web::presence::Presence;
use crate::web::state::Api;
use crate::web::streams::OpenStream;
use crate::web::watch::{Interest, JobWatch, has_ended};

/// The events of a job. Its client leaves when the connection ends: then nobody waits any more.
pub(super) fn events(
    api: Arc<Api>,
    key: i64,
    job: JobId,
    presence: Presence,
    open: OpenStream,
    options: AnswerOptions,
    name: &'static str,
) -> Response {
    event_stream(async move |mut sender: EventSender| {
        let _open = open;
        let mut stream = ImageStream { watch: JobWatch::new(&api, key, job), api, options, name, job };
        // A client that has left drops the presence with this future.
        if let Err(error) = stream.run(&mut sender).await {
            sender.send("error", &error.json()).await;
        }
        if !sender.is_closed() {
            presence.release();
        }
    })
    .into_response()
}

struct ImageStream {
    api: Arc<Api>,
    watch: JobWatch,
    job: JobId,
    options: AnswerOptions,
    name: &'static str,
}

impl ImageStream {
    async fn run(&mut self, sender: &mut EventSender) -> ApiResult<()> {
        let until = Instant::now() + self.api.timing.answer_within;
        let (mut sent, mut last) = (0, None);
        loop {
            let job = self.watch.job().await?;
            if has_ended(job.job.state) {
                return self.complete(&job, sender).await;
            }
            if let Some(preview) = self.new_preview(sent, &mut last) {
                let event = self.partial(&job, sent, &preview);
                sender.send(&format!("{}.partial_image", self.name), &event).await;
                sent += 1;
            }
            let interest = if sent < self.options.partial_images { Interest::Progress } else { Interest::End };
            tokio::select! {
                changed = self.watch.changed(interest, until) => match changed? {
                    true => {}
                    false => return Err(ApiError::still_drawing(self.job)),
                },
                () = sender.closed() => return Ok(()),
            }
        }
    }

    /// The newest preview, if it is another than before and more are wanted.
    fn new_preview(&self, sent: u32, last: &mut Option<Bytes>) -> Option<Bytes> {
        if sent >= self.options.partial_images {
            return None;
        }
        let preview = self.api.store.signals.preview(self.job)?;
        if last.as_ref().is_some_and(|last| last.as_ptr() == preview.as_ptr()) {
            return None;
        }
        *last = Some(preview.clone());
        Some(preview)
    }

    /// A preview is a small JPEG, whatever the pictures will be.
    fn partial(&self, job: &ApiJob, index: u32, preview: &Bytes) -> Value {
        let mut event = self.options.describe(PictureInfo::of(preview));
        event["type"] = format!("{}.partial_image", self.name).into();
        event["partial_image_index"] = index.into();
        event["output_format"] = "jpeg".into();
        event["created_at"] = created(job).into();
        event["b64_json"] = encode_base64(preview).into();
        event
    }

    async fn complete(&self, job: &ApiJob, sender: &mut EventSender) -> ApiResult<()> {
        for picture in finished_pictures(&self.api, job, self.options.format).await? {
            let mut event = self.options.describe(picture.info);
            event["type"] = format!("{}.completed", self.name).into();
            event["created_at"] = created(job).into();
            event["id"] = job.job.id.to_string().into();
            event["index"] = json!(picture.index);
            if let (Some(event), Value::Object(entry)) =
                (event.as_object_mut(), self.options.entry(&self.api, job, &picture))
            {
                event.extend(entry);
            }
            sender.send(&format!("{}.completed", self.name), &event).await;
        }
        if !sender.is_closed() {
            self.api.store.outbox.mark_delivered(job.job.id, &[]).await?;
        }
        Ok(())
    }
}
