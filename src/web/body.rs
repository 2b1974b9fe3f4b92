//! Reads the body of a request, within bounds of size and time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use futures::StreamExt;
use serde_json::{Map, Value};

use super::error::{ApiError, ApiResult};
use super::params::{FilePart, Params};
use super::picture_data::PICTURE_BYTES;
use super::state::Api;

/// The largest body of a request without pictures, bytes.
pub(super) const SMALL_BODY: usize = 1024 * 1024;
/// The largest body with pictures.
pub(super) const PICTURES_BODY: usize = 100 * 1024 * 1024;
/// The largest body in JSON: a picture of 32 MB is 43 MB of base64.
const JSON_BODY: usize = 45 * 1024 * 1024;
/// The largest text field of a form: a picture in base64.
const TEXT_FIELD: usize = JSON_BODY;
/// A body has to arrive within this time.
const ARRIVAL: Duration = Duration::from_secs(120);
/// What is read of a body that is too large, bytes and time.
const DISCARDED: usize = 2 * PICTURES_BODY;
const DISCARDING: Duration = Duration::from_secs(30);
/// Parts of a form.
const MAX_PARTS: usize = 200;

/// The fields of a request whose body has at most so many bytes.
pub(super) async fn read_params(api: &Api, request: Request, limit: usize) -> ApiResult<Params> {
    let is_form = match media_type(&request).as_str() {
        "multipart/form-data" => true,
        "" | "application/json" => false,
        _ => return Err(ApiError::media_type()),
    };
    let limit = if is_form { limit } else { limit.min(JSON_BODY) };
    let length = length(&request);
    if length.is_some_and(|length| length > limit as u64) {
        discard(request.into_body()).await;
        return Err(ApiError::too_large(limit));
    }
    let permit = match limit > SMALL_BODY && length.is_none_or(|length| length > SMALL_BODY as u64) {
        true => {
            let turn = tokio::time::timeout(api.timing.turn_within, api.uploads.clone().acquire_owned()).await;
            Some(turn.ok().and_then(Result::ok).ok_or_else(ApiError::busy)?)
        }
        false => None,
    };
    let exceeded = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| bounded(body, limit, Arc::clone(&exceeded)));
    let read = async { if is_form { form(request).await } else { json(request.into_body()).await } };
    let mut params = match tokio::time::timeout(ARRIVAL, read).await {
        Err(_) => return Err(ApiError::slow_body()),
        Ok(_) if exceeded.load(Ordering::Relaxed) => return Err(ApiError::too_large(limit)),
        Ok(read) => read?,
    };
    params.permit = permit;
    Ok(params)
}

/// Reads a body that is too large to its end and keeps nothing: a client that is still sending would not see the answer otherwise. A
/// client that sends much more, or slowly, does not.
async fn discard(body: Body) {
    let read = async {
        let (mut body, mut bytes) = (body.into_data_stream(), 0);
        while let Some(Ok(part)) = body.next().await {
            bytes += part.len();
            if bytes > DISCARDED {
                return;
            }
        }
    };
    let _ = tokio::time::timeout(DISCARDING, read).await;
}

fn media_type(request: &Request) -> String {
    let header = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn length(request: &Request) -> Option<u64> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A body that breaks off after so many bytes, and notes that.
fn bounded(body: Body, limit: usize, exceeded: Arc<AtomicBool>) -> Body {
    let mut left = limit;
    Body::from_stream(body.into_data_stream().map(move |part| {
        let part = part.map_err(io::Error::other)?;
        left = left.checked_sub(part.len()).ok_or_else(|| {
            exceeded.store(true, Ordering::Relaxed);
            io::Error::other("too long")
        })?;
        Ok::<_, io::Error>(part)
    }))
}

async fn json(body: Body) -> ApiResult<Params> {
    let bytes = to_bytes(body, usize::MAX).await.map_err(|_| ApiError::body("the body ended too early"))?;
    fields(&bytes)
}

fn fields(bytes: &[u8]) -> ApiResult<Params> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(values)) => Ok(Params::new(values, Vec::new())),
        Ok(_) => Err(ApiError::body("the body has to be a JSON object")),
        Err(error) => {
            Err(ApiError::body(format!("the body is no JSON: line {}, column {}", error.line(), error.column())))
        }
    }
}

async fn form(request: Request) -> ApiResult<Params> {
    let unreadable = |_| ApiError::body("the form can not be read");
    let mut form =
        Multipart::from_request(request, &()).await.map_err(|_| ApiError::body("the form has no boundary"))?;
    let (mut values, mut files, mut parts) = (Map::new(), Vec::new(), 0);
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        parts += 1;
        if parts > MAX_PARTS {
            return Err(ApiError::body(format!("the form has more than {MAX_PARTS} parts")));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = is_file(&field);
        let bytes = part(field, if is_file { PICTURE_BYTES } else { TEXT_FIELD }).await?;
        match std::str::from_utf8(&bytes) {
            Ok(text) if !is_file => add_text(&mut values, &name, text),
            _ if bytes.len() > PICTURE_BYTES => return Err(ApiError::too_large(PICTURE_BYTES)),
            // What is no text is a file, whatever the client calls it.
            _ => files.push(FilePart { field: name.trim_end_matches("[]").to_owned(), bytes }),
        }
    }
    Ok(Params::new(values, files))
}

/// A part of a form, which is not read further than it may be long.
async fn part(mut field: Field<'_>, limit: usize) -> ApiResult<Bytes> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|_| ApiError::body("the form can not be read"))? {
        if bytes.len() + piece.len() > limit {
            return Err(ApiError::too_large(limit));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.into())
}

/// Some clients give pictures no file name, but a kind.
fn is_file(field: &Field<'_>) -> bool {
    let is_binary = |kind: &str| kind.starts_with("image/") || kind.starts_with("application/octet-stream");
    field.file_name().is_some() || field.content_type().is_some_and(is_binary)
}

/// `a` is a field, `a[]` one of several values of it, and `a[b]` a field of the object `a`.
fn add_text(values: &mut Map<String, Value>, name: &str, text: &str) {
    let value = Value::from(text);
    let (outer, inner) = name.split_once('[').map_or((name, None), |(outer, rest)| (outer, rest.strip_suffix(']')));
    let slot = values.entry(outer.to_owned()).or_insert(Value::Null);
    match (slot, inner) {
        (Value::Object(object), Some(inner)) => drop(object.insert(inner.to_owned(), value)),
        (Value::Array(several), _) => several.push(value),
        (slot @ Value::Null, None) => *slot = value,
        (slot @ Value::Null, Some("")) => *slot = Value::Array(vec![value]),
        (slot @ Value::Null, Some(inner)) => *slot = Value::Object(Map::from_iter([(inner.to_owned(), value)])),
        (slot, _) => *slot = Value::Array(vec![slot.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_with_brackets_are_lists_and_objects() {
        let mut values = Map::new();
        for (name, text) in [
            ("n", "2"),
            ("weights[]", "1"),
            ("weights[]", "2"),
            ("outpaint[left]", "8"),
            ("outpaint[top]", "9"),
            ("tag", "a"),
            ("tag", "b"),
        ] {
            add_text(&mut values, name, text);
        }
        let expected =
            json!({ "n": "2", "weights": ["1", "2"], "outpaint": { "left": "8", "top": "9" }, "tag": ["a", "b"] });
        assert_eq!(Value::Object(values), expected);
    }

    #[test]
    fn json_that_is_no_object_is_refused_with_the_place() {
        for text in ["", "[]", "{", "nul", "\u{feff}{}"] {
            assert!(fields(text.as_bytes()).is_err(), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert!(fields(deep.as_bytes()).is_err());
    }
}
