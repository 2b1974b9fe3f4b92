//! Canvases with something to draw on: a picture with room around it, or with a hole, both filled with what lies nearest.
//!
//! The encoder sees the fill before the latents are masked, so it should be neutral: no streaks, no hard edges.

use image::{GrayImage, Luma, Rgb, RgbImage};

use super::decode::{PIXELS_LIMIT, PictureError, SIDE_LIMIT, Transparency};
use super::mask::Mask;
use super::resample::{Filter, resample};

/// The picture with room around it (pixels), and the mask of that room.
///
/// # Errors
/// [`PictureError::Pixels`] if the canvas were larger than pictures may be.
pub fn extend(
    picture: &RgbImage,
    (left, top, right, bottom): (u32, u32, u32, u32),
) -> Result<(RgbImage, Mask), PictureError> {
    let (inner_width, inner_height) = picture.dimensions();
    let (width, height) = check_extended((inner_width, inner_height), (left, top, right, bottom))?;
    let canvas = RgbImage::from_fn(width, height, |x, y| {
        let inside = |at: u32, margin: u32, length: u32| at.saturating_sub(margin).min(length - 1);
        *picture.get_pixel(inside(x, left, inner_width), inside(y, top, inner_height))
    });
    let mask = Mask::from_fn(width, height, |x, y| {
        let inside = |at: u32, margin: u32, length: u32| (margin..margin + length).contains(&at);
        !(inside(x, left, inner_width) && inside(y, top, inner_height))
    });
    Ok((fill_hole(&canvas, &mask), mask))
}

/// The transparency of a picture with room around it, whose opacity and colours do not matter: they are drawn anew.
#[must_use]
pub fn extend_transparency(picture: &Transparency, (left, top, right, bottom): (u32, u32, u32, u32)) -> Transparency {
    let (width, height) = picture.colours.dimensions();
    let (wide, high) = (width + left + right, height + top + bottom);
    let inside =
        |x: u32, y: u32| Some((x.checked_sub(left)?, y.checked_sub(top)?)).filter(|&(x, y)| x < width && y < height);
    Transparency {
        opacity: GrayImage::from_fn(wide, high, |x, y| {
            inside(x, y).map_or(Luma([255]), |(x, y)| *picture.opacity.get_pixel(x, y))
        }),
        colours: RgbImage::from_fn(wide, high, |x, y| {
            inside(x, y).map_or(Rgb([255; 3]), |(x, y)| *picture.colours.get_pixel(x, y))
        }),
    }
}

/// Width and height of a picture of that size with room around it.
///
/// # Errors
/// [`PictureError::Pixels`] if they were larger than pictures may be.
pub fn check_extended(
    (inner_width, inner_height): (u32, u32),
    (left, top, right, bottom): (u32, u32, u32, u32),
) -> Result<(u32, u32), PictureError> {
    let width = inner_width.saturating_add(left).saturating_add(right);
    let height = inner_height.saturating_add(top).saturating_add(bottom);
    if width.max(height) > SIDE_LIMIT || u64::from(width) * u64::from(height) > PIXELS_LIMIT {
        return Err(PictureError::Pixels { width, height });
    }
    Ok((width, height))
}

/// The picture with its hole filled from the surroundings, the smoother the farther away they are.
///
/// Averages of what is known are taken over ever larger squares (a pyramid), and each unknown pixel takes the finest of
/// them that holds anything ("pull-push", Gortler et al. 1996, <https://doi.org/10.1145/237170.237200>).
#[must_use]
pub fn fill_hole(picture: &RgbImage, mask: &Mask) -> RgbImage {
    let known = picture.enumerate_pixels().map(|(x, y, pixel)| {
        let weight = if mask.is_drawn(x, y) { 0.0 } else { 1.0 };
        let [r, g, b] = pixel.0.map(|value| f32::from(value) * weight);
        [r, g, b, weight]
    });
    let level = Level { width: picture.width(), height: picture.height(), sums: known.collect() };
    let filled = level.fill();
    let mut result = picture.clone();
    for (x, y, pixel) in result.enumerate_pixels_mut() {
        if mask.is_drawn(x, y) {
            *pixel = *filled.get_pixel(x, y);
        }
    }
    result
}

/// Sums of known colours and their weights over squares.
struct Level {
    width: u32,
    height: u32,
    sums: Vec<[f32; 4]>,
}

impl Level {
    /// Colours everywhere: known ones, or those of the next coarser level, smoothly enlarged.
    fn fill(&self) -> RgbImage {
        if self.width == 1 && self.height == 1 {
            return self.colours(&RgbImage::from_pixel(1, 1, Rgb([127; 3])));
        }
        let coarse = self.halved();
        let below = resample(&coarse.fill(), self.width, self.height, Filter::Bilinear);
        self.colours(&below)
    }

    fn colours(&self, below: &RgbImage) -> RgbImage {
        RgbImage::from_fn(self.width, self.height, |x, y| {
            let [r, g, b, weight] = self.at(x, y);
            // A square of which a part is known counts for that part.
            let confidence = weight.min(1.0);
            let mix = |sum: f32, below: u8| {
                let known = if weight > 0.0 { sum / weight } else { 0.0 };
                (known * confidence + f32::from(below) * (1.0 - confidence)).round() as u8
            };
            let below = below.get_pixel(x, y).0;
            Rgb([mix(r, below[0]), mix(g, below[1]), mix(b, below[2])])
        })
    }

    fn at(&self, x: u32, y: u32) -> [f32; 4] {
        self.sums.get((y * self.width + x) as usize).copied().unwrap_or_default()
    }

    fn halved(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let mut sums = vec![[0.0; 4]; (width * height) as usize];
        for y in 0..self.height {
            for x in 0..self.width {
                let square = &mut sums[(y / 2 * width + x / 2) as usize];
                square.iter_mut().zip(self.at(x, y)).for_each(|(sum, value)| *sum += value);
            }
        }
        // A full square weighs four; more than one is as good as sure.
        for sum in &mut sums {
            let excess = sum[3].max(1.0);
            sum.iter_mut().for_each(|value| *value /= excess);
        }
        Self { width, height, sums }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_room_takes_the_colours_of_the_nearest_edge() {
        let half = RgbImage::from_fn(32, 32, |x, _| if x < 16 { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) });
        let (canvas, mask) = extend(&half, (16, 0, 16, 0)).unwrap();
        assert_eq!(canvas.dimensions(), (64, 32));
        assert!(mask.is_drawn(15, 5) && !mask.is_drawn(16, 5) && !mask.is_drawn(47, 5) && mask.is_drawn(48, 5));
        let left = canvas.get_pixel(4, 16).0;
        let right = canvas.get_pixel(60, 16).0;
        assert!(left[0] > 120 && left[2] < 80, "{left:?}");
        assert!(right[2] > 120 && right[0] < 80, "{right:?}");
        assert_eq!(canvas.get_pixel(16, 0), half.get_pixel(0, 0));
    }

    #[test]
    fn a_hole_is_filled_and_the_rest_untouched() {
        let mut picture = RgbImage::from_pixel(40, 30, Rgb([10, 120, 230]));
        picture.put_pixel(20, 15, Rgb([255, 0, 0]));
        let mask = Mask::from_fn(40, 30, |x, y| (15..25).contains(&x) && (10..20).contains(&y));
        let filled = fill_hole(&picture, &mask);
        assert!(filled.pixels().all(|pixel| *pixel == Rgb([10, 120, 230])));
        let nothing_known = fill_hole(&picture, &Mask::from_fn(40, 30, |_, _| true));
        assert_eq!(nothing_known.get_pixel(3, 3).0, [127; 3]);
    }

    #[test]
    fn a_canvas_beyond_the_limits_is_refused() {
        let picture = RgbImage::new(1, 1);
        assert!(matches!(extend(&picture, (u32::MAX, 0, 0, 0)), Err(PictureError::Pixels { .. })));
    }
}
