//! `POST /page/upload`: what a person's client does to photos and files before and while it sends them.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use serde_json::json;

use super::api::errors::ApiError;
use super::api::messages::CAPTION_LIMIT;
use super::api::params::{Params, Upload};
use super::chat_log::Content;
use super::entities::Formatted;
use super::files::{FileStore, NewDocument};
use super::page_calls::{PageResult, check_reply};
use super::page_user::Who;
use super::photo;
use super::photo::Rendition;
use super::shared::Shared;

/// One upload at most, bytes.
pub(super) const SIZE_LIMIT: usize = 210 * 1024 * 1024;
/// Files of one upload.
const FILES_LIMIT: usize = 10;

/// A file that a person sends, made ready.
enum Outgoing {
    Photo(Vec<Rendition>),
    File(Box<NewDocument>),
}

impl Outgoing {
    fn into_content(self, files: &mut FileStore, caption: Formatted) -> Content {
        match self {
            Self::Photo(sizes) => Content::Photo { sizes: files.add_photo(sizes), caption, spoiler: false },
            Self::File(new) => Content::Document { document: files.add_document(*new), caption },
        }
    }
}

/// An upload as it came.
struct Parcel {
    who: Who,
    files: Vec<Upload>,
    caption: Formatted,
    as_photo: bool,
    /// Whether several files are an album.
    together: bool,
    reply_to: Option<i64>,
}

impl Parcel {
    fn open(mut params: Params) -> Result<Self, ApiError> {
        let files = params.take_files("file");
        if !(1..=FILES_LIMIT).contains(&files.len()) {
            return Err(ApiError::Invalid("file"));
        }
        let caption = Formatted::typed(params.text("caption").unwrap_or_default());
        if caption.chars() > CAPTION_LIMIT {
            return Err(ApiError::CaptionTooLong);
        }
        let as_photo = match params.required_text("as")? {
            "photo" => true,
            "file" => false,
            _ => return Err(ApiError::Invalid("as")),
        };
        let who = Who {
            user: params.integer("user")?,
            chat: params.integer("chat")?,
            thread: params.integer("thread")?,
            lang: params.text("lang").map(str::to_owned),
        };
        let together = params.text("album") != Some("false");
        Ok(Self { who, files, caption, as_photo, together, reply_to: params.integer("reply_to")? })
    }
}

/// Sends files as photos or as they are.
pub(super) async fn upload(State(shared): State<Arc<Shared>>, request: Request) -> PageResult {
    let Parcel { who, files, caption, as_photo, together, reply_to } = Parcel::open(Params::read(request).await?)?;
    let outgoing = make_ready(files, as_photo).await?;
    // As clients do: under the first of several photos, under the last of several files.
    let captioned = if as_photo { 0 } else { outgoing.len() - 1 };

    let mut world = shared.world();
    let chat = who.enter(&mut world)?;
    let reply_to = check_reply(&world, chat, reply_to)?;
    let album = (together && outgoing.len() > 1).then(|| world.new_album());
    let mut messages = Vec::new();
    for (index, item) in outgoing.into_iter().enumerate() {
        let caption = if index == captioned { caption.clone() } else { Formatted::default() };
        let content = item.into_content(&mut world.files, caption);
        let mut draft = who.draft(&mut world, content, reply_to);
        draft.album.clone_from(&album);
        messages.push(world.say(chat, draft)?);
    }
    Ok(Json(json!({ "messages": messages })))
}

/// Shrinks photos and makes thumbnails, on a thread where that may take its time.
async fn make_ready(files: Vec<Upload>, as_photo: bool) -> Result<Vec<Outgoing>, ApiError> {
    let work = move || files.into_iter().map(|file| prepare(file, as_photo)).collect();
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::Internal)?
}

fn prepare(file: Upload, as_photo: bool) -> Result<Outgoing, ApiError> {
    if file.bytes.is_empty() {
        return Err(ApiError::FileEmpty);
    }
    if !as_photo {
        return Ok(Outgoing::File(Box::new(NewDocument::new(file.bytes, file.name, file.mime))));
    }
    let shrunk: Bytes = photo::as_client_photo(&file.bytes)?;
    Ok(Outgoing::Photo(photo::renditions(shrunk)?))
}
