//! The files of a repository: as the hub lists them, or as they lie on the disk.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PublishedFile {
    /// Path inside the repository, with forward slashes.
    pub(super) path: String,
    /// Bytes.
    pub(super) size: u64,
    /// SHA-256 in lower-case hexadecimal digits; the hub has it of large files alone.
    pub(super) sha256: Option<String>,
    /// Its name in the cache.
    pub(super) blob: String,
}

/// The files of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// The revision that was listed; empty where the disk was.
    pub(super) commit: String,
    pub(super) files: Vec<PublishedFile>,
}

/// The hub's answer to `GET /api/models/ID/revision/REVISION?blobs=true`; of a Git object that is no large file only the
/// SHA-1 is known.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sibling {
    rfilename: String,
    size: Option<u64>,
    blob_id: Option<String>,
    lfs: Option<LargeFile>,
}

#[derive(Debug, Deserialize)]
struct LargeFile {
    sha256: String,
    size: u64,
}

impl Listing {
    /// The file with that path.
    pub(super) fn find(&self, path: &str) -> Option<&PublishedFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files in a folder, and in what it contains; none if there is no such folder.
    ///
    /// A link into a cache has the blob's name, which is the SHA-256 of a large file.
    pub(super) fn of_folder(root: &Path) -> Self {
        let mut files = Vec::new();
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(root.join(&folder)).into_iter().flatten().flatten() {
                let path = folder.join(entry.file_name());
                // Of what a link points to: a link to nothing is no file.
                match std::fs::metadata(entry.path()) {
                    Ok(metadata) if metadata.is_dir() => folders.push(path),
                    Ok(metadata) => files.extend(file_on_disk(&entry.path(), &path, metadata.len())),
                    Err(_) => {}
                }
            }
        }
        Self { commit: String::new(), files }
    }

    /// These files, and of the others those with other paths.
    pub(super) fn or(mut self, others: Self) -> Self {
        let new = others.files.into_iter().filter(|file| self.find(&file.path).is_none());
        let new: Vec<_> = new.collect();
        self.files.extend(new);
        self
    }
}

fn file_on_disk(place: &Path, path: &Path, size: u64) -> Option<PublishedFile> {
    let path = path.iter().map(|name| name.to_str()).collect::<Option<Vec<_>>>()?.join("/");
    let blob = place.canonicalize().ok()?.file_name()?.to_str()?.to_owned();
    let is_sha256 = blob.len() == 64 && is_hexadecimal(&blob);
    Some(PublishedFile { path, size, sha256: is_sha256.then(|| blob.clone()), blob })
}

impl TryFrom<Answer> for Listing {
    type Error = String;

    /// Fails with what the answer does not tell.
    fn try_from(answer: Answer) -> Result<Self, String> {
        // It becomes part of a path on this machine.
        if !is_hexadecimal(&answer.sha) {
            return Err("no revision".to_owned());
        }
        let files = answer.siblings.into_iter().map(PublishedFile::try_from).collect::<Result<_, _>>()?;
        Ok(Self { commit: answer.sha, files })
    }
}

impl TryFrom<Sibling> for PublishedFile {
    type Error = String;

    fn try_from(sibling: Sibling) -> Result<Self, String> {
        let path = sibling.rfilename;
        let (size, blob, sha256) = match sibling.lfs {
            Some(LargeFile { sha256, size }) => (Some(size), Some(sha256.clone()), Some(sha256)),
            None => (sibling.size, sibling.blob_id, None),
        };
        match (size, blob) {
            // So does the blob's name.
            (Some(size), Some(blob)) if is_hexadecimal(&blob) => Ok(Self { path, size, sha256, blob }),
            _ => Err(format!("no size or checksum of {path}")),
        }
    }
}

fn is_hexadecimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn listing(siblings: &str) -> Result<Listing, String> {
        let answer: Answer = serde_json::from_str(&format!(r#"{{"sha": "1f", "siblings": [{siblings}]}}"#)).unwrap();
        answer.try_into()
    }

    #[test]
    fn large_files_have_a_checksum_and_small_ones_a_name() {
        let sha = "a".repeat(64);
        let large = r#"{"rfilename": "a.bin", "size": 9, "blobId": "b1", "lfs": {"sha256": "SHA", "size": 9, "pointerSize": 1}}"#;
        let small = r#"{"rfilename": "a.json", "size": 3, "blobId": "c2"}"#;
        let listing = listing(&format!("{},{small}", large.replace("SHA", &sha))).unwrap();
        let large = listing.find("a.bin").unwrap();
        assert_eq!((&large.sha256, &large.blob, large.size), (&Some(sha.clone()), &sha, 9));
        let small = listing.find("a.json").unwrap();
        assert_eq!((&small.sha256, &*small.blob, small.size), (&None, "c2", 3));
    }

    #[test]
    fn an_answer_that_says_too_little_or_names_a_path_is_refused() {
        assert_eq!(listing(r#"{"rfilename": "a"}"#).unwrap_err(), "no size or checksum of a");
        assert_eq!(
            listing(r#"{"rfilename": "b", "size": 3, "blobId": "../../b"}"#).unwrap_err(),
            "no size or checksum of b"
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_into_the_cache_tell_the_checksum() {
        let root = tempfile::tempdir().unwrap();
        let sha = "0123456789abcdef".repeat(4);
        let blob = root.path().join(&sha);
        std::fs::write(&blob, "weights").unwrap();
        let unet = root.path().join("snapshot/unet");
        std::fs::create_dir_all(&unet).unwrap();
        std::os::unix::fs::symlink(&blob, unet.join("model.safetensors")).unwrap();
        std::os::unix::fs::symlink(root.path().join("gone"), unet.join("gone.safetensors")).unwrap();
        let listing = Listing::of_folder(&root.path().join("snapshot"));
        let expected =
            PublishedFile { path: "unet/model.safetensors".into(), size: 7, sha256: Some(sha.clone()), blob: sha };
        assert_eq!(listing.files, [expected]);
        assert_eq!(Listing::of_folder(&root.path().join("nowhere")), Listing::default());
    }
}
