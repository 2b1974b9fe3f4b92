//! The canvas of a picture and a window that may lie beyond its edges: what is in neither is transparent.

use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};

use super::error::EngineError;
use crate::pictures::{Mask, Picture, PictureError, Transparency, fill_hole, is_within_limits};
use crate::recipe::{RecipeError, Size, Window};

/// Opacity below which a pixel counts as missing.
const OPAQUE: u8 = 128;
/// What is not drawn yet, where nothing can be transparent.
const NOTHING: Rgb<u8> = Rgb([255; 3]);

/// A picture on a canvas that holds the window too.
#[derive(Debug)]
pub(super) struct WindowCanvas {
    /// What is missing is white.
    rgb: RgbImage,
    /// Where something is missing.
    transparency: Option<Transparency>,
    /// Where the picture lies on it.
    picture_at: (u32, u32),
    /// Left, upper edge, width and height of the window on it.
    window: (u32, u32, u32, u32),
}

impl WindowCanvas {
    /// # Errors
    /// It would be larger than pictures may be.
    pub(super) fn new(picture: &Picture, window: Window) -> Result<Self, EngineError> {
        let (width, height) = picture.rgb.dimensions();
        let (left, top, size) = window.canvas(width, height).ok_or(RecipeError::BadWindow)?;
        if !is_within_limits(size.0, size.1) {
            return Err(PictureError::Pixels { width: size.0, height: size.1 }.into());
        }
        // Both are at least 0: the canvas begins at the window or before it.
        let at = |at: i32, before: u32| (i64::from(at) + i64::from(before)).max(0) as u32;
        let window = (at(window.x, left), at(window.y, top), window.width, window.height);
        if size == (width, height) {
            let (rgb, transparency) = (picture.rgb.clone(), picture.alpha.clone());
            return Ok(Self { rgb, transparency, picture_at: (0, 0), window });
        }
        let inside = |x: u32, y: u32| {
            Some((x.checked_sub(left)?, y.checked_sub(top)?)).filter(|(x, y)| *x < width && *y < height)
        };
        let rgb = RgbImage::from_fn(size.0, size.1, |x, y| {
            inside(x, y).map_or(NOTHING, |(x, y)| *picture.rgb.get_pixel(x, y))
        });
        let opacity = GrayImage::from_fn(size.0, size.1, |x, y| match (inside(x, y), &picture.alpha) {
            (None, _) => Luma([0]),
            (Some((x, y)), Some(alpha)) => *alpha.opacity.get_pixel(x, y),
            (Some(_), None) => Luma([255]),
        });
        let colours = match &picture.alpha {
            None => rgb.clone(),
            Some(alpha) => RgbImage::from_fn(size.0, size.1, |x, y| {
                inside(x, y).map_or(NOTHING, |(x, y)| *alpha.colours.get_pixel(x, y))
            }),
        };
        Ok(Self { rgb, transparency: Some(Transparency { opacity, colours }), picture_at: (left, top), window })
    }

    pub(super) fn size(&self) -> Size {
        Size { width: self.rgb.width(), height: self.rgb.height() }
    }

    /// What lies in the window, and which of it is drawn anew: what the picture's mask marks, and what is missing. What is missing
    /// is filled from around it.
    pub(super) fn part(&self, mask: &Mask) -> (Picture, Mask) {
        let (left, top, width, height) = self.window;
        let is_missing = |x: u32, y: u32| {
            let opacity = self.transparency.as_ref().map(|alpha| alpha.opacity.get_pixel(x, y).0[0]);
            opacity.is_some_and(|opacity| opacity < OPAQUE)
        };
        let is_marked = |x: u32, y: u32| match (x.checked_sub(self.picture_at.0), y.checked_sub(self.picture_at.1)) {
            (Some(x), Some(y)) => mask.is_drawn(x, y),
            _ => false,
        };
        let missing = Mask::from_fn(width, height, |x, y| is_missing(x + left, y + top));
        let hole = Mask::from_fn(width, height, |x, y| missing.is_drawn(x, y) || is_marked(x + left, y + top));
        let cut = |whole: &RgbImage| image::imageops::crop_imm(whole, left, top, width, height).to_image();
        let mut rgb = cut(&self.rgb);
        if missing.coverage() > 0.0 {
            rgb = fill_hole(&rgb, &missing);
        }
        let alpha = self.transparency.as_ref().filter(|_| missing.coverage() > 0.0).map(|alpha| Transparency {
            opacity: image::imageops::crop_imm(&alpha.opacity, left, top, width, height).to_image(),
            colours: cut(&alpha.colours),
        });
        (Picture { rgb, alpha }, hole)
    }

    /// The canvas with another part in the window; what is missing is white.
    pub(super) fn with(&self, part: &RgbImage) -> RgbImage {
        let mut canvas = self.rgb.clone();
        image::imageops::replace(&mut canvas, part, self.window.0.into(), self.window.1.into());
        canvas
    }

    /// The same with what is missing transparent; `None` if nothing is.
    pub(super) fn with_transparency(&self, part: impl FnOnce() -> RgbaImage) -> Option<RgbaImage> {
        let alpha = self.transparency.as_ref()?;
        let mut canvas = RgbaImage::from_fn(self.rgb.width(), self.rgb.height(), |x, y| {
            let [r, g, b] = alpha.colours.get_pixel(x, y).0;
            Rgba([r, g, b, alpha.opacity.get_pixel(x, y).0[0]])
        });
        image::imageops::replace(&mut canvas, &part(), self.window.0.into(), self.window.1.into());
        canvas.pixels().any(|pixel| pixel.0[3] < 255).then_some(canvas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Picture {
        RgbImage::from_fn(40, 30, |x, y| Rgb([x as u8 * 5, y as u8 * 7, 99])).into()
    }

    fn nothing() -> Mask {
        Mask::from_fn(40, 30, |_, _| false)
    }

    #[test]
    fn the_part_in_the_window_has_the_pixels_of_the_picture_and_a_hole_where_there_are_none() {
        let window = Window { x: -10, y: 5, width: 20, height: 10 };
        let canvas = WindowCanvas::new(&picture(), window).unwrap();
        assert_eq!(canvas.size(), Size { width: 50, height: 30 });
        let mask = Mask::from_fn(40, 30, |x, y| x == 3 && y == 6);
        let (part, hole) = canvas.part(&mask);
        assert_eq!(part.rgb.dimensions(), (20, 10));
        assert_eq!(part.rgb.get_pixel(10, 0), picture().rgb.get_pixel(0, 5));
        assert!(hole.is_drawn(9, 3) && !hole.is_drawn(10, 3) && hole.is_drawn(13, 1));
        assert_ne!(part.rgb.get_pixel(9, 0), &NOTHING, "what is missing is filled from around it");
    }

    #[test]
    fn a_window_inside_keeps_the_size_and_everything_outside() {
        let window = Window { x: 8, y: 4, width: 16, height: 16 };
        let canvas = WindowCanvas::new(&picture(), window).unwrap();
        let red = RgbImage::from_pixel(16, 16, Rgb([255, 0, 0]));
        let drawn = canvas.with(&red);
        let own = picture().rgb;
        assert_eq!(drawn.dimensions(), own.dimensions());
        for (x, y, pixel) in drawn.enumerate_pixels() {
            let is_inside = (8..24).contains(&x) && (4..20).contains(&y);
            assert_eq!(pixel, if is_inside { red.get_pixel(0, 0) } else { own.get_pixel(x, y) });
        }
        assert!(canvas.with_transparency(RgbaImage::default).is_none(), "nothing is missing");
    }

    #[test]
    fn the_whole_picture_is_a_window_like_no_window() {
        let window = Window { x: 0, y: 0, width: 40, height: 30 };
        let mask = Mask::from_fn(40, 30, |x, _| x < 9);
        let (part, hole) = WindowCanvas::new(&picture(), window).unwrap().part(&mask);
        assert_eq!((part, hole), (picture(), mask));
    }

    #[test]
    fn what_is_neither_in_picture_nor_window_stays_transparent() {
        let window = Window { x: 30, y: 20, width: 20, height: 20 };
        let canvas = WindowCanvas::new(&picture(), window).unwrap();
        let part = RgbaImage::from_pixel(20, 20, Rgba([1, 2, 3, 255]));
        let drawn = canvas.with_transparency(|| part).unwrap();
        assert_eq!(drawn.dimensions(), (50, 40));
        assert_eq!((drawn.get_pixel(45, 5).0[3], drawn.get_pixel(5, 35).0[3]), (0, 0));
        assert_eq!((drawn.get_pixel(49, 39).0, drawn.get_pixel(5, 5).0), ([1, 2, 3, 255], [25, 35, 99, 255]));
        // And counts as missing the next time.
        let rgb = picture().rgb;
        let opacity = GrayImage::from_fn(40, 30, |x, _| Luma([if x < 20 { 0 } else { 255 }]));
        let half = Picture { alpha: Some(Transparency { opacity, colours: rgb.clone() }), rgb };
        let window = Window { x: 0, y: 0, width: 16, height: 16 };
        let (_, hole) = WindowCanvas::new(&half, window).unwrap().part(&nothing());
        assert!(hole.coverage() >= 1.0);
    }

    #[test]
    fn a_canvas_beyond_the_limits_is_refused() {
        let window = Window { x: 16_000, y: 16_000, width: 16_000, height: 16_000 };
        assert!(matches!(WindowCanvas::new(&picture(), window), Err(EngineError::Picture(_))));
    }
}
