//! Photos, documents and albums.

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::errors::ApiError;
use super::params::{Params, Upload};
use super::{Answer, messages};
use crate::playground::chat_log::Content;
use crate::playground::entities::Formatted;
use crate::playground::files::{FileStore, Media, NewDocument};
use crate::playground::photo;
use crate::playground::photo::{PhotoError, Rendition};
use crate::playground::shared::Shared;
use crate::playground::wire::MessageEntity;

/// Bytes of a photo ([sending files](https://core.telegram.org/bots/api#sending-files)).
const PHOTO_LIMIT: usize = 10 * 1024 * 1024;
/// Bytes of a document (ibid.).
const DOCUMENT_LIMIT: usize = 50 * 1024 * 1024;
/// Items of an album ([sendMediaGroup](https://core.telegram.org/bots/api#sendmediagroup)).
const ALBUM: std::ops::RangeInclusive<usize> = 2..=10;

/// Whether a file is shown as a picture or kept as a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Photo,
    Document,
}

/// A file on its way into a message: new bytes made ready, or one sent before.
pub(super) enum Incoming {
    Photo(Vec<Rendition>),
    Document(Box<NewDocument>),
    Known(Media),
}

/// An item of an album, or the new content of an edited message
/// ([InputMedia](https://core.telegram.org/bots/api#inputmedia)).
#[derive(Deserialize)]
pub(super) struct InputMedia {
    #[serde(rename = "type")]
    kind: Kind,
    media: String,
    caption: Option<String>,
    parse_mode: Option<String>,
    caption_entities: Option<Vec<MessageEntity>>,
    #[serde(default)]
    has_spoiler: bool,
}

impl InputMedia {
    /// Makes the file and its caption ready.
    pub(super) async fn prepare(self, shared: &Shared, params: &Params) -> Result<Prepared, ApiError> {
        let entities = self.caption_entities;
        let caption = messages::checked_caption(self.caption.as_deref(), self.parse_mode.as_deref(), entities)?;
        let upload = match self.media.strip_prefix("attach://") {
            Some(part) => Some(params.attached(part).ok_or(ApiError::WrongFile)?),
            None => None,
        };
        let incoming = incoming(shared, self.kind, upload, Some(&self.media)).await?;
        Ok(Prepared { incoming, caption, spoiler: self.has_spoiler })
    }
}

/// A file with its caption.
pub(super) struct Prepared {
    incoming: Incoming,
    caption: Formatted,
    spoiler: bool,
}

impl Prepared {
    /// Stores the file if it is new.
    pub(super) fn into_content(self, files: &mut FileStore) -> Content {
        let (caption, spoiler) = (self.caption, self.spoiler);
        let media = match self.incoming {
            Incoming::Photo(sizes) => Media::Photo(files.add_photo(sizes)),
            Incoming::Document(new) => Media::Document(files.add_document(*new)),
            Incoming::Known(media) => media,
        };
        match media {
            Media::Photo(sizes) => Content::Photo { sizes, caption, spoiler },
            Media::Document(document) => Content::Document { document, caption },
        }
    }
}

/// `sendPhoto`.
pub(super) async fn send_photo(shared: &Shared, params: &Params) -> Answer {
    send_one(shared, params, Kind::Photo, "photo").await
}

/// `sendDocument`.
pub(super) async fn send_document(shared: &Shared, params: &Params) -> Answer {
    send_one(shared, params, Kind::Document, "document").await
}

async fn send_one(shared: &Shared, params: &Params, kind: Kind, field: &'static str) -> Answer {
    let chat = params.chat()?;
    let (caption, keyboard) = (messages::caption(params)?, messages::keyboard(params)?);
    if params.file(field).is_none() && params.text(field).is_none() {
        return Err(ApiError::Malformed(format!("there is no {field} in the request")));
    }
    let incoming = incoming(shared, kind, params.file(field), params.text(field)).await?;
    let prepared = Prepared { incoming, caption, spoiler: params.flag("has_spoiler") };
    let mut world = shared.world();
    let place = messages::place(&world, chat, params)?;
    let content = prepared.into_content(&mut world.files);
    let draft = world.bot_draft(content, place, keyboard);
    Ok(json!(world.post(chat, draft)?))
}

/// `sendMediaGroup`: 2–10 photos, or as many documents; the messages share a `media_group_id`.
pub(super) async fn send_media_group(shared: &Shared, params: &Params) -> Answer {
    let chat = params.chat()?;
    let media: Vec<InputMedia> = params.object("media")?.ok_or(ApiError::Missing("media"))?;
    check_album(&media)?;
    let mut items = Vec::new();
    for item in media {
        items.push(item.prepare(shared, params).await?);
    }
    let mut world = shared.world();
    let place = messages::place(&world, chat, params)?;
    let album = world.new_album();
    let mut sent = Vec::new();
    for item in items {
        let content = item.into_content(&mut world.files);
        let mut draft = world.bot_draft(content, place, None);
        draft.album = Some(album.clone());
        sent.push(world.post(chat, draft)?);
    }
    Ok(json!(sent))
}

fn check_album(media: &[InputMedia]) -> Result<(), ApiError> {
    if media.len() < *ALBUM.start() {
        return Err(ApiError::AlbumTooShort);
    }
    if media.len() > *ALBUM.end() {
        return Err(ApiError::AlbumTooLong);
    }
    let alike = media.windows(2).all(|pair| matches!(pair, [a, b] if a.kind == b.kind));
    if alike { Ok(()) } else { Err(ApiError::AlbumMixed) }
}

/// A file from its bytes, or else from the `file_id` in `value`.
async fn incoming(
    shared: &Shared,
    kind: Kind,
    upload: Option<&Upload>,
    value: Option<&str>,
) -> Result<Incoming, ApiError> {
    match (upload, value) {
        (Some(upload), _) => prepare_upload(kind, upload.clone()).await,
        (None, Some(address)) if address.contains("://") => Err(ApiError::NoDownloads),
        (None, Some(file_id)) => known(shared, kind, file_id),
        (None, None) => Err(ApiError::WrongFile),
    }
}

fn known(shared: &Shared, kind: Kind, file_id: &str) -> Result<Incoming, ApiError> {
    let media = shared.world().files.media(file_id).cloned().ok_or(ApiError::WrongFile)?;
    match (kind, &media) {
        (Kind::Photo, Media::Document(_)) => Err(ApiError::FileKind { found: "Document", wanted: "Photo" }),
        (Kind::Document, Media::Photo(_)) => Err(ApiError::FileKind { found: "Photo", wanted: "Document" }),
        _ => Ok(Incoming::Known(media)),
    }
}

/// Reads pictures on a thread where that may take its time.
async fn prepare_upload(kind: Kind, upload: Upload) -> Result<Incoming, ApiError> {
    let limit = if kind == Kind::Photo { PHOTO_LIMIT } else { DOCUMENT_LIMIT };
    match upload.bytes.len() {
        0 => return Err(ApiError::FileEmpty),
        size if size > limit => return Err(ApiError::TooLarge),
        _ => {}
    }
    let work = move || match kind {
        Kind::Photo => photo_sizes(upload.bytes).map(Incoming::Photo),
        Kind::Document => Ok(Incoming::Document(Box::new(NewDocument::new(upload.bytes, upload.name, upload.mime)))),
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::Internal)?
}

fn photo_sizes(bytes: Bytes) -> Result<Vec<Rendition>, ApiError> {
    Ok(photo::renditions(bytes)?)
}

impl From<PhotoError> for ApiError {
    fn from(error: PhotoError) -> Self {
        match error {
            PhotoError::Unreadable(_) => Self::Picture,
            PhotoError::Dimensions { .. } => Self::PhotoDimensions,
        }
    }
}
