//! The plan of a fetch.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::error::FetchError;
use super::hub::Hub;
use super::listing::PublishedFile;
use super::repository::Repository;
use super::space::{check_space, free_space};

/// The files that are wanted of a repository.
pub(super) struct Wanted {
    pub(super) repository: Repository,
    /// The revision that was listed.
    pub(super) commit: String,
    pub(super) files: Vec<PublishedFile>,
}

/// A fetch before it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The published repositories.
    pub repositories: Vec<RepositorySize>,
    /// Bytes to fetch.
    pub needed: u64,
    /// Bytes free where they go.
    pub free: u64,
    /// Where they go: the hub's cache.
    pub cache: PathBuf,
}

/// How large the part of a repository is that the program reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositorySize {
    /// `owner/name`.
    pub id: &'static str,
    /// Number of files.
    pub files: usize,
    /// Bytes.
    pub bytes: u64,
}

impl Plan {
    /// Looks at the sizes of what is there.
    ///
    /// # Errors
    /// [`FetchError::Space`] if the rest does not fit on the disk.
    pub(super) fn make(hub: &Hub, folder: &Path, wanted: &[Wanted]) -> Result<Self, FetchError> {
        let size = |Wanted { repository, files, .. }: &Wanted| RepositorySize {
            id: repository.id,
            files: files.len(),
            bytes: files.iter().map(|file| file.size).sum(),
        };
        // Weights that two repositories have alike are fetched once.
        let mut counted = HashSet::new();
        let mut needed = 0;
        for Wanted { repository, files, .. } in wanted {
            for file in files.iter().filter(|file| file.sha256.is_none() || counted.insert(&file.sha256)) {
                let target = folder.join(repository.folder).join(&file.path);
                if !has_size(&target, file.size) && !has_size(&hub.blob(repository, file), file.size) {
                    needed += file.size.saturating_sub(size_of(&hub.part(repository, file)).unwrap_or(0));
                }
            }
        }
        let cache = hub.cache().to_owned();
        let free = free_space(&cache)?;
        check_space(needed, free, &cache)?;
        Ok(Self { repositories: wanted.iter().map(size).collect(), needed, free, cache })
    }
}

/// Whether there is a file of that size.
pub(super) fn has_size(path: &Path, size: u64) -> bool {
    size_of(path) == Some(size)
}

/// The size of a file, if there is one.
fn size_of(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fetch::hub::HubSettings;
    use crate::fetch::repository::{DECODER, INPAINT};

    fn file(path: &str, size: u64, blob: &str) -> PublishedFile {
        PublishedFile { path: path.to_owned(), size, sha256: Some(blob.to_owned()), blob: blob.to_owned() }
    }

    fn write(path: &Path, bytes: usize) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, vec![0; bytes]).unwrap();
    }

    #[test]
    fn only_what_is_not_there_is_needed() {
        let root = tempfile::tempdir().unwrap();
        let (cache, folder) = (root.path().join("hub"), root.path().join("model"));
        let settings = HubSettings { endpoint: "http://nowhere".into(), cache, token: None, offline: false };
        let hub = Hub::new(&settings).unwrap();
        let large = 1 << 60;
        let files = vec![file("unet/a", 1000, "a1"), file("unet/b", 1000, "b1"), file("movq/c", 1000, "c1")];
        let twins = vec![file("movq/c", 1000, "c1"), PublishedFile { sha256: None, ..file("e", 20, "e1") }];
        let wanted = |last: &PublishedFile| {
            let commit = String::new();
            let files = [&*files, std::slice::from_ref(last)].concat();
            [
                Wanted { repository: DECODER, commit: commit.clone(), files },
                Wanted { repository: INPAINT, commit, files: twins.clone() },
            ]
        };
        let small = PublishedFile { sha256: None, ..file("e", 20, "e1") };
        let needed = || Plan::make(&hub, &folder, &wanted(&small)).unwrap().needed;
        assert_eq!(needed(), 3040, "the large twin is fetched once, the small one twice");
        write(&folder.join("kandinsky-2-1/unet/a"), 1000);
        assert_eq!(needed(), 2040);
        write(&folder.join("kandinsky-2-1/unet/b"), 999);
        assert_eq!(needed(), 2040, "of another size");
        write(&hub.blob(&DECODER, &files[1]), 1000);
        assert_eq!(needed(), 1040, "in the cache");
        write(&hub.part(&DECODER, &files[2]), 300);
        assert_eq!(needed(), 740, "a part is there");

        let error = Plan::make(&hub, &folder, &wanted(&file("d", large, "d1"))).unwrap_err();
        assert!(matches!(error, FetchError::Space { needed, .. } if needed == 720 + large), "{error}");
    }
}
