//! The segments of a JPEG file.

/// Whether the picture has its end marker: without it the decoder would fill what is missing with grey.
///
/// Segments are walked from the start, since phones append films behind the end (ITU-T T.81, B.1.1). Bytes between two
/// segments are skipped, as libjpeg and browsers do.
pub(super) fn is_whole_jpeg(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            0xD9 => return true,
            // Restarts and TEM have no length.
            0x01 | 0xD0..=0xD7 => continue,
            _ => match bytes.get(at..at + 2) {
                Some(&[high, low]) => at += usize::from(u16::from_be_bytes([high, low])),
                _ => return false,
            },
        }
        if marker == 0xDA {
            // Inside a scan every 0xFF is followed by 0 or by a restart's number.
            let scan = bytes.get(at..).unwrap_or_default();
            match scan.windows(2).position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xD0..=0xD7)) {
                Some(length) => at += length,
                None => return false,
            }
        }
    }
    false
}

/// The marker that comes next; `at` is then behind it. A marker is 0xFF, repeated at will, and a byte other than 0 and 0xFF.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        let rest = bytes.get(*at..)?;
        *at += rest.iter().position(|&byte| byte == 0xFF)?;
        let rest = bytes.get(*at..)?;
        let fill = rest.iter().position(|&byte| byte != 0xFF)?;
        let marker = rest.get(fill).copied()?;
        *at += fill + 1;
        if marker != 0 {
            return Some(marker);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, Rgb, RgbImage};

    use crate::pictures::{Picture, PictureError};

    fn jpeg() -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = RgbImage::from_fn(64, 64, |x, y| Rgb([x as u8 * 4, y as u8 * 4, 9]));
        picture.write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_jpeg_that_is_cut_short_is_told_so() {
        let jpeg = jpeg();
        assert!(Picture::decode(&jpeg).is_ok());
        for length in [jpeg.len() / 2, jpeg.len() - 1, 20] {
            assert!(matches!(Picture::decode(&jpeg[..length]), Err(PictureError::Damaged { .. })), "{length}");
        }
        let with_film = [&jpeg[..], &[0xFF, 0xD9, 7, 0xFF, 0xDA, 7, 7]].concat();
        assert!(Picture::decode(&with_film).is_ok(), "what a phone appends does no harm");
    }

    #[test]
    fn a_stray_byte_between_segments_does_no_harm() {
        let jpeg = jpeg();
        let whole = Picture::decode(&jpeg).unwrap();
        // Behind the first segment, and before the tables of the scan.
        let first = 4 + usize::from(u16::from_be_bytes([jpeg[4], jpeg[5]]));
        let scan = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC4]).unwrap();
        for at in [2, first, scan] {
            for stray in [&[0][..], b"A", &[0xFF, 0x00], &[0xFF]] {
                let with_stray = [&jpeg[..at], stray, &jpeg[at..]].concat();
                let read = Picture::decode(&with_stray).map_err(|error| format!("{at} {stray:?}: {error}"));
                assert_eq!(read.unwrap(), whole, "{at} {stray:?}");
            }
        }
    }
}
