//! SHA-256 of files.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

/// Bytes that are read at once.
const BUFFER_BYTES: usize = 1 << 20;

/// A file's SHA-256 in lower-case hexadecimal digits; `advance` is called with the number of bytes read.
pub(super) fn sha256_of(path: &Path, mut advance: impl FnMut(u64)) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut hasher = Sha256::new();
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        hasher.update(&buffer[..read]);
        advance(read as u64);
    }
    Ok(hasher.finalize().iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string can not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_one() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let mut read = 0;
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_of(file.path(), |bytes| read += bytes).unwrap(), expected);
        assert_eq!(read, 3);
    }
}
