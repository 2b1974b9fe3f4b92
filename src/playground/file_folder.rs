//! Files of the chats in a folder: the bytes under the `file_id`, and beside them what is known of the file as JSON.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use axum::body::Bytes;
use serde::{Deserialize, Serialize};

use super::stored_file::StoredFile;

/// What is written beside the bytes.
#[derive(Serialize, Deserialize)]
struct Properties {
    mime: String,
    name: Option<String>,
    path: String,
    unique_id: String,
}

/// The folder. Its files are named by the playground itself.
#[derive(Debug)]
pub(crate) struct FileFolder(PathBuf);

impl FileFolder {
    /// Makes the folder where it is missing.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        fs::create_dir_all(path)?;
        Ok(Self(path.to_owned()))
    }

    /// The files with these names, oldest first; all others are deleted.
    pub(crate) fn keep_only(&self, named: &BTreeSet<String>) -> io::Result<Vec<(String, StoredFile)>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let file_id = name.strip_suffix(".json").unwrap_or(&name).to_owned();
            if !named.contains(&file_id) {
                // What can not be deleted only takes room.
                let _ = fs::remove_file(entry.path());
            } else if name.ends_with(".json") {
                files.extend(
                    self.read(&file_id)
                        .map(|file| (entry.metadata().and_then(|data| data.modified()).ok(), file_id, file)),
                );
            }
        }
        files.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        Ok(files.into_iter().map(|(_, file_id, file)| (file_id, file)).collect())
    }

    fn read(&self, file_id: &str) -> Option<StoredFile> {
        let properties = fs::read(self.properties(file_id)).ok()?;
        let Properties { mime, name, path, unique_id } = serde_json::from_slice(&properties).ok()?;
        let bytes = Bytes::from(fs::read(self.0.join(file_id)).ok()?);
        Some(StoredFile { bytes, mime, name, path, unique_id })
    }

    /// Writes a file. Where that fails, the file is gone after a restart, and nothing else.
    pub(crate) fn write(&self, file_id: &str, file: &StoredFile) {
        let properties = Properties {
            mime: file.mime.clone(),
            name: file.name.clone(),
            path: file.path.clone(),
            unique_id: file.unique_id.clone(),
        };
        let written = serde_json::to_vec(&properties).map_err(io::Error::from).and_then(|properties| {
            fs::write(self.0.join(file_id), &file.bytes)?;
            fs::write(self.properties(file_id), properties)
        });
        if let Err(error) = written {
            tracing::debug!(%error, "a file of the page's chat can not be kept");
        }
    }

    /// Deletes a file.
    pub(crate) fn remove(&self, file_id: &str) {
        let _ = fs::remove_file(self.0.join(file_id));
        let _ = fs::remove_file(self.properties(file_id));
    }

    fn properties(&self, file_id: &str) -> PathBuf {
        self.0.join(format!("{file_id}.json"))
    }
}
