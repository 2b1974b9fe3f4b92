//! The kinds of picture files, by their first bytes and by their names.

use std::path::Path;

/// Endings of the names of picture files, of all kinds, in small letters.
const SUFFIXES: [&str; 37] = [
    "png", "apng", "jpg", "jpeg", "jpe", "jfif", "jif", "pjpeg", "webp", "gif", "bmp", "dib", "tif", "tiff", "avif",
    "heic", "heif", "hif", "jxl", "jp2", "ico", "svg", "psd", "tga", "qoi", "exr", "raw", "dng", "cr2", "cr3", "nef",
    "arw", "orf", "rw2", "raf", "pef", "xcf",
];

/// First bytes of files that are pictures, or are taken for some, and can not be read.
const SIGNATURES: [(&[u8], &str); 11] = [
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF or RAW"),
    (b"MM\0*", "TIFF or RAW"),
    (b"8BPS", "Photoshop"),
    (b"%PDF", "PDF"),
    (b"<svg", "SVG"),
    (b"<?xml", "SVG"),
    (b"\0\0\x01\0", "ICO"),
    (b"\0\0\0\x0CJXL ", "JPEG XL"),
    (b"\xFF\x0A", "JPEG XL"),
];

/// What a file that can not be read is, such as "HEIC"; `None` where its first bytes are not known.
#[must_use]
pub fn unreadable_kind(bytes: &[u8]) -> Option<&'static str> {
    // ISO base media file format: a size, "ftyp" and the brand.
    if let Some([_, _, _, _, b'f', b't', b'y', b'p', brand @ ..]) = bytes.first_chunk::<12>() {
        return Some(match brand {
            b"avif" | b"avis" => "AVIF",
            b"crx " => "RAW",
            b"heic" | b"heix" | b"hevc" | b"hevx" | b"heim" | b"heis" | b"mif1" | b"msf1" => "HEIC",
            _ => "film",
        });
    }
    SIGNATURES.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| *kind)
}

/// Whether a name ends like that of a picture file, whether or not this kind can be read.
#[must_use]
pub fn is_picture_name(name: &str) -> bool {
    let suffix = Path::new(name.trim_end()).extension().map(|suffix| suffix.to_string_lossy().to_lowercase());
    suffix.is_some_and(|suffix| SUFFIXES.contains(&&*suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_pictures_are_told_from_texts() {
        for name in ["cat.png", "IMG_1234.HEIC", "a/b.avif", "my photo.JFIF", "scan.Tiff", "DSC001.NEF", "x.webp "] {
            assert!(is_picture_name(name), "{name}");
        }
        for text in ["a cat", "a cat.", "png", ".png", "version 2.1", "cat. png", "a raw photo", "cat.jpg on a table"] {
            assert!(!is_picture_name(text), "{text}");
        }
    }

    #[test]
    fn files_that_can_not_be_read_are_named_by_their_kind() {
        for (bytes, kind) in [
            (&b"\0\0\0\x18ftypheic\0\0\0\0"[..], Some("HEIC")),
            (b"\0\0\0\x20ftypavif", Some("AVIF")),
            (b"\0\0\0\x20ftypisom", Some("film")),
            (b"GIF89a", Some("GIF")),
            (b"II*\0\x08\0\0\0", Some("TIFF or RAW")),
            (b"<svg xmlns", Some("SVG")),
            (b"hello", None),
            (b"", None),
        ] {
            assert_eq!(unreadable_kind(bytes), kind, "{bytes:?}");
        }
    }
}
