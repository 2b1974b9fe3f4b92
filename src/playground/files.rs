//! Photos and documents of all chats, in memory and, where the chats are kept, on disk.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::path::Path;

use axum::body::Bytes;
use sha2::{Digest, Sha256};

use super::chat_log::Content;
use super::file_folder::FileFolder;
use super::photo;
use super::photo::Rendition;
use super::stored_file::StoredFile;
use super::wire::{Document, PhotoSize};

/// Bytes kept at most; beyond it the oldest files go.
const CAPACITY: usize = 512 * 1024 * 1024;

/// What a `file_id` stands for when it is sent again.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Media {
    /// All sizes, smallest first.
    Photo(Vec<PhotoSize>),
    Document(Document),
}

/// A document that is ready to be stored: made outside the lock, as its thumbnail takes time.
#[derive(Debug)]
pub(crate) struct NewDocument {
    bytes: Bytes,
    name: Option<String>,
    mime: String,
    thumbnail: Option<Rendition>,
}

impl NewDocument {
    /// A document of these bytes; `mime` is what the sender says and yields to what the bytes say.
    pub(crate) fn new(bytes: Bytes, name: Option<String>, mime: Option<String>) -> Self {
        let sniffed = photo::sniff(&bytes);
        let thumbnail = sniffed.and_then(|_| photo::thumbnail(&bytes));
        let mime = sniffed.map(str::to_owned).or(mime).unwrap_or_else(|| "application/octet-stream".to_owned());
        Self { bytes, name, mime, thumbnail }
    }
}

/// All files by `file_id`.
#[derive(Debug, Default)]
pub(crate) struct FileStore {
    files: HashMap<String, StoredFile>,
    media: HashMap<String, Media>,
    age: VecDeque<String>,
    total: usize,
    last: u64,
    folder: Option<FileFolder>,
}

impl FileStore {
    /// The files in a folder, of which only those that `contents` name are kept; new ones are written there.
    pub(crate) fn restore<'c>(folder: &Path, contents: impl Iterator<Item = &'c Content>) -> std::io::Result<Self> {
        let mut store = Self::default();
        for content in contents {
            match content {
                Content::Text(_) => {}
                Content::Photo { sizes, .. } => store.remember_photo(sizes),
                Content::Document { document, .. } => store.remember_document(document),
            }
        }
        let named: BTreeSet<String> = store.media.keys().cloned().chain(store.thumbnails()).collect();
        let folder = FileFolder::open(folder)?;
        for (file_id, file) in folder.keep_only(&named)? {
            store.last = store.last.max(number_in(&file_id));
            store.keep(file_id, file);
        }
        store.folder = Some(folder);
        Ok(store)
    }

    fn thumbnails(&self) -> Vec<String> {
        let thumbnail = |media: &Media| match media {
            Media::Document(document) => document.thumbnail.as_ref().map(|size| size.file_id.clone()),
            Media::Photo(_) => None,
        };
        self.media.values().filter_map(thumbnail).collect()
    }

    fn remember_photo(&mut self, sizes: &[PhotoSize]) {
        for size in sizes {
            self.media.insert(size.file_id.clone(), Media::Photo(sizes.to_vec()));
        }
    }

    fn remember_document(&mut self, document: &Document) {
        self.media.insert(document.file_id.clone(), Media::Document(document.clone()));
    }

    /// Stores all sizes of a photo.
    pub(crate) fn add_photo(&mut self, sizes: Vec<Rendition>) -> Vec<PhotoSize> {
        let sizes: Vec<PhotoSize> = sizes.into_iter().map(|size| self.add_size(size, "photos")).collect();
        self.remember_photo(&sizes);
        sizes
    }

    /// Stores a document with its thumbnail.
    pub(crate) fn add_document(&mut self, new: NewDocument) -> Document {
        let thumbnail = new.thumbnail.map(|size| self.add_size(size, "thumbnails"));
        let file_size = new.bytes.len();
        let (file_id, file_unique_id) = self.add(new.bytes, new.mime.clone(), new.name.clone(), "documents");
        let document =
            Document { file_id, file_unique_id, thumbnail, file_name: new.name, mime_type: Some(new.mime), file_size };
        self.remember_document(&document);
        document
    }

    /// The file with this `file_id`.
    pub(crate) fn get(&self, file_id: &str) -> Option<&StoredFile> {
        self.files.get(file_id)
    }

    /// The file at this path.
    pub(crate) fn at_path(&self, path: &str) -> Option<&StoredFile> {
        self.files.values().find(|file| file.path == path)
    }

    /// What to send again for this `file_id`.
    pub(crate) fn media(&self, file_id: &str) -> Option<&Media> {
        self.media.get(file_id)
    }

    /// Deletes the files of a message that is gone.
    pub(crate) fn forget(&mut self, content: &Content) {
        let file_ids: Vec<String> = match content {
            Content::Text(_) => return,
            Content::Photo { sizes, .. } => sizes.iter().map(|size| size.file_id.clone()).collect(),
            Content::Document { document, .. } => {
                let thumbnail = document.thumbnail.iter().map(|size| size.file_id.clone());
                thumbnail.chain([document.file_id.clone()]).collect()
            }
        };
        file_ids.iter().for_each(|file_id| self.drop_file(file_id));
        self.age.retain(|file_id| !file_ids.contains(file_id));
    }

    fn add_size(&mut self, size: Rendition, folder: &str) -> PhotoSize {
        let (width, height, file_size) = (size.width, size.height, size.bytes.len());
        let (file_id, file_unique_id) = self.add(size.bytes, size.mime.to_owned(), None, folder);
        PhotoSize { file_id, file_unique_id, width, height, file_size }
    }

    /// Returns `file_id` and `file_unique_id`.
    fn add(&mut self, bytes: Bytes, mime: String, name: Option<String>, folder: &str) -> (String, String) {
        self.last += 1;
        let unique_id = hex_prefix(&bytes);
        let file_id = format!("PG{}_{unique_id}{:08x}", self.last, rand::random::<u32>());
        let path = format!("{folder}/file_{}{}", self.last, extension(&mime, name.as_deref()));
        let file = StoredFile { bytes, mime, name, path, unique_id: unique_id.clone() };
        if let Some(folder) = &self.folder {
            folder.write(&file_id, &file);
        }
        self.keep(file_id.clone(), file);
        (file_id, unique_id)
    }

    fn keep(&mut self, file_id: String, file: StoredFile) {
        self.total += file.bytes.len();
        self.age.push_back(file_id.clone());
        self.files.insert(file_id, file);
        self.drop_oldest();
    }

    fn drop_oldest(&mut self) {
        while self.total > CAPACITY && self.age.len() > 1 {
            let Some(oldest) = self.age.pop_front() else { return };
            self.drop_file(&oldest);
        }
    }

    fn drop_file(&mut self, file_id: &str) {
        self.media.remove(file_id);
        if let Some(folder) = &self.folder {
            folder.remove(file_id);
        }
        if let Some(file) = self.files.remove(file_id) {
            self.total -= file.bytes.len();
        }
    }
}

/// The number that a `file_id` begins with.
fn number_in(file_id: &str) -> u64 {
    let number = file_id.strip_prefix("PG").and_then(|rest| rest.split('_').next());
    number.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The first 16 hexadecimal digits of the SHA-256 sum.
fn hex_prefix(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn extension(mime: &str, name: Option<&str>) -> String {
    let by_name = name.and_then(|name| name.rsplit_once('.')).map(|(_, extension)| extension);
    let plain = |e: &&str| (1..=8).contains(&e.len()) && e.chars().all(|c| c.is_ascii_alphanumeric());
    let by_mime = match mime {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "text/plain" => "txt",
        _ => "bin",
    };
    format!(".{}", by_name.filter(plain).unwrap_or(by_mime).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn text(content: &'static str, name: &str) -> NewDocument {
        NewDocument::new(Bytes::from_static(content.as_bytes()), Some(name.to_owned()), None)
    }

    #[test]
    fn equal_bytes_share_the_unique_id_but_not_the_file_id() {
        let mut store = FileStore::default();
        let (a, b) = (store.add_document(text("same", "a.txt")), store.add_document(text("same", "b.txt")));
        assert_eq!(a.file_unique_id, b.file_unique_id);
        assert_ne!(a.file_id, b.file_id);
        assert_eq!(store.media(&a.file_id), Some(&Media::Document(a)));
    }

    #[test]
    fn a_path_leads_to_the_bytes_and_takes_nothing_odd_from_the_name() {
        let mut store = FileStore::default();
        let document = store.add_document(text("body", "../../x.p/n"));
        let path = store.get(&document.file_id).unwrap().path.clone();
        assert_eq!(path, "documents/file_1.bin");
        assert_eq!(store.at_path(&path).unwrap().bytes, "body");
    }
}
