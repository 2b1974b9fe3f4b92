//! Brings one file into the cache.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::StatusCode;

use super::error::{FetchError, root_cause};
use super::hub::Hub;
use super::listing::PublishedFile;
use super::progress::FetchProgress;
use super::repository::Repository;

/// After how long without a byte a connection counts as cut.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// Waits before the connection is made again; they begin anew whenever something came.
const RETRY_DELAYS: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// A file to fetch, of the revision that was listed.
pub(super) struct Download<'a> {
    pub(super) hub: &'a Hub,
    pub(super) repository: &'a Repository,
    pub(super) commit: &'a str,
    pub(super) file: &'a PublishedFile,
    pub(super) progress: &'a dyn FetchProgress,
}

impl Download<'_> {
    /// Brings the file's bytes into its part, going on where an earlier download ended; the part's path.
    ///
    /// # Errors
    /// [`FetchError::CutOff`], after some retries; what came until then stays.
    pub(super) async fn run(&self) -> Result<PathBuf, FetchError> {
        let path = self.hub.part(self.repository, self.file);
        let mut part = self.open_part(&path)?;
        let mut before = self.length(&part, &path)?;
        self.progress.advances(before);
        let mut failures = 0;
        while before < self.file.size {
            let ended = self.receive(&mut part, &path, before).await?;
            let after = self.length(&part, &path)?;
            if after < self.file.size {
                failures = if after > before { 0 } else { failures };
                let Some(&wait) = RETRY_DELAYS.get(failures) else {
                    return Err(self.cut_off(ended.err().unwrap_or_else(|| "nothing came".to_owned())));
                };
                failures += 1;
                tokio::time::sleep(wait).await;
            }
            before = after;
        }
        Ok(path)
    }

    /// Opens the part, which no other program may be fetching.
    fn open_part(&self, path: &Path) -> Result<File, FetchError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(FetchError::disk(folder, "made"))?;
        }
        // Not for appending: Windows neither locks nor cuts such a file.
        let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let part = options.map_err(FetchError::disk(path, "opened"))?;
        match part.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.cut_off("another program is fetching it".to_owned())),
            Err(TryLockError::Error(error)) => return Err(FetchError::disk(path, "locked")(error)),
        }
        if self.length(&part, path)? > self.file.size {
            part.set_len(0).map_err(FetchError::disk(path, "cut"))?;
        }
        Ok(part)
    }

    fn length(&self, part: &File, path: &Path) -> Result<u64, FetchError> {
        part.metadata().map(|metadata| metadata.len()).map_err(FetchError::disk(path, "read"))
    }

    /// Appends one answer. The outer error ends the download, the inner one says why the connection ended.
    async fn receive(&self, part: &mut File, path: &Path, start: u64) -> Result<Result<(), String>, FetchError> {
        let question = self.hub.ask(self.repository, self.commit, self.file, start);
        let mut response = match tokio::time::timeout(READ_TIMEOUT, question).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Ok(Err(root_cause(&error))),
            Err(_) => return Ok(Err(silence())),
        };
        let written = FetchError::disk(path, "written");
        match response.status() {
            StatusCode::PARTIAL_CONTENT => {}
            // A server that knows no ranges sends all of it.
            StatusCode::OK if start == 0 => {}
            StatusCode::OK => part.set_len(0).map_err(FetchError::disk(path, "cut"))?,
            status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                return Err(self.cut_off(format!("status {}", status.as_u16())));
            }
            status => return Ok(Err(format!("status {}", status.as_u16()))),
        }
        part.seek(SeekFrom::End(0)).map_err(FetchError::disk(path, "read"))?;
        let mut writer = BufWriter::with_capacity(1 << 20, part);
        let ended = loop {
            match tokio::time::timeout(READ_TIMEOUT, response.chunk()).await {
                Ok(Ok(Some(bytes))) => {
                    if let Err(error) = writer.write_all(&bytes) {
                        return Err(written(error));
                    }
                    self.progress.advances(bytes.len() as u64);
                }
                Ok(Ok(None)) => break Ok(()),
                Ok(Err(error)) => break Err(root_cause(&error)),
                Err(_) => break Err(silence()),
            }
        };
        writer.flush().map_err(written)?;
        Ok(ended)
    }

    fn cut_off(&self, reason: String) -> FetchError {
        let repository = self.repository.id.to_owned();
        FetchError::CutOff { repository, file: self.file.path.clone(), reason }
    }
}

fn silence() -> String {
    format!("nothing came for {} seconds", READ_TIMEOUT.as_secs())
}
