//! The chats on disk, so that the page shows after a restart what it showed before.
//!
//! `chats.jsonl` has one line for each change. It is read at the start and then written anew, with what is left of it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::chat_log::Entry;
use super::wire::Chat;

const NAME: &str = "chats.jsonl";

/// One change of a chat.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// A message is there, or is now like this.
    Message {
        /// Where.
        chat: Chat,
        /// The message.
        entry: Box<Entry>,
    },
    /// Messages are gone.
    Deleted {
        /// From this chat.
        chat: i64,
        /// Their numbers.
        ids: Vec<i64>,
    },
}

/// The file that changes are appended to.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    /// Whether a change could not be written; it is said once.
    is_broken: bool,
}

impl Journal {
    /// The changes so far. A line that can not be read is left out: the last one may be cut.
    ///
    /// # Errors
    /// The file is there and can not be read.
    pub(crate) fn read(folder: &Path) -> io::Result<Vec<Change>> {
        let file = match File::open(folder.join(NAME)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let lines = BufReader::new(file).split(b'\n');
        lines.filter_map(|line| line.map(|line| serde_json::from_slice(&line).ok()).transpose()).collect()
    }

    /// Begins the file anew with these changes.
    ///
    /// # Errors
    /// It can not be written; the former one is still there then.
    pub(crate) fn begin(folder: &Path, changes: impl Iterator<Item = Change>) -> io::Result<Self> {
        let new: PathBuf = folder.join(format!("{NAME}.new"));
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&new)?;
        let mut lines = Vec::new();
        for change in changes {
            push_line(&mut lines, &change)?;
        }
        file.write_all(&lines)?;
        fs::rename(&new, folder.join(NAME))?;
        Ok(Self { file, is_broken: false })
    }

    /// Appends a change. The chat goes on where that fails: it is a convenience.
    pub(crate) fn write(&mut self, change: &Change) {
        let mut line = Vec::new();
        let written = push_line(&mut line, change).and_then(|()| self.file.write_all(&line));
        match written {
            Err(error) if !self.is_broken => {
                tracing::warn!(%error, "the page's chat can not be kept; after a restart the page will not show all of it");
                self.is_broken = true;
            }
            written => self.is_broken = written.is_err(),
        }
    }
}

fn push_line(lines: &mut Vec<u8>, change: &Change) -> io::Result<()> {
    serde_json::to_writer(&mut *lines, change)?;
    lines.push(b'\n');
    Ok(())
}
