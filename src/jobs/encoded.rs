//! An encoded picture with what a store keeps of it.

use std::io::Cursor;

use bytes::Bytes;
use image::{ImageFormat, ImageReader};
use sha2::{Digest, Sha256};

/// An encoded picture (PNG, JPEG or WebP), its hash and its size.
///
/// Hashing a picture takes milliseconds: make it away from the runtime's threads and outside of transactions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedPicture {
    /// The file.
    pub bytes: Bytes,
    /// SHA-256 of the bytes, as 64 hexadecimal digits.
    pub hash: String,
    /// What the header says.
    pub info: PictureInfo,
}

/// What is known of a stored picture without its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PictureInfo {
    /// Width in pixels; 0 where the header can not be read.
    pub width: u32,
    /// Height in pixels; 0 where the header can not be read.
    pub height: u32,
    /// Size of the file in bytes.
    pub size: u64,
}

impl EncodedPicture {
    /// Hashes the file and reads its header.
    #[must_use]
    pub fn new(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let hash = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let info = PictureInfo::of(&bytes);
        Self { bytes, hash, info }
    }
}

impl PictureInfo {
    /// What the header of a file says.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let format = image::guess_format(bytes).unwrap_or(ImageFormat::Png);
        let (width, height) =
            ImageReader::with_format(Cursor::new(bytes), format).into_dimensions().unwrap_or_default();
        Self { width, height, size: bytes.len() as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_comes_from_the_header() {
        let mut file = Cursor::new(Vec::new());
        image::RgbImage::new(5, 3).write_to(&mut file, ImageFormat::Png).unwrap();
        let picture = EncodedPicture::new(file.into_inner());
        assert_eq!((picture.info.width, picture.info.height), (5, 3));
        assert_eq!(picture.info.size, picture.bytes.len() as u64);
        assert_eq!(picture.hash.len(), 64);
    }

    #[test]
    fn a_file_that_is_no_picture_has_no_size_and_a_hash() {
        let picture = EncodedPicture::new(vec![1, 2, 3]);
        assert_eq!(picture.info, PictureInfo { width: 0, height: 0, size: 3 });
        assert_eq!(picture.hash, "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
    }
}
