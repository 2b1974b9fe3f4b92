//! Fetches repositories file by file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::checksum::sha256_of;
use super::download::Download;
use super::error::FetchError;
use super::hub::{Hub, HubSettings};
use super::link::{link_or_copy, remove};
use super::listing::{Listing, PublishedFile};
use super::plan::{Plan, Wanted, has_size};
use super::progress::{FetchProgress, Work};
use super::repository::Repository;

/// The result of a fetch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fetched {
    /// Files of the model.
    pub files: usize,
    /// How many of them came from the hub.
    pub fetched: usize,
    /// Bytes of those.
    pub bytes: u64,
}

/// Makes `folder` a model folder with the repositories side by side.
///
/// Stopped at any point, the same call goes on from there.
///
/// # Errors
/// [`FetchError`] that says which file is at fault and what to do.
pub async fn fetch(
    repositories: &[Repository],
    folder: &Path,
    settings: &HubSettings,
    progress: Arc<dyn FetchProgress>,
) -> Result<Fetched, FetchError> {
    check_layout(repositories, folder)?;
    let hub = Hub::new(settings)?;
    let mut wanted = Vec::new();
    for repository in repositories {
        wanted.push(choose(&hub, folder, *repository).await?);
    }
    progress.planned(&Plan::make(&hub, folder, &wanted)?);
    let mut fetching = FolderFetch { hub, folder, progress, placed: HashMap::new(), done: Fetched::default() };
    for Wanted { repository, commit, files } in &wanted {
        for file in files {
            fetching.fetch_file(repository, commit, file).await?;
        }
    }
    Ok(fetching.done)
}

/// The two published layouts are distinguished by their files, so a folder holds one of them.
fn check_layout(repositories: &[Repository], folder: &Path) -> Result<(), FetchError> {
    let is_original = repositories.iter().any(|repository| repository.folder.is_empty());
    let (file, found) = if is_original {
        ("kandinsky-2-1-prior", "the Hugging Face repositories")
    } else {
        ("prior_fp16.ckpt", "the original checkpoints")
    };
    if folder.join(file).exists() {
        return Err(FetchError::OtherLayout { folder: folder.to_owned(), found });
    }
    Ok(())
}

/// The files to fetch of a repository; offline, of what the cache and the folder have.
async fn choose(hub: &Hub, folder: &Path, repository: Repository) -> Result<Wanted, FetchError> {
    let listing = if hub.is_offline() {
        hub.cached_files(&repository).or(Listing::of_folder(&folder.join(repository.folder)))
    } else {
        hub.published_files(&repository).await?
    };
    let files = repository.select(&listing).map_err(|file| {
        let repository = repository.id.to_owned();
        if hub.is_offline() {
            let (folder, cache) = (folder.to_owned(), hub.cache().to_owned());
            FetchError::NotHere { repository, file, folder, cache }
        } else {
            FetchError::NotPublished { repository, file }
        }
    })?;
    Ok(Wanted { repository, commit: listing.commit, files })
}

struct FolderFetch<'a> {
    hub: Hub,
    folder: &'a Path,
    progress: Arc<dyn FetchProgress>,
    /// Where the weights with a checksum are.
    placed: HashMap<String, PathBuf>,
    done: Fetched,
}

impl FolderFetch<'_> {
    /// Sees to it that a file is in the model folder.
    async fn fetch_file(
        &mut self,
        repository: &Repository,
        commit: &str,
        file: &PublishedFile,
    ) -> Result<(), FetchError> {
        let inside = Path::new(repository.folder).join(&file.path);
        let target = self.folder.join(&inside);
        self.done.files += 1;
        if !self.is_whole(&inside, &target, file).await? {
            let blob = self.hub.blob(repository, file);
            let twin = file.sha256.as_ref().and_then(|sha256| self.placed.get(sha256)).cloned();
            let source = match twin {
                _ if self.is_whole(&inside, &blob, file).await? => blob,
                Some(twin) if self.hub.is_offline() => twin,
                Some(twin) => {
                    link_or_copy(&twin, &self.hub.part(repository, file), true)?;
                    self.hub.publish(repository, commit, file)?
                }
                None => self.download(repository, commit, file, &inside).await?,
            };
            link_or_copy(&source, &target, file.sha256.is_some())?;
        }
        if let Some(sha256) = &file.sha256 {
            self.placed.insert(sha256.clone(), target);
        }
        Ok(())
    }

    async fn download(
        &mut self,
        repository: &Repository,
        commit: &str,
        file: &PublishedFile,
        inside: &Path,
    ) -> Result<PathBuf, FetchError> {
        let hub = &self.hub;
        if hub.is_offline() {
            return Err(FetchError::NotHere {
                repository: repository.id.to_owned(),
                file: file.path.clone(),
                folder: self.folder.to_owned(),
                cache: hub.cache().to_owned(),
            });
        }
        // What an earlier run left may be bad: then all of it is fetched anew.
        let attempts = if hub.part(repository, file).exists() { 2 } else { 1 };
        for _ in 0..attempts {
            let part = self.bring(repository, commit, file, inside).await?;
            if self.is_whole(inside, &part, file).await? {
                self.done.fetched += 1;
                self.done.bytes += file.size;
                return self.hub.publish(repository, commit, file);
            }
            remove(&part)?;
        }
        Err(FetchError::Damaged { repository: repository.id.to_owned(), file: file.path.clone() })
    }

    /// Brings a file's bytes into its part.
    async fn bring(
        &self,
        repository: &Repository,
        commit: &str,
        file: &PublishedFile,
        inside: &Path,
    ) -> Result<PathBuf, FetchError> {
        let (hub, progress) = (&self.hub, &*self.progress);
        progress.begins(Work::Fetching, inside, file.size);
        let part = Download { hub, repository, commit, file, progress }.run().await;
        progress.ends();
        part
    }

    /// Whether a file has the size and the checksum that are published.
    async fn is_whole(&self, inside: &Path, path: &Path, file: &PublishedFile) -> Result<bool, FetchError> {
        if !has_size(path, file.size) {
            return Ok(false);
        }
        let Some(sha256) = &file.sha256 else { return Ok(true) };
        self.progress.begins(Work::Checking, inside, file.size);
        let (progress, place) = (Arc::clone(&self.progress), path.to_owned());
        let hashing = tokio::task::spawn_blocking(move || sha256_of(&place, |bytes| progress.advances(bytes)));
        let computed = hashing.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        self.progress.ends();
        let computed = computed.map_err(FetchError::disk(path, "read"))?;
        Ok(computed.eq_ignore_ascii_case(sha256))
    }
}
