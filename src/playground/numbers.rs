//! Where the numbers of messages and updates start.
//!
//! A bot that kept its data folder meets higher numbers after a restart of the playground, as it would on Telegram. Otherwise it
//! would take a new update for one that it has handled, and say nothing.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Holds the first number of the next run's updates.
const FILE: &str = "next-update";
/// So many numbers are set aside for a run. Ten more pass each second, so that a run of that many updates may end at any time.
const SET_ASIDE: i64 = 10_000;

/// Tenths of a second since 2026; stays below 2³¹ until 2032.
pub(super) fn first_number() -> i64 {
    const YEAR_2026_MS: u128 = 1_767_225_600_000;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    i64::try_from(since.saturating_sub(YEAR_2026_MS) / 100 % (1 << 31)).unwrap_or(0).max(1)
}

/// The number of the first update of a run that keeps its chats in a folder: `first`, or a higher one where an earlier run may have
/// used that, because it ended a moment ago or its clock was ahead.
///
/// # Errors
/// The folder can not be read or written.
pub(super) fn first_update(folder: &Path, first: i64) -> io::Result<i64> {
    let path = folder.join(FILE);
    let kept = match std::fs::read_to_string(&path) {
        Ok(text) => text.trim().parse().unwrap_or(0),
        Err(error) if error.kind() == ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    let first = first.max(kept);
    std::fs::write(path, (first + SET_ASIDE).to_string())?;
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_given_twice_however_soon_the_program_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let first = first_update(folder.path(), 500).unwrap();
        assert_eq!(first, 500);
        assert!(first_update(folder.path(), 501).unwrap() >= first + SET_ASIDE);
        assert_eq!(first_update(folder.path(), 1_000_000).unwrap(), 1_000_000, "time passes as well");
        std::fs::write(folder.path().join(FILE), "damaged").unwrap();
        assert_eq!(first_update(folder.path(), 2_000_000).unwrap(), 2_000_000);
    }
}
