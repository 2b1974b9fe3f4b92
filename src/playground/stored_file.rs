//! A file of a chat.

use axum::body::Bytes;

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct StoredFile {
    pub(crate) bytes: Bytes,
    pub(crate) mime: String,
    pub(crate) name: Option<String>,
    /// Where `getFile` says it lies.
    pub(crate) path: String,
    pub(crate) unique_id: String,
}
