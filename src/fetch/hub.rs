//! The hub and its cache on this machine, through the crate `hf-hub`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hf_hub::api::tokio::{Api, ApiBuilder};
use hf_hub::{Cache, CacheRepo, Repo, RepoType};
use reqwest::header::RANGE;

use super::error::{FetchError, root_cause};
use super::link::symbolic_link;
use super::listing::{Answer, Listing, PublishedFile};
use super::repository::Repository;

const REVISION: &str = "main";
/// How long the hub may think about a list of files.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Where the hub is, and where its files go on this machine.
#[derive(Clone)]
pub struct HubSettings {
    /// The server's address, without a slash at the end.
    pub endpoint: String,
    /// Folder of the cache.
    pub cache: PathBuf,
    /// An account's token.
    pub token: Option<String>,
    /// Whether to use only what is on this machine.
    pub offline: bool,
}

impl HubSettings {
    /// From the hub's own variables: `HF_ENDPOINT`, `HF_HOME` (else `~/.cache/huggingface`) and `HF_TOKEN` (else the file
    /// `token` that its other tools leave in that folder).
    ///
    /// # Errors
    /// [`FetchError::NoHome`] if there is no folder for the cache.
    pub fn from_environment(offline: bool) -> Result<Self, FetchError> {
        let home = match variable("HF_HOME") {
            Some(home) => PathBuf::from(home),
            None => std::env::home_dir().ok_or(FetchError::NoHome)?.join(".cache/huggingface"),
        };
        let cache = std::path::absolute(home.join("hub")).map_err(FetchError::disk(&home, "found"))?;
        let endpoint = variable("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".to_owned());
        let token = variable("HF_TOKEN").or_else(|| Cache::new(cache.clone()).token());
        Ok(Self { endpoint: endpoint.trim_end_matches('/').to_owned(), cache, token, offline })
    }
}

impl HubSettings {
    /// The server's address for messages: without the user and password that it may hold.
    pub(super) fn shown_endpoint(&self) -> String {
        match self.endpoint.split_once("://") {
            Some((scheme, rest)) => {
                let host = rest.find('/').unwrap_or(rest.len());
                let host = rest[..host].rfind('@').map_or(rest, |at| &rest[at + 1..]);
                format!("{scheme}://{host}")
            }
            None => self.endpoint.rsplit('@').next().unwrap_or_default().to_owned(),
        }
    }
}

impl std::fmt::Debug for HubSettings {
    /// Without the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { cache, offline, .. } = self;
        f.debug_struct("HubSettings")
            .field("endpoint", &self.shown_endpoint())
            .field("cache", cache)
            .field("offline", offline)
            .finish_non_exhaustive()
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// The hub and its cache.
pub(super) struct Hub {
    settings: HubSettings,
    api: Api,
    cache: Cache,
}

impl Hub {
    /// Connects to nothing yet.
    pub(super) fn new(settings: &HubSettings) -> Result<Self, FetchError> {
        let cache = Cache::new(settings.cache.clone());
        let api = ApiBuilder::from_cache(cache.clone())
            .with_endpoint(settings.endpoint.clone())
            .with_token(settings.token.clone())
            .with_user_agent("kandinsky-bot", env!("CARGO_PKG_VERSION"))
            .build()
            .map_err(|error| FetchError::Unreachable {
                endpoint: settings.shown_endpoint(),
                reason: root_cause(&error),
            })?;
        Ok(Self { settings: settings.clone(), api, cache })
    }

    /// The cache's folder.
    pub(super) fn cache(&self) -> &Path {
        &self.settings.cache
    }

    /// Whether the hub may not be asked.
    pub(super) fn is_offline(&self) -> bool {
        self.settings.offline
    }

    /// Where the cache has, or would have, a file.
    pub(super) fn blob(&self, repository: &Repository, file: &PublishedFile) -> PathBuf {
        self.cached(repository).blob_path(&file.blob)
    }

    /// Where a file grows until it is whole; the hub's Python library calls it the same.
    pub(super) fn part(&self, repository: &Repository, file: &PublishedFile) -> PathBuf {
        self.cached(repository).blob_path(&format!("{}.incomplete", file.blob))
    }

    fn cached(&self, repository: &Repository) -> CacheRepo {
        self.cache.repo(repo(repository, REVISION))
    }

    /// The files that the cache has of a repository.
    pub(super) fn cached_files(&self, repository: &Repository) -> Listing {
        let refs = self.cache().join(repo(repository, REVISION).folder_name()).join("refs").join(REVISION);
        let Ok(commit) = std::fs::read_to_string(refs) else { return Listing::default() };
        Listing::of_folder(&self.cached(repository).pointer_path(commit.trim()))
    }

    /// The files that are published.
    ///
    /// # Errors
    /// [`FetchError::Unreachable`], [`FetchError::NoRepository`] or [`FetchError::Answer`].
    pub(super) async fn published_files(&self, repository: &Repository) -> Result<Listing, FetchError> {
        let repo = self.api.repo(repo(repository, REVISION));
        let request = repo.info_request().query(&[("blobs", "true")]).timeout(REQUEST_TIMEOUT);
        let response = request.send().await.map_err(|error| FetchError::Unreachable {
            endpoint: self.settings.shown_endpoint(),
            reason: root_cause(&error),
        })?;
        let status = response.status().as_u16();
        match status {
            200 => {}
            401 | 403 | 404 => {
                let endpoint = self.settings.shown_endpoint();
                return Err(FetchError::NoRepository { endpoint, repository: repository.id.to_owned(), status });
            }
            _ => return Err(self.strange(repository, format!("status {status}"))),
        }
        let answer: Answer = response.json().await.map_err(|error| self.strange(repository, root_cause(&error)))?;
        answer.try_into().map_err(|reason| self.strange(repository, reason))
    }

    /// A question for a file from that byte on, in the revision that the list was made of.
    pub(super) async fn ask(
        &self,
        repository: &Repository,
        commit: &str,
        file: &PublishedFile,
        start: u64,
    ) -> reqwest::Result<reqwest::Response> {
        let url = self.api.repo(repo(repository, commit)).url(&file.path);
        // The client follows the hub to its storage, and takes no token along.
        self.api.client().get(url).header(RANGE, format!("bytes={start}-")).send().await
    }

    /// Makes a file that was fetched visible to everyone who uses the cache.
    pub(super) fn publish(
        &self,
        repository: &Repository,
        commit: &str,
        file: &PublishedFile,
    ) -> Result<PathBuf, FetchError> {
        let blob = self.blob(repository, file);
        let part = self.part(repository, file);
        std::fs::rename(&part, &blob).map_err(FetchError::disk(&part, "renamed"))?;
        let pointer = self.cached(repository).pointer_path(commit).join(&file.path);
        if !pointer.exists() {
            let folder = pointer.parent().unwrap_or(&pointer);
            std::fs::create_dir_all(folder).map_err(FetchError::disk(folder, "made"))?;
            // From snapshots/COMMIT/FOLDER/ back to blobs/: relative, so that the cache may be moved.
            let up = "../".repeat(2 + file.path.matches('/').count());
            symbolic_link(&Path::new(&up).join("blobs").join(&file.blob), &pointer)
                .or_else(|_| std::fs::hard_link(&blob, &pointer))
                .map_err(FetchError::disk(&pointer, "made"))?;
        }
        self.cached(repository).create_ref(commit).map_err(FetchError::disk(self.cache(), "written"))?;
        Ok(blob)
    }

    fn strange(&self, repository: &Repository, reason: String) -> FetchError {
        let endpoint = self.settings.shown_endpoint();
        FetchError::Answer { endpoint, repository: repository.id.to_owned(), reason }
    }
}

fn repo(repository: &Repository, revision: &str) -> Repo {
    Repo::with_revision(repository.id.to_owned(), RepoType::Model, revision.to_owned())
}
