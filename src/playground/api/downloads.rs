//! `getFile` and the bytes behind it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::errors::ApiError;
use super::params::Params;
use super::{Answer, authorize, broken_after, hindered};
use crate::playground::faults::Fault;
use crate::playground::shared::Shared;

/// Bytes of a file that a bot may download ([getFile](https://core.telegram.org/bots/api#getfile)).
const DOWNLOAD_LIMIT: usize = 20 * 1024 * 1024;

/// `getFile`.
pub(super) fn get_file(shared: &Shared, params: &Params) -> Answer {
    let file_id = params.required_text("file_id")?;
    let world = shared.world();
    let file = world.files.get(file_id).ok_or(ApiError::FileId)?;
    if file.bytes.len() > DOWNLOAD_LIMIT {
        return Err(ApiError::FileTooBig);
    }
    Ok(json!({
        "file_id": file_id,
        "file_unique_id": file.unique_id,
        "file_size": file.bytes.len(),
        "file_path": file.path,
    }))
}

/// `/file/bot<token>/<file_path>`.
pub(super) async fn download(
    State(shared): State<Arc<Shared>>,
    Path((bot, path)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    authorize(&shared, &bot)?;
    let fault = shared.take_fault("file");
    if let Some(answer) = fault.and_then(hindered) {
        return Ok(answer);
    }
    let world = shared.world();
    let file = world.files.at_path(&path).ok_or(ApiError::UnknownMethod)?;
    if fault == Some(Fault::CutAfter) {
        return Ok(broken_after(file.bytes.slice(..file.bytes.len() / 2)));
    }
    Ok(([(CONTENT_TYPE, file.mime.clone())], file.bytes.clone()).into_response())
}
