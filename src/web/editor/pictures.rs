//! Pictures that come into the editor: uploaded, opened by a name, listed, deleted.

use std::sync::Arc;

use axum::Json;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::Visitor;
use super::body::{JsonBody, in_time, place};
use super::bounds::{FILE_BYTES, FILE_MEGABYTES};
use super::decoding::decoding;
use super::describe;
use super::error::{EditorError, EditorResult};
use super::reference::PictureRef;
use super::state::EditorState;
use super::views::Variant;
use crate::gallery::NewGalleryPicture;
use crate::jobs::EncodedPicture;
use crate::orders::{Authority, Deleted};
use crate::pictures::{Picture, read_recipe};

/// Entries of one page of the list.
const MAX_ENTRIES: u32 = 100;
const USUAL_ENTRIES: u32 = 40;

/// Takes a file.
pub(super) async fn upload(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    request: Request,
) -> EditorResult<Response> {
    editor.uploads.take(visitor.user.0).map_err(EditorError::pace)?;
    let _place = place(&editor).await?;
    let bytes = in_time(file(request)).await?;
    let brought = bring(&editor, visitor, bytes, None).await?;
    Ok((StatusCode::CREATED, Json(brought)).into_response())
}

/// The field `file` of a form.
async fn file(request: Request) -> EditorResult<Bytes> {
    let mut form =
        Multipart::from_request(request, &()).await.map_err(|error| EditorError::invalid("file", error.body_text()))?;
    while let Some(mut field) = form.next_field().await.map_err(|error| too_big_or(&error))? {
        if field.name() != Some("file") {
            continue;
        }
        let (mut bytes, mut length) = (Vec::new(), 0);
        while let Some(chunk) = field.chunk().await.map_err(|error| too_big_or(&error))? {
            length += chunk.len();
            // The rest is read and dropped: a client that still sends would not see the answer.
            if length <= FILE_BYTES {
                bytes.extend_from_slice(&chunk);
            }
        }
        return if length > FILE_BYTES { Err(EditorError::too_big(FILE_MEGABYTES)) } else { Ok(bytes.into()) };
    }
    Err(EditorError::invalid("file", "there is no field file"))
}

pub(super) fn too_big_or(error: &axum::extract::multipart::MultipartError) -> EditorError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => EditorError::too_big(FILE_MEGABYTES),
        _ => EditorError::invalid("body", "the form can not be read"),
    }
}

/// Decodes and keeps a picture, with its small versions ready.
pub(super) async fn bring(
    editor: &Arc<EditorState>,
    visitor: Visitor,
    bytes: Bytes,
    parent: Option<String>,
) -> EditorResult<Value> {
    let id = PictureRef::new_own();
    let (picture, small, recipe, size, has_alpha) = decoding(editor, move || {
        let decoded = Picture::decode(&bytes)?;
        let small = [Variant::View, Variant::Thumb].map(|variant| variant.encode(&decoded));
        let (size, has_alpha) = (decoded.rgb.dimensions(), decoded.alpha.is_some());
        let recipe = read_recipe(&bytes);
        Ok((EncodedPicture::new(bytes), small, recipe, size, has_alpha))
    })
    .await?;
    let kind = if has_alpha { "png" } else { "jpg" };
    for (variant, bytes) in ["view", "thumb"].into_iter().zip(small) {
        if let Some(bytes) = bytes {
            editor.views.put(format!("{id}.{variant}.{kind}"), bytes);
        }
    }
    let new = NewGalleryPicture { id, user: visitor.user, picture, parent, size, has_alpha };
    let kept = editor.gallery.add_picture(new).await?;
    Ok(describe::own(editor, &kept, recipe.as_ref()))
}

#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(rename = "ref")]
    reference: String,
}

/// Opens a picture by its name.
pub(super) async fn open(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    JsonBody(named): JsonBody<Named>,
) -> EditorResult<Json<Value>> {
    editor.reads.take(visitor.user.0).map_err(EditorError::pace)?;
    open_reference(&editor, visitor, &named.reference).await.map(Json)
}

/// A picture by its name, as the page reads it. One that is shared becomes one of the visitor's own.
pub(super) async fn open_reference(
    editor: &Arc<EditorState>,
    visitor: Visitor,
    reference: &str,
) -> EditorResult<Value> {
    match reference.parse().map_err(|_| EditorError::not_found())? {
        PictureRef::Drawn(job, index) => {
            let found = editor.gallery.job_of(visitor.user, job).await?.ok_or_else(EditorError::not_found)?;
            let picture = describe::drawn(editor, &found, index).ok_or_else(EditorError::gone)?;
            if picture["flagged"] == true { Err(EditorError::not_found()) } else { Ok(picture) }
        }
        PictureRef::Own(id) => {
            let own = editor.gallery.own_picture(visitor.user, &id).await?.ok_or_else(EditorError::gone)?;
            let bytes = editor.gallery.own_bytes(&id).await?.ok_or_else(EditorError::gone)?;
            Ok(describe::own(editor, &own, read_recipe(&bytes).as_ref()))
        }
        PictureRef::Shared(token, index) => {
            let job = editor.store.archive.shared(&token).await?.ok_or_else(EditorError::not_found)?;
            if job.warnings.flagged.contains(&index) {
                return Err(EditorError::not_found());
            }
            if job.requester == visitor.user {
                return Box::pin(open_reference(editor, visitor, &format!("j{}.{index}", job.id.0))).await;
            }
            let bytes = editor.store.archive.picture(job.id, index).await?.ok_or_else(EditorError::gone)?;
            bring(editor, visitor, bytes, None).await
        }
    }
}

/// The file of a picture of a visitor, with the recipe inside it.
///
/// # Errors
/// It is not there, or another user's.
pub(super) async fn bytes_of(editor: &EditorState, visitor: Visitor, reference: &str) -> EditorResult<Bytes> {
    let gone = EditorError::gone;
    match reference.parse().map_err(|_| EditorError::not_found())? {
        PictureRef::Drawn(job, index) => {
            let found = editor.gallery.job_of(visitor.user, job).await?.ok_or_else(EditorError::not_found)?;
            if found.job.warnings.flagged.contains(&index) {
                return Err(EditorError::not_found());
            }
            editor.store.archive.picture(job, index).await?.ok_or_else(gone)
        }
        PictureRef::Own(id) => {
            editor.gallery.own_picture(visitor.user, &id).await?.ok_or_else(gone)?;
            editor.gallery.own_bytes(&id).await?.ok_or_else(gone)
        }
        PictureRef::Shared(..) => Err(EditorError::not_found()),
    }
}

#[derive(Deserialize)]
pub(super) struct PageOf {
    before: Option<String>,
    limit: Option<u32>,
}

/// The pictures of a visitor, newest first.
pub(super) async fn list(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    Query(page): Query<PageOf>,
) -> EditorResult<Json<Value>> {
    let limit = page.limit.unwrap_or(USUAL_ENTRIES).clamp(1, MAX_ENTRIES);
    let (entries, next) = editor.gallery.entries(visitor.user, page.before.as_deref(), limit).await?;
    let pictures: Vec<Value> = entries.iter().flat_map(|entry| describe::entry(&editor, entry)).collect();
    let mut answer = json!({ "pictures": pictures });
    if let Some(next) = next {
        answer["next"] = next.into();
    }
    Ok(Json(answer))
}

/// Deletes a picture; of a job all of them, as in the chat.
pub(super) async fn delete(
    State(editor): State<Arc<EditorState>>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> EditorResult<StatusCode> {
    editor.orders_limit.take(visitor.user.0).map_err(EditorError::pace)?;
    let is_done = match id.parse().map_err(|_| EditorError::not_found())? {
        PictureRef::Own(id) => editor.gallery.remove_own_picture(visitor.user, &id).await?,
        PictureRef::Drawn(job, _) => {
            let deleted = editor.orders.delete(job, Authority::Requester(visitor.user)).await?;
            editor.views.remove(&format!("j{}.", job.0));
            matches!(deleted, Deleted::Done(_))
        }
        PictureRef::Shared(..) => false,
    };
    editor.views.remove(&format!("{id}."));
    if is_done { Ok(StatusCode::NO_CONTENT) } else { Err(EditorError::not_found()) }
}
