//! The formats that a finished picture can be written in.

use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageError};

use super::png_file::{PngError, encode_png_of};
use crate::recipe::Recipe;

/// Quality of a JPEG file, of 100: no blocks are seen.
const JPEG_QUALITY: u8 = 95;

/// A format of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// PNG: lossless, with transparency, and with the recipe inside.
    Png,
    /// JPEG: small, without transparency.
    Jpeg,
    /// WebP, lossless, with transparency.
    WebP,
}

/// A picture could not be encoded.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// As PNG.
    #[error(transparent)]
    Png(#[from] PngError),
    /// As JPEG or WebP.
    #[error("the picture can not be encoded: {0}")]
    Image(#[from] ImageError),
}

impl FileFormat {
    /// The format that the ending of a file's name promises; `None` for one that no format here has.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<Self> {
        match &*path.extension()?.to_string_lossy().to_lowercase() {
            "png" => Some(Self::Png),
            "jpg" | "jpeg" | "jpe" | "jfif" => Some(Self::Jpeg),
            "webp" => Some(Self::WebP),
            _ => None,
        }
    }

    /// Whether it stores transparency.
    #[must_use]
    pub fn has_transparency(self) -> bool {
        self != Self::Jpeg
    }

    /// The file. Transparency must have been laid on white where the format has none.
    ///
    /// # Errors
    /// If a side is longer than the format can store (16,383 pixels in WebP).
    pub fn encode(self, picture: &DynamicImage, recipe: &Recipe) -> Result<Vec<u8>, EncodeError> {
        let mut bytes = Vec::new();
        match self {
            Self::Png => return Ok(encode_png_of(picture, recipe)?),
            Self::Jpeg => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode_image(&picture.to_rgb8())?,
            Self::WebP => picture.write_with_encoder(WebPEncoder::new_lossless(&mut bytes))?,
        }
        Ok(bytes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;
    use crate::pictures::read_recipe;

    #[test]
    fn the_bytes_are_what_the_name_promises() {
        let recipe = Recipe::text_to_image("a cat", 7).unwrap();
        let picture = DynamicImage::from(RgbImage::from_pixel(8, 8, Rgb([200, 30, 40])));
        for (name, format) in [
            ("a.png", ImageFormat::Png),
            ("a.JPG", ImageFormat::Jpeg),
            ("a.jpeg", ImageFormat::Jpeg),
            ("b/a.webp", ImageFormat::WebP),
        ] {
            let bytes = FileFormat::of_name(Path::new(name)).unwrap().encode(&picture, &recipe).unwrap();
            assert_eq!(image::guess_format(&bytes).unwrap(), format, "{name}");
            let read = image::load_from_memory(&bytes).unwrap().into_rgb8();
            assert!(read.get_pixel(4, 4).0[0].abs_diff(200) < 4, "{name}");
        }
        for name in ["a", "a.gif", "a.tiff", "a.", ".png"] {
            assert_eq!(FileFormat::of_name(Path::new(name)), None, "{name}");
        }
    }

    #[test]
    fn transparency_is_stored_where_the_format_has_it() {
        let recipe = Recipe::text_to_image("a cat", 7).unwrap();
        let clear = RgbaImage::from_fn(4, 4, |x, _| Rgba([9, 8, 7, if x < 2 { 0 } else { 255 }]));
        for format in [FileFormat::Png, FileFormat::WebP] {
            assert!(format.has_transparency());
            let bytes = format.encode(&clear.clone().into(), &recipe).unwrap();
            let read = image::load_from_memory(&bytes).unwrap().into_rgba8();
            assert_eq!((read.get_pixel(0, 0).0[3], read.get_pixel(3, 3).0), (0, [9, 8, 7, 255]), "{format:?}");
            assert_eq!(read_recipe(&bytes).is_some(), format == FileFormat::Png);
        }
    }
}
