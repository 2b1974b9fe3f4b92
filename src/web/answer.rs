//! The pictures of a job as OpenAI's clients read them.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use serde_json::{Value, json};

use super::error::{ApiError, ApiResult};
use super::links::LinkTarget;
use super::output::OutputFormat;
use super::params::Params;
use super::picture_data::encode_base64;
use super::state::Api;
use crate::jobs::{ApiJob, JobState, PictureInfo, Warnings};

/// The fields that were not understood.
const IGNORED: HeaderName = HeaderName::from_static("x-kandinsky-ignored");
/// Larger whole numbers are not exact in JavaScript.
const EXACT: u64 = 1 << 53;

/// How the pictures are to be answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AnswerOptions {
    pub(super) format: OutputFormat,
    /// Links instead of the bytes.
    are_links: bool,
    /// Events instead of one answer.
    pub(super) is_stream: bool,
    /// Previews in a stream, at most.
    pub(super) partial_images: u32,
    /// As it was asked for.
    pub(super) quality: String,
}

/// A finished picture.
#[derive(Debug, Clone)]
pub(super) struct AnsweredPicture {
    pub(super) index: u32,
    pub(super) info: PictureInfo,
    pub(super) bytes: Bytes,
}

impl AnswerOptions {
    pub(super) fn from_params(params: &mut Params, quality: &str) -> ApiResult<Self> {
        let model = params.text(&["model"])?.unwrap_or_default();
        // What says how to answer, who asks, or how strict to be, changes no picture.
        params.skip(&["user", "safety_identifier", "moderation"]);
        let are_links = match params.text(&["response_format"])?.as_deref() {
            Some("b64_json") => false,
            Some("url") => true,
            // The models of that name answered with links, and the clients that know them look for one.
            None => model.starts_with("dall-e"),
            Some(other) => {
                let words = format!("{other:?} is no response format; there is b64_json and url");
                return Err(ApiError::invalid("response_format", words));
            }
        };
        match params.text(&["background"])?.as_deref() {
            None | Some("auto" | "opaque") => {}
            Some(_) => {
                return Err(ApiError::invalid("background", "the model draws opaque pictures; write auto or opaque"));
            }
        }
        Ok(Self {
            format: OutputFormat::from_params(params)?,
            are_links,
            is_stream: params.flag(&["stream"])?,
            partial_images: params.integer(&["partial_images"], 0..=3)?.unwrap_or(0) as u32,
            quality: quality.to_owned(),
        })
    }

    /// What is said of every answer.
    pub(super) fn describe(&self, info: PictureInfo) -> Value {
        json!({
            "background": "opaque",
            "output_format": self.format.name(),
            "quality": self.quality,
            "size": format!("{}x{}", info.width, info.height),
            "usage": {
                "input_tokens": 0,
                "input_tokens_details": { "text_tokens": 0, "image_tokens": 0 },
                "output_tokens": 0,
                "total_tokens": 0,
            },
        })
    }

    /// A picture as one entry of the answer.
    pub(super) fn entry(&self, api: &Api, job: &ApiJob, picture: &AnsweredPicture) -> Value {
        let mut entry = json!({ "seed": seed(job.job.recipe.seed_of(picture.index)) });
        match self.are_links {
            true => {
                let target = LinkTarget { job: job.job.id, index: picture.index, format: self.format };
                let (token, suffix) = (api.links.add(target), self.format.name());
                entry["url"] = format!("{}/v1/files/{token}.{suffix}", api.url).into();
            }
            false => entry["b64_json"] = encode_base64(&picture.bytes).into(),
        }
        entry
    }

    /// The whole answer.
    pub(super) async fn answer(&self, api: &Arc<Api>, job: &ApiJob) -> ApiResult<Value> {
        let pictures = finished_pictures(api, job, self.format).await?;
        let first = pictures.first().ok_or_else(ApiError::gone)?;
        let mut answer = self.describe(first.info);
        answer["created"] = created(job).into();
        answer["id"] = job.job.id.to_string().into();
        answer["data"] = pictures.iter().map(|picture| self.entry(api, job, picture)).collect();
        if job.job.warnings != Warnings::default() {
            answer["warnings"] = serde_json::to_value(&job.job.warnings).unwrap_or_default();
        }
        api.store.outbox.mark_delivered(job.job.id, &[]).await?;
        Ok(answer)
    }
}

/// The pictures of a job that has ended; without those that the safety checker flagged.
///
/// # Errors
/// There are none: it failed, it was cancelled, all are flagged or none is kept any more.
pub(super) async fn finished_pictures(
    api: &Arc<Api>,
    job: &ApiJob,
    format: OutputFormat,
) -> ApiResult<Vec<AnsweredPicture>> {
    match job.job.state {
        JobState::Drawn | JobState::Delivered => {}
        JobState::Cancelled => return Err(ApiError::cancelled()),
        JobState::Failed => return Err(ApiError::failed(job.failure)),
        JobState::Queued | JobState::Running => return Err(ApiError::still_drawing(job.job.id)),
    }
    let infos = api.store.archive.picture_infos(job.job.id).await?;
    let mut pictures = Vec::with_capacity(infos.len());
    for (index, info) in (0..).zip(&infos) {
        if is_flagged(job, index) {
            continue;
        }
        let png = api.store.archive.picture(job.job.id, index).await?.ok_or_else(ApiError::gone)?;
        pictures.push(AnsweredPicture { index, info: *info, bytes: format.convert(png).await? });
    }
    match (infos.is_empty(), pictures.is_empty()) {
        (true, _) => Err(ApiError::gone()),
        (false, true) => Err(ApiError::moderated("the safety checker of this server found the picture doubtful")),
        (false, false) => Ok(pictures),
    }
}

/// Whether a picture is not shown.
pub(super) fn is_flagged(job: &ApiJob, index: u32) -> bool {
    job.job.warnings.flagged.contains(&index)
}

/// When a job was asked for, in seconds since 1970.
pub(super) fn created(job: &ApiJob) -> u64 {
    job.created_at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// A seed as every client can read it: as a text where JavaScript would round the number.
pub(super) fn seed(seed: u64) -> Value {
    if seed <= EXACT { seed.into() } else { seed.to_string().into() }
}

/// The header that names the fields which were not understood.
pub(super) fn ignored_header(ignored: Option<HeaderValue>) -> HeaderMap {
    ignored.map(|names| (IGNORED, names)).into_iter().collect()
}
