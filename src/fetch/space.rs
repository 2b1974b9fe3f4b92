//! Free disk space.

use std::path::Path;

use super::error::FetchError;

/// Bytes that stay free: a full disk harms everything else on the machine.
const RESERVED_BYTES: u64 = 64 << 20;

/// Bytes free where a folder is, or would be made.
pub(super) fn free_space(folder: &Path) -> Result<u64, FetchError> {
    let folder = std::path::absolute(folder).map_err(FetchError::disk(folder, "found"))?;
    let existing = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(&folder);
    fs4::available_space(existing).map_err(FetchError::disk(existing, "measured"))
}

/// Checks that the disk has space for what is to be fetched.
pub(super) fn check_space(needed: u64, free: u64, cache: &Path) -> Result<(), FetchError> {
    if needed > 0 && needed.saturating_add(RESERVED_BYTES) > free {
        return Err(FetchError::Space { needed, free, cache: cache.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_too_small_is_told_with_both_sizes() {
        let cache = Path::new("/cache");
        let error = check_space(20_000_000_000, 3_000_000_000, cache).unwrap_err().to_string();
        assert!(error.contains("20.00 GB") && error.contains("3.00 GB") && error.contains("/cache"), "{error}");
        assert!(check_space(1_000_000, 1_000_000 + RESERVED_BYTES - 1, cache).is_err(), "something stays free");
        assert!(check_space(1_000_000, 1_000_000 + RESERVED_BYTES, cache).is_ok());
        assert!(check_space(0, 0, cache).is_ok(), "where nothing is fetched no room is needed");
    }

    #[test]
    fn a_folder_that_is_not_there_yet_has_its_parents_space() {
        let folder = tempfile::tempdir().unwrap();
        assert!(free_space(&folder.path().join("a/b/c")).unwrap() > 0);
        assert!(free_space(Path::new("not/there")).unwrap() > 0);
    }
}
