//! Pictures as files.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::error::{ApiError, ApiResult};
use super::output::OutputFormat;
use super::state::Api;
use crate::jobs::JobId;

/// The picture that a link opens, without a key. A link that is too old and one that was guessed are answered alike.
pub(super) async fn linked_file(State(api): State<Arc<Api>>, Path(name): Path<String>) -> ApiResult<Response> {
    let token = name.split('.').next().unwrap_or_default();
    let target = api.links.find(token).ok_or_else(|| ApiError::not_found("file"))?;
    file(&api, target.job, target.index, target.format).await
}

/// A picture of a job.
///
/// # Errors
/// It is not kept any more.
pub(super) async fn file(api: &Api, job: JobId, index: u32, format: OutputFormat) -> ApiResult<Response> {
    let png = api.store.archive.picture(job, index).await?.ok_or_else(ApiError::gone)?;
    let bytes = format.convert(png).await?;
    Ok(([(header::CONTENT_TYPE, format.media_type())], bytes).into_response())
}
