//! Masks from what a user asks for: a shape, inverted and widened.

use image::RgbImage;

use super::area::Area;
use super::decode::Picture;
use super::mask::{Mask, MaskError};
use super::painted_mask::painted_over;

/// Each widening is this fraction of the picture's longer side.
const WIDENING_FRACTION: f64 = 0.02;
/// More widenings change nothing.
const MAX_WIDENINGS: u32 = 20;

/// The source of a mask.
#[derive(Debug, Clone, Copy)]
pub enum MaskShape<'a> {
    /// A copy of the picture that was painted over.
    Painted(&'a RgbImage),
    /// A mask of the same proportions: see [`Mask::from_picture`].
    File(&'a Picture),
    /// A part of the picture.
    Area(Area),
}

/// A mask as a user asks for it.
#[derive(Debug, Clone, Copy)]
pub struct MaskSpec<'a> {
    /// The marked pixels.
    pub shape: MaskShape<'a>,
    /// Whether the marked pixels are kept instead, and the others drawn anew.
    pub inverted: bool,
    /// How often it is made wider, each time by a fiftieth of the longer side; more than 20 count as 20.
    pub widenings: u32,
}

impl MaskSpec<'_> {
    /// The mask for a picture, at its size.
    ///
    /// # Errors
    /// [`MaskError`] if the shape does not fit the picture, or marks next to nothing or nearly everything.
    pub fn mask(&self, picture: &RgbImage) -> Result<Mask, MaskError> {
        let (width, height) = picture.dimensions();
        let mask = match self.shape {
            MaskShape::Painted(copy) => painted_over(picture, copy)?,
            MaskShape::File(file) => Mask::from_picture(file)?.fit(width, height)?,
            MaskShape::Area(area) => area.mask(width, height),
        };
        let mask = if self.inverted { mask.inverted() } else { mask };
        let step = (f64::from(width.max(height)) * WIDENING_FRACTION).ceil() as u32;
        match self.widenings.min(MAX_WIDENINGS) {
            0 => mask.checked(),
            times => mask.widened(step * times).checked(),
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn spec(shape: MaskShape<'_>) -> MaskSpec<'_> {
        MaskSpec { shape, inverted: false, widenings: 0 }
    }

    #[test]
    fn each_shape_becomes_a_mask_of_the_pictures_size() {
        let picture = RgbImage::from_pixel(200, 100, Rgb([90, 120, 150]));
        let mut painted = picture.clone();
        for (x, y) in (20..60).flat_map(|x| (20..60).map(move |y| (x, y))) {
            painted.put_pixel(x, y, Rgb([255, 0, 0]));
        }
        let white = RgbImage::from_fn(100, 50, |x, _| Rgb([if x < 30 { 255 } else { 0 }; 3]));
        let file = Picture { rgb: white, alpha: None };
        for shape in [MaskShape::Painted(&painted), MaskShape::File(&file), MaskShape::Area(Area::Left)] {
            let mask = spec(shape).mask(&picture).unwrap();
            assert_eq!(mask.dimensions(), (200, 100));
            assert!(mask.is_drawn(40, 40) && !mask.is_drawn(150, 80), "{shape:?}");
        }
    }

    #[test]
    fn a_mask_is_inverted_and_then_widened() {
        let picture = RgbImage::new(100, 100);
        let left = spec(MaskShape::Area(Area::Left));
        let right = MaskSpec { inverted: true, ..left }.mask(&picture).unwrap();
        assert!(!right.is_drawn(49, 50) && right.is_drawn(50, 50));
        let wider = MaskSpec { inverted: true, widenings: 3, ..left }.mask(&picture).unwrap();
        assert!(!wider.is_drawn(43, 50) && wider.is_drawn(44, 50));
    }

    #[test]
    fn a_mask_that_leaves_nothing_or_takes_everything_is_refused() {
        let picture = RgbImage::new(100, 100);
        let border = spec(MaskShape::Area(Area::Border));
        let everything = MaskSpec { widenings: 99, ..border }.mask(&picture);
        assert_eq!(everything.unwrap_err(), MaskError::TooLarge);
        let nothing = spec(MaskShape::Painted(&picture)).mask(&picture);
        assert_eq!(nothing.unwrap_err(), MaskError::TooSmall);
        let file = Picture { rgb: RgbImage::new(10, 20), alpha: None };
        let error = spec(MaskShape::File(&file)).mask(&picture).unwrap_err();
        assert_eq!(error, MaskError::Size { mask: (10, 20), picture: (100, 100) });
    }
}
