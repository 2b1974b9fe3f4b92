//! Composites drawn pixels into the original picture.

use image::{Rgb, RgbImage, Rgba, RgbaImage};

use super::decode::Transparency;
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

/// The same where the original is transparent in part: what is kept stays transparent, what is drawn is opaque.
#[must_use]
pub fn composite_transparent(original: &Transparency, drawn: &RgbImage, mask: &Mask, feather: u32) -> RgbaImage {
    let coverage = mask.softened(feather);
    let (width, height) = original.colours.dimensions();
    RgbaImage::from_fn(width, height, |x, y| {
        let [r, g, b] = original.colours.get_pixel(x, y).0;
        let old_opacity = original.opacity.get_pixel_checked(x, y).map_or(255, |pixel| pixel.0[0]);
        let kept = Rgba([r, g, b, old_opacity]);
        let (Some(new), Some(coverage)) = (drawn.get_pixel_checked(x, y), coverage.get_pixel_checked(x, y)) else {
            return kept;
        };
        let new_weight = u32::from(coverage.0[0]) * 255;
        let old_weight = u32::from(old_opacity) * (255 - u32::from(coverage.0[0]));
        let weight = new_weight + old_weight;
        if new_weight == 0 {
            return kept;
        }
        let blend = |old: u8, new: u8| {
            ((u32::from(old) * old_weight + u32::from(new) * new_weight + weight / 2) / weight) as u8
        };
        Rgba([blend(r, new.0[0]), blend(g, new.0[1]), blend(b, new.0[2]), ((weight + 127) / 255) as u8])
    })
}

#[cfg(test)]
mod tests {
    use image::{GrayImage, Luma};

    use super::*;

    #[test]
    fn what_is_kept_stays_transparent_and_what_is_drawn_is_opaque() {
        let original = Transparency {
            opacity: GrayImage::from_fn(20, 20, |x, _| Luma([if x < 10 { 0 } else { 255 }])),
            colours: RgbImage::from_fn(20, 20, |x, y| Rgb([x as u8 * 7, y as u8 * 11, 3])),
        };
        let drawn = RgbImage::from_pixel(20, 20, Rgb([200, 100, 50]));
        let mask = Mask::from_fn(20, 20, |x, y| (8..12).contains(&x) && (8..12).contains(&y));
        let result = composite_transparent(&original, &drawn, &mask, 2);
        assert_eq!(result.get_pixel(8, 10).0, [200, 100, 50, 255]);
        assert_eq!(result.get_pixel(11, 10).0, [200, 100, 50, 255]);
        assert_eq!(result.get_pixel(2, 3).0, [14, 33, 3, 0]);
        assert_eq!(result.get_pixel(15, 3).0, [105, 33, 3, 255]);
        let edge = result.get_pixel(7, 10).0;
        assert!(edge[..3] == [200, 100, 50] && (1..255).contains(&edge[3]), "nothing of the hidden colour: {edge:?}");
    }

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
