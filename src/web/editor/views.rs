//! Small versions of pictures: what a browser shows and paints on.

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, RgbaImage, imageops};

use crate::pictures::{Filter, Picture, resample_reduced};

/// The longest side of a view: a canvas of it takes 16 MB, which every phone has.
pub(super) const VIEW_SIDE: u32 = 2048;
/// The shorter side of a view has at least so many pixels, where the picture has them: a thinner one could not be painted on.
const SHORT_SIDE: u32 = 64;
/// The longest side of a thumbnail.
const THUMB_SIDE: u32 = 256;
const VIEW_QUALITY: u8 = 90;
const THUMB_QUALITY: u8 = 80;

/// A small version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    View,
    Thumb,
}

impl Variant {
    /// The size of the small version of a picture.
    pub(super) fn size(self, width: u32, height: u32) -> (u32, u32) {
        let (long, short) = (f64::from(width.max(height).max(1)), f64::from(width.min(height).max(1)));
        let scale = match self {
            Self::View => (f64::from(VIEW_SIDE) / long).max(short.min(f64::from(SHORT_SIDE)) / short),
            Self::Thumb => f64::from(THUMB_SIDE) / long,
        };
        let side = |length: u32| (f64::from(length) * scale.min(1.0)).round().max(1.0) as u32;
        (side(width), side(height))
    }

    /// The small version: JPEG, or PNG where something is transparent.
    pub(super) fn encode(self, picture: &Picture) -> Option<Bytes> {
        let (width, height) = self.size(picture.rgb.width(), picture.rgb.height());
        let mut bytes = Vec::new();
        match &picture.alpha {
            None => {
                let small = resample_reduced(&picture.rgb, width, height, Filter::Lanczos);
                let quality = if self == Self::View { VIEW_QUALITY } else { THUMB_QUALITY };
                JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&small).ok()?;
            }
            Some(_) => {
                let small = imageops::thumbnail(&rgba(picture), width, height);
                small.write_to(&mut std::io::Cursor::new(&mut bytes), ImageFormat::Png).ok()?;
            }
        }
        Some(bytes.into())
    }
}

/// A picture with its transparency.
pub(super) fn rgba(picture: &Picture) -> RgbaImage {
    match &picture.alpha {
        None => DynamicImage::ImageRgb8(picture.rgb.clone()).into_rgba8(),
        Some(alpha) => RgbaImage::from_fn(picture.rgb.width(), picture.rgb.height(), |x, y| {
            let [r, g, b] = alpha.colours.get_pixel(x, y).0;
            image::Rgba([r, g, b, alpha.opacity.get_pixel(x, y).0[0]])
        }),
    }
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma, Rgb, RgbImage};

    use super::*;
    use crate::pictures::{Mask, Transparency};

    #[test]
    fn a_view_is_small_and_never_too_thin_to_paint_on() {
        let view = |width, height| Variant::View.size(width, height);
        assert_eq!(view(4000, 3000), (2048, 1536));
        assert_eq!(view(300, 200), (300, 200), "nothing is enlarged");
        assert_eq!(view(1, 1), (1, 1));
        assert_eq!(view(16_384, 300), (3495, 64));
        assert_eq!(view(10_000, 101), (6337, 64));
        assert_eq!(view(16_384, 1), (16_384, 1));
        assert_eq!(Variant::Thumb.size(4000, 3000), (256, 192));
        assert_eq!(Variant::Thumb.size(16_384, 1), (256, 1));
    }

    #[test]
    fn a_mask_of_the_view_fits_the_picture_however_thin_it_is() {
        for (width, height) in [(16_384, 30), (10_000, 101), (30, 16_384), (16_384, 3), (2049, 99)] {
            let (view_width, view_height) = Variant::View.size(width, height);
            let mask = Mask::from_fn(view_width, view_height, |x, _| x < view_width / 2);
            assert!(mask.fit(width, height).is_ok(), "{width}×{height}: {view_width}×{view_height}");
        }
    }

    #[test]
    fn what_is_transparent_stays_so() {
        let alpha = Transparency {
            opacity: GrayImage::from_fn(4000, 40, |x, _| Luma([if x < 2000 { 0 } else { 255 }])),
            colours: RgbImage::from_pixel(4000, 40, Rgb([9, 8, 7])),
        };
        let picture = Picture { rgb: RgbImage::from_pixel(4000, 40, Rgb([255; 3])), alpha: Some(alpha) };
        let view = image::load_from_memory(&Variant::View.encode(&picture).unwrap()).unwrap().to_rgba8();
        assert_eq!(view.dimensions(), Variant::View.size(4000, 40));
        assert_eq!((view.get_pixel(10, 10).0[3], view.get_pixel(view.width() - 5, 5).0), (0, [9, 8, 7, 255]));
        let opaque = Variant::Thumb.encode(&Picture::from(picture.rgb)).unwrap();
        assert_eq!(image::guess_format(&opaque).unwrap(), ImageFormat::Jpeg);
    }
}
