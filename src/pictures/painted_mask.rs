//! Masks that a user paints over a copy of the picture.

use image::RgbImage;

use super::mask::{Mask, MaskError};
use super::resample::{Filter, resample};

/// How much the proportions of the copy may differ.
const TOLERANCE: f64 = 0.02;
/// Long side at which the two pictures are compared, pixels: phones send 1280, and JPEG's noise fades as they shrink.
const COMPARED_SIDE: u32 = 512;
/// A pixel whose mean over its neighbourhood differs by this much in any channel was painted; JPEG stays far below.
const PAINTED_DIFFERENCE: i32 = 24;
/// Marks smaller than this fraction of the compared picture are specks of compression.
const SPECK_FRACTION: f64 = 0.0002;

/// The mask of what was painted over: where the copy differs from the picture. Both may be compressed anew and scaled.
///
/// # Errors
/// [`MaskError::Size`] if the copy was cropped or turned, [`MaskError::TooSmall`] and [`MaskError::TooLarge`].
pub fn painted_over(picture: &RgbImage, copy: &RgbImage) -> Result<Mask, MaskError> {
    let (width, height) = picture.dimensions();
    let ratio = |(width, height): (u32, u32)| f64::from(width) / f64::from(height);
    if (ratio(copy.dimensions()) / ratio((width, height)) - 1.0).abs() > TOLERANCE {
        return Err(MaskError::Size { mask: copy.dimensions(), picture: (width, height) });
    }
    let scale = (f64::from(COMPARED_SIDE) / f64::from(width.max(height))).min(1.0);
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let (w, h) = (side(width), side(height));
    let smaller = |image: &RgbImage| resample(image, w, h, Filter::Bilinear);
    let (before, after) = (smaller(picture), smaller(copy));
    let painted = Mask::from_fn(w, h, |x, y| differs(&before, &after, x, y));
    // Closing joins strokes that nearly touch; the wider edge takes in what a soft brush left half painted.
    let closed = painted.without_specks((f64::from(w * h) * SPECK_FRACTION) as usize).widened(3).narrowed(2);
    closed.checked().map(|mask| mask.widened(2).scaled(width, height))
}

/// The means over 3×3 pixels differ by [`PAINTED_DIFFERENCE`] in a channel.
fn differs(before: &RgbImage, after: &RgbImage, x: u32, y: u32) -> bool {
    let (width, height) = before.dimensions();
    let (mut sums, mut count) = ([0_i32; 3], 0);
    for ny in y.saturating_sub(1)..=(y + 1).min(height - 1) {
        for nx in x.saturating_sub(1)..=(x + 1).min(width - 1) {
            let (a, b) = (before.get_pixel(nx, ny).0, after.get_pixel(nx, ny).0);
            sums.iter_mut().zip(a.iter().zip(b)).for_each(|(sum, (a, b))| *sum += i32::from(*a) - i32::from(b));
            count += 1;
        }
    }
    sums.iter().any(|sum| sum.abs() > PAINTED_DIFFERENCE * count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;
    use image::codecs::jpeg::JpegEncoder;

    fn photo(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let wave = |at: u32, period: f64| (127.0 + 100.0 * (f64::from(at) / period).sin()) as u8;
            Rgb([wave(x, 9.0), wave(y, 23.0), wave(x + y, 41.0)])
        })
    }

    fn compressed(picture: &RgbImage, quality: u8) -> RgbImage {
        let mut bytes = Vec::new();
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, quality)).unwrap();
        image::load_from_memory(&bytes).unwrap().into_rgb8()
    }

    fn painted(picture: &RgbImage, colour: [u8; 3], (left, top, side): (u32, u32, u32)) -> RgbImage {
        let mut copy = picture.clone();
        for y in top..top + side {
            for x in left..left + side {
                copy.put_pixel(x, y, Rgb(colour));
            }
        }
        copy
    }

    #[test]
    fn paint_is_found_through_compression_and_scaling() {
        let picture = photo(800, 600);
        for (quality, scale) in [(95, 1.0), (70, 1.0), (80, 1.6), (60, 0.7)] {
            let copy = painted(&picture, [255, 0, 0], (200, 150, 120));
            let (w, h) = ((800.0 * scale) as u32, (600.0 * scale) as u32);
            let copy = compressed(&resample(&copy, w, h, Filter::Bilinear), quality);
            let mask = painted_over(&compressed(&picture, 85), &copy).unwrap();
            assert_eq!(mask.dimensions(), (800, 600));
            assert!(mask.is_drawn(260, 210) && mask.is_drawn(205, 155), "{quality} {scale}");
            assert!(!mask.is_drawn(170, 210) && !mask.is_drawn(600, 400), "{quality} {scale}");
            let coverage = mask.coverage();
            assert!((0.03..0.045).contains(&coverage), "{quality} {scale}: {coverage}");
        }
    }

    #[test]
    fn a_copy_without_paint_marks_nothing() {
        let picture = photo(640, 640);
        assert_eq!(painted_over(&picture, &compressed(&picture, 50)), Err(MaskError::TooSmall));
        assert_eq!(
            painted_over(&picture, &compressed(&photo(640, 500), 90)),
            Err(MaskError::Size { mask: (640, 500), picture: (640, 640) })
        );
        let other = RgbImage::from_pixel(640, 640, Rgb([255, 255, 255]));
        assert_eq!(painted_over(&RgbImage::new(640, 640), &other), Err(MaskError::TooLarge));
    }
}
