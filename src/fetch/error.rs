//! Errors of fetching a model.

use std::path::{Path, PathBuf};

use indicatif::DecimalBytes;

/// Why a model is not there.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// There is no folder for the cache.
    #[error("there is no home folder for the cache; set HF_HOME to the folder to keep it in")]
    NoHome,
    /// The server does not answer.
    #[error("{endpoint} can not be reached ({reason}); check the connection, or HF_ENDPOINT if it is set")]
    Unreachable {
        /// Its address.
        endpoint: String,
        /// The connection's error.
        reason: String,
    },
    /// The server says no.
    #[error(
        "{endpoint} has no repository {repository}, or not for everyone ({status}); check HF_ENDPOINT and HF_TOKEN"
    )]
    NoRepository {
        /// The server's address.
        endpoint: String,
        /// `owner/name`.
        repository: String,
        /// The answer's HTTP status.
        status: u16,
    },
    /// The server answers with something that is not the hub's.
    #[error(
        "{endpoint} does not answer about {repository} as the hub does ({reason}); try later, or check HF_ENDPOINT"
    )]
    Answer {
        /// The server's address.
        endpoint: String,
        /// `owner/name`.
        repository: String,
        /// Why the response is not valid.
        reason: String,
    },
    /// A file that the program needs is not published there.
    #[error("the repository {repository} has no file {file}, so it can not be used")]
    NotPublished {
        /// `owner/name`.
        repository: String,
        /// Path inside the repository.
        file: String,
    },
    /// Offline, a file is missing.
    #[error(
        "{file} of {repository} is neither in {} nor in the cache {}; fetch it without --offline (HF_HUB_OFFLINE)",
        folder.display(),
        cache.display()
    )]
    NotHere {
        /// `owner/name`.
        repository: String,
        /// Path inside the repository.
        file: String,
        /// The model folder.
        folder: PathBuf,
        /// The hub's cache.
        cache: PathBuf,
    },
    /// The disk is too small.
    #[error(
        "{} are to be fetched and {} has room for {}; free some, or set HF_HOME to a folder on a larger disk",
        DecimalBytes(*needed),
        cache.display(),
        DecimalBytes(*free)
    )]
    Space {
        /// Bytes to fetch.
        needed: u64,
        /// Bytes free.
        free: u64,
        /// The hub's cache.
        cache: PathBuf,
    },
    /// A download ended too early.
    #[error("{file} of {repository} was cut off ({reason}); run the same command again, it goes on from there")]
    CutOff {
        /// `owner/name`.
        repository: String,
        /// Path inside the repository.
        file: String,
        /// The connection's error.
        reason: String,
    },
    /// The file differs from the published one.
    #[error(
        "{file} of {repository} came damaged (another size or checksum than published) and is not kept; run the same command again"
    )]
    Damaged {
        /// `owner/name`.
        repository: String,
        /// Path inside the repository.
        file: String,
    },
    /// The folder holds the other of the two published layouts.
    #[error("{} holds {found}, which do not go together with these files; name another folder with --model", folder.display())]
    OtherLayout {
        /// The model folder.
        folder: PathBuf,
        /// The layout that it has.
        found: &'static str,
    },
    /// The file system says no.
    #[error("{} can not be {action}: {source}", path.display())]
    Disk {
        /// The file or folder.
        path: PathBuf,
        /// The failed action, as a participle.
        action: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
}

impl FetchError {
    /// The file system's answer about a path.
    pub(super) fn disk(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Disk { path, action, source }
    }
}

/// The innermost cause, which names what happened; the outer ones only say that a request failed.
pub(super) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
