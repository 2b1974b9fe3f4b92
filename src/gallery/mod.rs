//! What the web editor keeps: pictures of users that are in no job yet ([`Gallery`]), and who may come in ([`EditorSessions`]).

mod pictures;
mod sessions;

pub use pictures::{Gallery, GalleryEntry, GalleryJob, GalleryPicture, NewGalleryPicture};
pub use sessions::{CODE_LIFETIME, EditorSessions, NewCode, code_hash, new_code};
