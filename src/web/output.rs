//! The files that clients get: PNG as it is stored, with the recipe inside, or JPEG, or WebP.

use bytes::Bytes;
use image::DynamicImage;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;

use super::error::{ApiError, ApiResult};
use super::params::Params;

/// Quality of a JPEG where none is asked for.
const JPEG_QUALITY: u8 = 95;

/// A format, with what it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputFormat {
    /// As it is stored.
    Png,
    /// Of this quality, 1 to 100.
    Jpeg(u8),
    /// Without loss.
    WebP,
}

impl OutputFormat {
    /// `output_format` and `output_compression`.
    pub(super) fn from_params(params: &mut Params) -> ApiResult<Self> {
        let quality =
            params.integer(&["output_compression"], 0..=100)?.map_or(JPEG_QUALITY, |quality| quality.max(1) as u8);
        let name = params.text(&["output_format"])?.unwrap_or_default();
        Self::of_name(&name, quality).ok_or_else(|| {
            ApiError::invalid(
                "output_format",
                format!("pictures are not written as {name:?}; there is png, jpeg and webp"),
            )
        })
    }

    /// The format of a file name's ending.
    pub(super) fn of_suffix(suffix: &str) -> Option<Self> {
        if suffix.is_empty() { None } else { Self::of_name(suffix, JPEG_QUALITY) }
    }

    fn of_name(name: &str, quality: u8) -> Option<Self> {
        match name {
            "" | "png" => Some(Self::Png),
            "jpeg" | "jpg" => Some(Self::Jpeg(quality)),
            "webp" => Some(Self::WebP),
            _ => None,
        }
    }

    /// As `output_format` writes it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg(_) => "jpeg",
            Self::WebP => "webp",
        }
    }

    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg(_) => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    /// A stored PNG in this format. It takes some milliseconds of a processor.
    pub(super) async fn convert(self, png: Bytes) -> ApiResult<Bytes> {
        if self == Self::Png {
            return Ok(png);
        }
        let converted = tokio::task::spawn_blocking(move || self.encode(&png)).await;
        converted.ok().flatten().ok_or_else(|| {
            tracing::error!("a stored picture can not be written in another format");
            ApiError::internal()
        })
    }

    fn encode(self, png: &[u8]) -> Option<Bytes> {
        let picture = image::load_from_memory(png).ok()?;
        let mut bytes = Vec::new();
        match self {
            Self::Png => bytes.extend_from_slice(png),
            Self::Jpeg(quality) => {
                let rgb = on_white(&picture);
                JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&rgb).ok()?;
            }
            Self::WebP => picture.write_with_encoder(WebPEncoder::new_lossless(&mut bytes)).ok()?,
        }
        Some(bytes.into())
    }
}

/// JPEG has no transparency.
fn on_white(picture: &DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8().into();
    }
    let mut ground = image::RgbaImage::from_pixel(picture.width(), picture.height(), image::Rgba([255; 4]));
    image::imageops::overlay(&mut ground, picture, 0, 0);
    DynamicImage::from(ground).to_rgb8().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_bytes_are_of_the_format_that_is_asked_for() {
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbaImage::from_pixel(4, 4, image::Rgba([0, 0, 0, 0]))
            .write_to(&mut png, image::ImageFormat::Png)
            .unwrap();
        let png = Bytes::from(png.into_inner());
        assert_eq!(OutputFormat::Png.convert(png.clone()).await.unwrap(), png, "the recipe stays inside");
        let jpeg = OutputFormat::Jpeg(90).convert(png.clone()).await.unwrap();
        assert_eq!(image::guess_format(&jpeg).unwrap(), image::ImageFormat::Jpeg);
        assert!(image::load_from_memory(&jpeg).unwrap().to_rgb8().get_pixel(1, 1).0[0] > 250, "nothing is white");
        let webp = OutputFormat::WebP.convert(png).await.unwrap();
        assert_eq!(image::guess_format(&webp).unwrap(), image::ImageFormat::WebP);
    }
}
