//! Reading the small files of a model: within limits, and only regular files.

use std::io::{Error, Read, Result};
use std::path::Path;

/// The largest file that is read whole, bytes: a multilingual `tokenizer.json` has 17 MB.
pub(super) const FILE_LIMIT: u64 = 48 * 1024 * 1024;
/// The largest configuration file, bytes.
pub(super) const CONFIG_LIMIT: u64 = 1024 * 1024;
/// How a file begins that stands in the place of another one in a clone without Git LFS
/// (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>).
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
/// Windows editors put it before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The whole content of a file, without a byte order mark.
pub(super) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>> {
    // Opening a pipe would wait for somebody who writes into it.
    let found = std::fs::metadata(path)?;
    if !found.is_file() {
        return Err(Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Error::other(format!("it has more than {} MB", limit / 1024 / 1024)));
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}

/// Whether a file is only a pointer of Git LFS to the one that should be there.
pub(super) fn is_lfs_pointer(path: &Path) -> bool {
    let mut start = [0; LFS_POINTER.len()];
    let is_regular = std::fs::metadata(path).is_ok_and(|found| found.is_file());
    let read = is_regular.then(|| std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)));
    matches!(read, Some(Ok(()))) && start == LFS_POINTER
}

/// The names of the files in a folder of the file system.
pub(super) fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.path().is_file());
    files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_left_out_and_too_much_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, b"\xEF\xBB\xBF{}").unwrap();
        assert_eq!(read_file(&path, 5).unwrap(), b"{}");
        assert!(read_file(&path, 4).is_err());
        assert!(read_file(folder.path(), 4).unwrap_err().to_string().contains("regular file"));
        assert!(!is_lfs_pointer(&path) && !is_lfs_pointer(folder.path()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_without_an_end_is_refused_at_once() {
        assert!(read_file(Path::new("/dev/zero"), CONFIG_LIMIT).unwrap_err().to_string().contains("regular file"));
        assert!(!is_lfs_pointer(Path::new("/dev/zero")));
    }
}
