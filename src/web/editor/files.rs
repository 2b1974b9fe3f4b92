//! The files behind signed addresses: views, thumbnails, previews of running jobs, and pictures to save.

use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{Path, Query, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use image::DynamicImage;
use image::codecs::jpeg::JpegEncoder;
use serde::Deserialize;

use super::cut::encode;
use super::decoding::decoding;
use super::error::{EditorError, EditorResult};
use super::links::opens;
use super::reference::PictureRef;
use super::state::EditorState;
use super::views::{Variant, rgba};
use crate::pictures::Picture;

/// Quality of a JPEG that is saved.
const JPEG_QUALITY: u8 = 95;
/// An address is good for two hours; its picture does not change.
const KEPT: &str = "private, max-age=7200, immutable";

#[derive(Deserialize)]
pub(super) struct Signature {
    e: u64,
    s: String,
    #[serde(default)]
    dl: u8,
}

/// A file. An address that is too old, one that was guessed and one of a picture that was deleted are answered alike.
pub(super) async fn file(
    State(editor): State<Arc<EditorState>>,
    Path(name): Path<String>,
    Query(signature): Query<Signature>,
) -> EditorResult<Response> {
    if !opens(&editor.signer, &name, signature.e, &signature.s, SystemTime::now()) {
        return Err(EditorError::not_found());
    }
    let (bytes, cache) = match name.strip_suffix(".preview.jpg") {
        Some(job) => (preview(&editor, job)?, "private, no-store"),
        None => (picture(&editor, &name).await?, KEPT),
    };
    let kind = if name.ends_with(".png") { "image/png" } else { "image/jpeg" };
    let headers: [(HeaderName, &str); 2] = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache)];
    let mut response = (headers, bytes).into_response();
    if signature.dl == 1 {
        let attachment = format!("attachment; filename=\"kandinsky-{name}\"");
        if let Ok(attachment) = attachment.parse() {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, attachment);
        }
    }
    Ok(response)
}

fn preview(editor: &EditorState, job: &str) -> EditorResult<Bytes> {
    let Ok(PictureRef::Drawn(job, _)) = job.parse() else { return Err(EditorError::not_found()) };
    editor.store.signals.preview(job).ok_or_else(EditorError::not_found)
}

async fn picture(editor: &EditorState, name: &str) -> EditorResult<Bytes> {
    let (rest, kind) = name.rsplit_once('.').ok_or_else(EditorError::not_found)?;
    for (suffix, variant) in [(".view", Variant::View), (".thumb", Variant::Thumb)] {
        if let Some(id) = rest.strip_suffix(suffix) {
            return small(editor, name, id, variant).await;
        }
    }
    let bytes = stored(editor, rest).await?;
    let reference = rest.parse::<PictureRef>().map_err(|_| EditorError::not_found())?;
    if kind == "png" && matches!(reference, PictureRef::Drawn(..)) {
        // As it is stored: with the recipe inside.
        return Ok(bytes);
    }
    let is_jpeg = kind == "jpg";
    // What was uploaded may say where it was taken: only its pixels are given out.
    decoding(editor, move || {
        let picture = Picture::decode(&bytes)?;
        match (is_jpeg, picture.alpha.is_some()) {
            (true, _) => jpeg(&picture),
            (false, true) => encode(&DynamicImage::ImageRgba8(rgba(&picture))),
            (false, false) => encode(&DynamicImage::ImageRgb8(picture.rgb)),
        }
    })
    .await
}

async fn small(editor: &EditorState, name: &str, id: &str, variant: Variant) -> EditorResult<Bytes> {
    let bytes = match editor.views.get(name) {
        Some(view) => return Ok(view),
        None => stored(editor, id).await?,
    };
    let view = decoding(editor, move || {
        let picture = Picture::decode(&bytes)?;
        variant.encode(&picture).ok_or_else(EditorError::internal)
    })
    .await?;
    editor.views.put(name.to_owned(), view.clone());
    Ok(view)
}

async fn stored(editor: &EditorState, id: &str) -> EditorResult<Bytes> {
    let bytes = match id.parse().map_err(|_| EditorError::not_found())? {
        PictureRef::Drawn(job, index) => editor.store.archive.picture(job, index).await?,
        PictureRef::Own(id) => editor.gallery.own_bytes(&id).await?,
        PictureRef::Shared(..) => None,
    };
    bytes.ok_or_else(EditorError::not_found)
}

/// On white, where something is transparent.
fn jpeg(picture: &Picture) -> EditorResult<Bytes> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode_image(&picture.rgb).map_err(|error| {
        tracing::error!(%error, "a picture can not be written");
        EditorError::internal()
    })?;
    Ok(bytes.into())
}
