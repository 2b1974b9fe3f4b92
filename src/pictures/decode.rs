//! Picture files from outside: decoded within limits, upright, as 8-bit sRGB.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Luma, Rgb, RgbImage};

use super::colour_profile;
use super::jpeg_segments::is_whole_jpeg;
use super::png_profile::without_profile;

/// The most bytes of a file that are looked at: more than a PNG of [`PIXELS_LIMIT`] has, so that a result can be worked on.
pub const BYTES_LIMIT: usize = 256 * 1024 * 1024;
const _: () = assert!(BYTES_LIMIT as u64 > PIXELS_LIMIT * 5, "a result can be worked on");
/// The longest side, pixels.
pub const SIDE_LIMIT: u32 = 16_384;
/// The most pixels.
pub const PIXELS_LIMIT: u64 = 50_000_000;

/// Whether a picture of this size is read.
#[must_use]
pub fn is_within_limits(width: u32, height: u32) -> bool {
    width.max(height) <= SIDE_LIMIT && u64::from(width) * u64::from(height) <= PIXELS_LIMIT
}

/// What a decoder may set aside beside the pixels, bytes.
const DECODER_BYTES: u64 = 32 * 1024 * 1024;

/// A decoded picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Its pixels; what is transparent lies on white.
    pub rgb: RgbImage,
    /// Its transparency, where some pixel is not opaque.
    pub alpha: Option<Transparency>,
}

/// What a picture with transparent pixels is like with nothing behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transparency {
    /// Opacity of each pixel, 255 where nothing shines through.
    pub opacity: GrayImage,
    /// Colour of each pixel, whatever its opacity.
    pub colours: RgbImage,
}

/// Why a file is no picture for us.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// Another format, or none.
    #[error("this is no picture that can be read; send a PNG, JPEG or WebP file")]
    Format,
    /// More than [`BYTES_LIMIT`].
    #[error("the file has {} MB; at most {} MB are read", bytes / 1_000_000, BYTES_LIMIT / 1_000_000)]
    Bytes {
        /// Its size.
        bytes: usize,
    },
    /// More than [`PIXELS_LIMIT`] or [`SIDE_LIMIT`].
    #[error("the picture has {width}×{height} pixels; at most {} million, and {SIDE_LIMIT} on a side, are read", PIXELS_LIMIT / 1_000_000)]
    Pixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// It begins like a picture and goes on otherwise.
    #[error("the picture is damaged or cut short ({reason}); send it again")]
    Damaged {
        /// The decoder's reason.
        reason: String,
    },
}

impl Picture {
    /// Reads a PNG, JPEG or WebP file: of an animation the first frame, turned as its EXIF orientation says, in the colours
    /// that its profile says.
    ///
    /// # Errors
    /// [`PictureError`] says what is wrong and what to send instead.
    pub fn decode(bytes: &[u8]) -> Result<Self, PictureError> {
        if bytes.len() > BYTES_LIMIT {
            return Err(PictureError::Bytes { bytes: bytes.len() });
        }
        let format = format_of(bytes).ok_or(PictureError::Format)?;
        if format == ImageFormat::Jpeg && !is_whole_jpeg(bytes) {
            return Err(PictureError::Damaged { reason: "its end is missing".to_owned() });
        }
        let (bytes, png_profile) = match format {
            ImageFormat::Png => (without_profile(bytes), colour_profile::of_png(bytes)),
            _ => (bytes.into(), None),
        };
        let mut reader = ImageReader::with_format(Cursor::new(&*bytes), format);
        reader.limits(limits());
        let mut decoder = reader.into_decoder().map_err(damaged)?;
        let (width, height) = decoder.dimensions();
        if !is_within_limits(width, height) {
            return Err(PictureError::Pixels { width, height });
        }
        let orientation = decoder.orientation().map_err(damaged)?;
        let icc = decoder.icc_profile().ok().flatten();
        let profile = png_profile.or_else(|| colour_profile::of_icc(&icc?));
        let mut picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
        picture.apply_orientation(orientation);
        if let Some(profile) = profile {
            picture = colour_profile::to_srgb(picture, &profile);
        }
        Ok(Self::from_image(picture))
    }

    fn from_image(picture: DynamicImage) -> Self {
        if !picture.color().has_alpha() {
            return Self { rgb: picture.into_rgb8(), alpha: None };
        }
        let rgba = picture.into_rgba8();
        let (width, height) = rgba.dimensions();
        let on_white = |value: u8, alpha: u8| {
            let (value, alpha) = (u32::from(value), u32::from(alpha));
            ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8
        };
        let pixel = |x, y| rgba.get_pixel(x, y).0;
        let rgb = RgbImage::from_fn(width, height, |x, y| {
            let [r, g, b, alpha] = pixel(x, y);
            Rgb([r, g, b].map(|value| on_white(value, alpha)))
        });
        if rgba.pixels().all(|pixel| pixel.0[3] == 255) {
            return Self { rgb, alpha: None };
        }
        let opacity = GrayImage::from_fn(width, height, |x, y| Luma([pixel(x, y)[3]]));
        let colours = RgbImage::from_fn(width, height, |x, y| {
            let [r, g, b, _] = pixel(x, y);
            Rgb([r, g, b])
        });
        Self { rgb, alpha: Some(Transparency { opacity, colours }) }
    }
}

impl From<RgbImage> for Picture {
    fn from(rgb: RgbImage) -> Self {
        Self { rgb, alpha: None }
    }
}

/// The format, if it is one that is read.
fn format_of(bytes: &[u8]) -> Option<ImageFormat> {
    // A marker comes next, or stray bytes before one.
    if bytes.starts_with(&[0xFF, 0xD8]) {
        return Some(ImageFormat::Jpeg);
    }
    image::guess_format(bytes).ok().filter(|format| matches!(format, ImageFormat::Png | ImageFormat::WebP))
}

/// Bounds on what a decoder may set aside, so that a small file can not ask for all memory.
fn limits() -> Limits {
    let mut limits = Limits::default();
    // Eight bytes a pixel is the widest format: four channels of 16 bits.
    limits.max_alloc = Some(PIXELS_LIMIT * 8 + DECODER_BYTES);
    limits
}

fn damaged(error: ImageError) -> PictureError {
    PictureError::Damaged { reason: error.to_string() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.into().write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn transparency_lies_on_white_and_is_remembered() {
        let rgba = image::RgbaImage::from_fn(2, 1, |x, _| image::Rgba([200, 0, 0, if x == 0 { 0 } else { 255 }]));
        let picture = Picture::decode(&encoded(rgba, ImageFormat::Png)).unwrap();
        assert_eq!(picture.rgb.as_raw(), &[255, 255, 255, 200, 0, 0]);
        let alpha = picture.alpha.unwrap();
        assert_eq!(alpha.opacity.as_raw(), &[0, 255]);
        assert_eq!(alpha.colours.as_raw(), &[200, 0, 0, 200, 0, 0]);
    }

    #[test]
    fn an_alpha_channel_that_hides_nothing_is_none() {
        let rgba = image::RgbaImage::from_pixel(3, 3, image::Rgba([1, 2, 3, 255]));
        assert_eq!(Picture::decode(&encoded(rgba, ImageFormat::Png)).unwrap().alpha, None);
    }

    #[test]
    fn sixteen_bits_and_grey_become_eight_bit_rgb() {
        let grey = image::ImageBuffer::from_pixel(1, 1, image::Luma([0x8000u16]));
        let picture = Picture::decode(&encoded(DynamicImage::ImageLuma16(grey), ImageFormat::Png)).unwrap();
        assert_eq!(picture.rgb.as_raw(), &[128, 128, 128]);
    }

    #[test]
    fn what_is_no_picture_is_told_so() {
        for bytes in [&b""[..], b"hello", b"GIF89a\x01\x00\x01\x00", b"%PDF-1.4", b"<svg/>"] {
            assert!(matches!(Picture::decode(bytes), Err(PictureError::Format)), "{bytes:?}");
        }
        let png = encoded(RgbImage::new(40, 40), ImageFormat::Png);
        for length in [20, 40, png.len() / 2] {
            assert!(matches!(Picture::decode(&png[..length]), Err(PictureError::Damaged { .. })), "{length}");
        }
    }

    #[test]
    fn a_header_that_promises_too_much_is_refused_before_anything_is_set_aside() {
        let mut png = encoded(RgbImage::new(1, 1), ImageFormat::Png);
        png[16..20].copy_from_slice(&20_000u32.to_be_bytes());
        png[20..24].copy_from_slice(&20_000u32.to_be_bytes());
        let checksum = crc32(&png[12..29]);
        png[29..33].copy_from_slice(&checksum.to_be_bytes());
        let error = Picture::decode(&png).unwrap_err();
        assert!(matches!(error, PictureError::Pixels { width: 20_000, height: 20_000 }), "{error}");
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
        })
    }
}
