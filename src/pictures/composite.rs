//! Composites drawn pixels into the original picture.

use image::{Rgb, RgbImage};

use super::mask::Mask;

/// `drawn` where the mask says so, with a soft edge of `feather` pixels around it; everywhere else `original`, bit for bit.
///
/// All three must have one size; what lies outside of the smallest stays as in `original`.
#[must_use]
pub fn composite(original: &RgbImage, drawn: &RgbImage, mask: &Mask, feather: u32) -> RgbImage {
    let opacity = mask.softened(feather);
    RgbImage::from_fn(original.width(), original.height(), |x, y| {
        let old = original.get_pixel(x, y).0;
        let (Some(new), Some(opacity)) = (drawn.get_pixel_checked(x, y), opacity.get_pixel_checked(x, y)) else {
            return Rgb(old);
        };
        let opacity = u32::from(opacity.0[0]);
        let blend =
            |old: u8, new: u8| ((u32::from(old) * (255 - opacity) + u32::from(new) * opacity + 127) / 255) as u8;
        Rgb([0, 1, 2].map(|channel| blend(old[channel], new.0[channel])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_hole_and_edge_nothing_changes() {
        let original = RgbImage::from_fn(20, 20, |x, y| Rgb([x as u8 * 7, y as u8 * 11, 3]));
        let drawn = RgbImage::from_pixel(20, 20, Rgb([200, 100, 50]));
        let mask = Mask::from_fn(20, 20, |x, y| (8..12).contains(&x) && (8..12).contains(&y));
        let result = composite(&original, &drawn, &mask, 2);
        for (x, y, pixel) in result.enumerate_pixels() {
            if mask.is_drawn(x, y) {
                assert_eq!(pixel, drawn.get_pixel(x, y));
            } else if !((6..14).contains(&x) && (6..14).contains(&y)) {
                assert_eq!(pixel, original.get_pixel(x, y), "{x} {y}");
            }
        }
        let edge = result.get_pixel(7, 10).0[0];
        assert!((49 + 1..200).contains(&edge), "the edge is in between: {edge}");
    }
}
