//! Masks as people make them in a chat: by painting over the picture, by naming a part of it, by making a mask wider.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use super::mask::Mask;
use super::resample::{Filter, resample};

/// One of the usual parts of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The upper half.
    Top,
    /// The lower half.
    Bottom,
    /// The left half.
    Left,
    /// The right half.
    Right,
    /// The middle, half as wide and half as high.
    Centre,
    /// All but the middle three quarters.
    Border,
}

/// Why a painted picture does not serve as a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MarkingError {
    /// The copy was cropped or turned.
    #[error("the painted copy has other proportions than the picture")]
    Shape,
    /// Nothing, or next to nothing, was painted.
    #[error("nothing is marked")]
    Nothing,
    /// Nearly everything differs: another picture, or a filter over the whole.
    #[error("nearly everything is marked")]
    Everything,
}

/// Shares of the picture between which a marking is believed.
const SMALLEST_SHARE: f64 = 0.001;
const LARGEST_SHARE: f64 = 0.95;
/// How much the proportions of the copy may differ.
const TOLERANCE: f64 = 0.02;
/// Long side at which the two pictures are compared: phones send 1280, and JPEG's noise fades as they shrink.
const COMPARED_SIDE: u32 = 512;
/// A pixel whose mean over its neighbourhood differs by this much in any channel was painted; JPEG stays far below.
const PAINTED: i32 = 24;
/// Marks smaller than this share of the compared picture are specks of compression.
const SPECK_SHARE: f64 = 0.0002;

impl Area {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] = [Self::Top, Self::Bottom, Self::Left, Self::Right, Self::Centre, Self::Border];

    /// A word without spaces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::Bottom => "bottom",
            Self::Left => "left",
            Self::Right => "right",
            Self::Centre => "centre",
            Self::Border => "border",
        }
    }

    /// The mask of this part of a picture.
    #[must_use]
    pub fn mask(self, width: u32, height: u32) -> Mask {
        let middle = |at: u32, length: u32, margin: u32| (length / margin..length - length / margin).contains(&at);
        Mask::from_fn(width, height, |x, y| match self {
            Self::Top => y < height / 2,
            Self::Bottom => y >= height / 2,
            Self::Left => x < width / 2,
            Self::Right => x >= width / 2,
            Self::Centre => middle(x, width, 4) && middle(y, height, 4),
            Self::Border => !(middle(x, width, 8) && middle(y, height, 8)),
        })
    }
}

/// The mask of what was painted over: where the copy differs from the picture. Both may be compressed anew and scaled.
///
/// # Errors
/// [`MarkingError`].
pub fn painted_over(picture: &RgbImage, copy: &RgbImage) -> Result<Mask, MarkingError> {
    let (width, height) = picture.dimensions();
    let ratio = |(width, height): (u32, u32)| f64::from(width) / f64::from(height);
    if (ratio(copy.dimensions()) / ratio((width, height)) - 1.0).abs() > TOLERANCE {
        return Err(MarkingError::Shape);
    }
    let scale = (f64::from(COMPARED_SIDE) / f64::from(width.max(height))).min(1.0);
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let (w, h) = (side(width), side(height));
    let smaller = |image: &RgbImage| resample(image, w, h, Filter::Bilinear);
    let (before, after) = (smaller(picture), smaller(copy));
    let painted = Mask::from_fn(w, h, |x, y| differs(&before, &after, x, y));
    // Closing joins strokes that nearly touch; the wider edge takes in what a soft brush left half painted.
    let closed = widened(&painted.without_specks((f64::from(w * h) * SPECK_SHARE) as usize), 3).narrowed(2);
    checked(closed).map(|mask| widened(&mask, 2).scaled(width, height))
}

/// The mask, if it marks neither next to nothing nor nearly everything.
///
/// # Errors
/// [`MarkingError::Nothing`] and [`MarkingError::Everything`].
pub fn checked(mask: Mask) -> Result<Mask, MarkingError> {
    match mask.share() {
        share if share < SMALLEST_SHARE => Err(MarkingError::Nothing),
        share if share > LARGEST_SHARE => Err(MarkingError::Everything),
        _ => Ok(mask),
    }
}

/// The mask grown by so many pixels on all sides.
#[must_use]
pub fn widened(mask: &Mask, pixels: u32) -> Mask {
    let (width, height) = mask.dimensions();
    let grown = mask.softened(pixels);
    Mask::from_fn(width, height, |x, y| grown.get_pixel(x, y).0[0] > 0)
}

/// The picture with red over what is drawn anew, and the rest a little faded.
#[must_use]
pub fn preview(picture: &RgbImage, mask: &Mask) -> RgbImage {
    let mut shown = picture.clone();
    for (x, y, pixel) in shown.enumerate_pixels_mut() {
        if mask.is_drawn(x, y) {
            let [r, g, b] = pixel.0.map(u16::from);
            *pixel = image::Rgb([((r + 2 * 255) / 3) as u8, ((g + 40) / 3) as u8, ((b + 40) / 3) as u8]);
        }
    }
    shown
}

/// The means over 3×3 pixels differ by [`PAINTED`] in a channel.
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
    sums.iter().any(|sum| sum.abs() > PAINTED * count)
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
            let share = mask.share();
            assert!((0.03..0.045).contains(&share), "{quality} {scale}: {share}");
        }
    }

    #[test]
    fn a_copy_without_paint_marks_nothing() {
        let picture = photo(640, 640);
        assert_eq!(painted_over(&picture, &compressed(&picture, 50)), Err(MarkingError::Nothing));
        assert_eq!(painted_over(&picture, &compressed(&photo(640, 500), 90)), Err(MarkingError::Shape));
        let other = RgbImage::from_pixel(640, 640, Rgb([255, 255, 255]));
        assert_eq!(painted_over(&RgbImage::new(640, 640), &other), Err(MarkingError::Everything));
    }

    #[test]
    fn areas_are_parts_of_the_picture() {
        let share = |area: Area| area.mask(100, 60).share();
        for area in [Area::Top, Area::Bottom, Area::Left, Area::Right] {
            assert!((share(area) - 0.5).abs() < 0.01, "{area:?}");
        }
        assert!((share(Area::Centre) - 0.25).abs() < 0.02);
        assert!((share(Area::Border) - 0.4375).abs() < 0.03);
    }

    #[test]
    fn wider_is_wider_on_all_sides() {
        let mask = Mask::from_fn(20, 20, |x, y| x == 10 && y == 10);
        let wider = widened(&mask, 2);
        assert_eq!((wider.share() * 400.0).round() as u32, 25);
        assert!(wider.is_drawn(8, 12) && !wider.is_drawn(7, 10));
        assert_eq!(wider.narrowed(2).share(), mask.share());
    }
}
