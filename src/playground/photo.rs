//! What a client or the server does to a picture sent as a photo: sizes, thumbnails, JPEG.

use std::io::Cursor;

use axum::body::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use thiserror::Error;

/// Long side of a photo after a client has shrunk it, pixels.
const PHOTO_SIDE: u32 = 1280;
/// Long side of the small size that every photo also has, pixels.
const THUMBNAIL_SIDE: u32 = 320;
/// JPEG quality of what the playground writes, as clients use it.
const QUALITY: u8 = 87;
/// Width + height at most ([sendPhoto](https://core.telegram.org/bots/api#sendphoto)).
const MAX_PERIMETER: u32 = 10_000;
/// Long side over short side at most (ibid.).
const MAX_RATIO: u32 = 20;
/// Memory for one decoded picture, bytes.
const MAX_DECODED: u64 = 512 * 1024 * 1024;
/// The most pixels that are decoded: a small file can hold a hundred times as many.
const MAX_PIXELS: u64 = 50_000_000;

/// Why a picture cannot be a photo.
#[derive(Debug, Error)]
pub(crate) enum PhotoError {
    /// Not a picture that can be read.
    #[error("the picture cannot be read: {0}")]
    Unreadable(#[from] ImageError),
    /// Too large or too long for a photo.
    #[error("a photo of {width}×{height} is outside the limits")]
    Dimensions {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
}

/// One size of a photo: bytes with their dimensions in pixels.
#[derive(Clone, Debug)]
pub(crate) struct Rendition {
    pub(crate) bytes: Bytes,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) mime: &'static str,
}

/// Sizes of a photo with its original bytes as the largest, smallest first: what the bot's uploads become.
///
/// # Errors
/// Unreadable pictures and ones outside Telegram's limits on photos.
pub(crate) fn renditions(bytes: Bytes) -> Result<Vec<Rendition>, PhotoError> {
    let (picture, format) = decode(&bytes, check_dimensions)?;
    let (width, height) = (picture.width(), picture.height());
    let mut sizes: Vec<Rendition> = thumbnail_of(&picture)?.into_iter().collect();
    sizes.push(Rendition { bytes, width, height, mime: format.to_mime_type() });
    Ok(sizes)
}

/// What a client makes of a picture before sending it as a photo: upright, without transparency,
/// JPEG, long side at most 1280 pixels.
///
/// # Errors
/// As [`renditions`].
pub(crate) fn as_client_photo(bytes: &[u8]) -> Result<Bytes, PhotoError> {
    let (picture, _) = decode(bytes, check_dimensions)?;
    Ok(encode(&fit(&picture, PHOTO_SIDE))?.bytes)
}

/// A small JPEG of a picture file; none where it is no picture or small already.
pub(crate) fn thumbnail(bytes: &[u8]) -> Option<Rendition> {
    let (picture, _) = decode(bytes, check_pixels).ok()?;
    thumbnail_of(&picture).ok().flatten().or_else(|| encode(&picture).ok())
}

/// Media type of a picture by its first bytes.
pub(crate) fn sniff(bytes: &[u8]) -> Option<&'static str> {
    let format = image::guess_format(bytes).ok()?;
    matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP | ImageFormat::Gif)
        .then(|| format.to_mime_type())
}

/// Decodes a picture whose width and height, which are read from its header, pass `check`.
fn decode(
    bytes: &[u8],
    check: fn(u32, u32) -> Result<(), PhotoError>,
) -> Result<(DynamicImage, ImageFormat), PhotoError> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(ImageError::from)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED);
    reader.limits(limits);
    let format = reader.format().unwrap_or(ImageFormat::Png);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    check(width, height)?;
    let orientation = decoder.orientation()?;
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok((picture, format))
}

fn check_dimensions(width: u32, height: u32) -> Result<(), PhotoError> {
    let (long, short) = (width.max(height), width.min(height));
    if width.saturating_add(height) > MAX_PERIMETER || long > short.saturating_mul(MAX_RATIO) {
        return Err(PhotoError::Dimensions { width, height });
    }
    check_pixels(width, height)
}

fn check_pixels(width: u32, height: u32) -> Result<(), PhotoError> {
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PhotoError::Dimensions { width, height });
    }
    Ok(())
}

fn thumbnail_of(picture: &DynamicImage) -> Result<Option<Rendition>, ImageError> {
    let larger = picture.width().max(picture.height()) > THUMBNAIL_SIDE;
    larger.then(|| encode(&fit(picture, THUMBNAIL_SIDE))).transpose()
}

/// Shrinks to a long side of `side`; never enlarges.
fn fit(picture: &DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side {
        return picture.clone();
    }
    picture.resize(side, side, FilterType::CatmullRom)
}

fn encode(picture: &DynamicImage) -> Result<Rendition, ImageError> {
    let flat = over_white(picture);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&flat)?;
    Ok(Rendition { bytes: bytes.into(), width: flat.width(), height: flat.height(), mime: "image/jpeg" })
}

/// JPEG has no transparency: lays the picture over white.
fn over_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let rgba = picture.to_rgba8();
    RgbImage::from_fn(rgba.width(), rgba.height(), |x, y| {
        let [r, g, b, a] = rgba.get_pixel(x, y).0.map(u32::from);
        let blend = |c: u32| u8::try_from((c * a + 255 * (255 - a) + 127) / 255).unwrap_or(u8::MAX);
        image::Rgb([blend(r), blend(g), blend(b)])
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use image::{Rgba, RgbaImage};

    use super::*;

    fn png(width: u32, height: u32, pixel: [u8; 4]) -> Bytes {
        let mut bytes = Cursor::new(Vec::new());
        RgbaImage::from_pixel(width, height, Rgba(pixel)).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner().into()
    }

    #[test]
    fn a_large_picture_becomes_a_jpeg_of_1280() {
        let photo = as_client_photo(&png(2000, 1000, [9, 9, 9, 255])).unwrap();
        let (picture, format) = decode(&photo, check_dimensions).unwrap();
        assert_eq!((picture.width(), picture.height(), format), (1280, 640, ImageFormat::Jpeg));
    }

    #[test]
    fn transparency_turns_white() {
        let photo = as_client_photo(&png(16, 16, [0, 0, 0, 0])).unwrap();
        let (picture, _) = decode(&photo, check_dimensions).unwrap();
        assert!(picture.to_rgb8().get_pixel(8, 8).0.iter().all(|c| *c > 250));
    }

    #[test]
    fn the_bots_bytes_stay_the_largest_size() {
        let bytes = png(640, 320, [1, 2, 3, 255]);
        let sizes = renditions(bytes.clone()).unwrap();
        let dimensions: Vec<_> = sizes.iter().map(|s| (s.width, s.height)).collect();
        assert_eq!(dimensions, [(320, 160), (640, 320)]);
        assert_eq!(sizes[1].bytes, bytes);
    }

    #[test]
    fn a_small_file_of_very_many_pixels_is_refused_by_its_header() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 12_000, 12_000);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        // Whoever decodes it finds that it is cut short.
        writer.write_chunk(png::chunk::IDAT, b"x").unwrap();
        drop(writer);
        let error = renditions(bytes.clone().into()).unwrap_err();
        assert!(matches!(error, PhotoError::Dimensions { width: 12_000, height: 12_000 }), "{error}");
        assert!(as_client_photo(&bytes).is_err() && thumbnail(&bytes).is_none());
        let error = decode(&bytes, check_pixels).unwrap_err();
        assert!(matches!(error, PhotoError::Dimensions { .. }), "{error}");
    }

    #[test]
    fn what_telegram_refuses_is_refused() {
        assert!(matches!(renditions(png(210, 10, [0; 4])), Err(PhotoError::Dimensions { width: 210, height: 10 })));
        assert!(matches!(renditions(Bytes::from_static(b"no picture")), Err(PhotoError::Unreadable(_))));
    }
}
