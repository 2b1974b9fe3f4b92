//! A sign of life in the data folder, for checks on a machine where the program has no port.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::readiness::Readiness;
use super::service_manager;

/// The file in the data folder.
const FILE: &str = "heartbeat.json";
/// How often it is written.
const INTERVAL: Duration = Duration::from_secs(10);
/// A program that has written nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the program wrote last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Heartbeat {
    /// Seconds since 1970.
    at: u64,
    /// Whether the model is loaded.
    is_ready: bool,
}

/// How the program in a data folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// It runs; jobs are drawn if the model is loaded.
    Well {
        /// Whether the model is loaded.
        is_ready: bool,
    },
    /// It has given no sign of life for so long.
    Hangs {
        /// Since the last sign of life.
        since: Duration,
    },
    /// It has never given one, or the file can not be read.
    Unknown,
}

/// Gives signs of life, also to systemd, until the task is dropped. It runs among the tasks of the bot: where these no longer come
/// to their turn, neither does it.
pub async fn beat(data: PathBuf, readiness: Readiness) {
    let mut is_logged = false;
    loop {
        let written = write(&data, Heartbeat { at: seconds_now(), is_ready: readiness.is_ready() });
        match written {
            Err(error) if !is_logged => {
                tracing::warn!(%error, "the heartbeat can not be written: `kandinsky-bot health` will say that the bot hangs");
                is_logged = true;
            }
            _ => {}
        }
        service_manager::alive(readiness.is_ready());
        tokio::time::sleep(INTERVAL).await;
    }
}

/// How the program is that writes into this data folder. Whether it runs at all, its lock says.
#[must_use]
pub fn health(data: &Path) -> Health {
    let read = fs::read(data.join(FILE)).ok().and_then(|bytes| serde_json::from_slice::<Heartbeat>(&bytes).ok());
    let Some(Heartbeat { at, is_ready }) = read else { return Health::Unknown };
    let since = Duration::from_secs(seconds_now().saturating_sub(at));
    if since > PATIENCE { Health::Hangs { since } } else { Health::Well { is_ready } }
}

/// Written aside and renamed, so that nobody reads half of it.
fn write(data: &Path, heartbeat: Heartbeat) -> std::io::Result<()> {
    let aside = data.join("heartbeat.new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // As everything in the data folder, for this user alone.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&aside)?.write_all(&serde_json::to_vec(&heartbeat)?)?;
    fs::rename(aside, data.join(FILE))
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sign_of_life_is_judged_by_its_age() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(health(folder.path()), Health::Unknown);
        write(folder.path(), Heartbeat { at: seconds_now() - 20, is_ready: true }).unwrap();
        assert_eq!(health(folder.path()), Health::Well { is_ready: true });
        write(folder.path(), Heartbeat { at: seconds_now() - 100, is_ready: true }).unwrap();
        assert!(matches!(health(folder.path()), Health::Hangs { since } if since.as_secs() >= 100));
        fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(health(folder.path()), Health::Unknown);
    }
}
