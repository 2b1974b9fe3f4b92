//! Files that users sent.

use teloxide::DownloadError;
use teloxide::net::Download;
use teloxide::prelude::Requester;
use teloxide::types::FileId;

use super::Api;
use crate::telegram::outbox::fault::{Fault, brief};

impl Api {
    /// Downloads a file that somebody sent. The platform gives out up to 20 MB
    /// (<https://core.telegram.org/bots/api#getfile>).
    pub(in crate::telegram) async fn download(&self, file: &str) -> Result<Vec<u8>, Fault> {
        let file = self.bot.get_file(FileId(file.to_owned())).await;
        let file = file.map_err(|error| Fault::of(&error).unwrap_or_else(|| Fault::Refused(brief(&error))))?;
        let mut bytes = Vec::new();
        let downloaded = self.bot.download_file(&file.path, &mut bytes).await;
        downloaded.map_err(|error| {
            Fault::Passing(match error {
                // The address holds the token.
                DownloadError::Network(error) => match error.url() {
                    Some(url) => error.to_string().replace(url.as_str(), "the file's address"),
                    None => error.to_string(),
                },
                DownloadError::Io(error) => error.to_string(),
            })
        })?;
        Ok(bytes)
    }
}
