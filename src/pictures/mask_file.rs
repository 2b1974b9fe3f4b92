//! What a picture that is sent as a mask marks: by its transparency, or by black and white.
//!
//! There are two customs. A mask of black and white is drawn anew where it is white. A picture with a part erased is drawn anew
//! where it is transparent. Transparency alone does not tell which of them is meant: whoever paints white on an empty layer
//! follows the first, and has a picture that is nearly all transparent. So the colours of what is not transparent decide.

use super::decode::{Picture, Transparency};
use super::mask::{Mask, MaskError};

/// Opacity from which a pixel counts as painted.
const PAINTED_OPACITY: u8 = 128;
/// A smaller fraction of transparent pixels is an accident of an editor, such as one pixel in a corner.
const MIN_TRANSPARENT: f64 = 0.001;
/// Colours are those of one brush if so large a fraction of the painted pixels has them; the rest are soft edges.
const ONE_BRUSH: f64 = 0.95;
/// How far a channel of white and of black may be from them.
const EXTREME_TOLERANCE: u8 = 32;
/// How far a channel may be from the brush's colour: a photo of the sky is less even.
const BRUSH_TOLERANCE: u8 = 12;
/// Paint on an empty layer covers less of it than this.
const MAX_PAINTED: f64 = 0.5;

/// What the painted pixels of a partly transparent picture are.
enum Paint {
    /// White on an empty layer, or black and white on one, or on none.
    White,
    /// One colour other than black and white on an empty layer.
    Colour,
    /// The rest of a picture, of which a part was erased.
    Rest,
    /// It can not be told.
    Unclear,
}

impl Mask {
    /// Of a picture:
    ///
    /// | transparent | the rest of it | drawn anew |
    /// |---|---|---|
    /// | nothing, or next to nothing | anything | what is white (luma ≥ 128) |
    /// | all | – | all |
    /// | some | black and white | what is white |
    /// | most | white | what is white |
    /// | most | one other colour | what has it |
    /// | some | colours of a photo | what is transparent |
    /// | less than half | black | what is transparent |
    /// | most | black | refused: black is kept, so it is either the rest of a mask or the paint |
    /// | less than half | white, or one other colour | refused: it is either a sheet with a part erased or much paint |
    ///
    /// # Errors
    /// [`MaskError::Unclear`].
    pub fn from_picture(picture: &Picture) -> Result<Self, MaskError> {
        let (width, height) = picture.rgb.dimensions();
        let Some(alpha) = &picture.alpha else {
            return Ok(Self::from_fn(width, height, |x, y| luma_is_white(picture.rgb.get_pixel(x, y).0)));
        };
        let is_painted = |x, y| alpha.opacity.get_pixel(x, y).0[0] >= PAINTED_OPACITY;
        let is_white = |x, y| is_painted(x, y) && luma_is_white(alpha.colours.get_pixel(x, y).0);
        let paint = if is_really_transparent(alpha) { paint(alpha) } else { Paint::White };
        match paint {
            Paint::White => Ok(Self::from_fn(width, height, is_white)),
            Paint::Colour => Ok(Self::from_fn(width, height, is_painted)),
            Paint::Rest => Ok(Self::from_fn(width, height, |x, y| !is_painted(x, y))),
            Paint::Unclear => Err(MaskError::Unclear),
        }
    }
}

fn is_really_transparent(alpha: &Transparency) -> bool {
    let transparent = alpha.opacity.iter().filter(|&&opacity| opacity < PAINTED_OPACITY).count();
    transparent > 0 && transparent as f64 >= MIN_TRANSPARENT * alpha.opacity.len() as f64
}

fn paint(alpha: &Transparency) -> Paint {
    let painted = || {
        let pixels = alpha.colours.pixels().zip(alpha.opacity.iter());
        pixels.filter(|&(_, &opacity)| opacity >= PAINTED_OPACITY).map(|(colour, _)| colour.0)
    };
    let count = painted().count();
    let covers = |colour, tolerance| painted().filter(|&other| is_near(colour, other, tolerance)).count();
    let is_all = |part: usize| part as f64 >= ONE_BRUSH * count as f64;
    let is_little = (count as f64) < MAX_PAINTED * alpha.opacity.len() as f64;
    let (white, black) = (covers([255; 3], EXTREME_TOLERANCE), covers([0; 3], EXTREME_TOLERANCE));
    let is_both = (white.min(black) as f64) >= MIN_TRANSPARENT * count as f64;
    match (count, is_little) {
        (0, _) => Paint::Rest,
        _ if is_both && is_all(white + black) => Paint::White,
        (_, true) if is_all(white) => Paint::White,
        (_, true) if is_all(black) => Paint::Unclear,
        (_, false) if is_all(white) => Paint::Unclear,
        (_, false) if is_all(black) => Paint::Rest,
        _ if !is_all(covers(average(painted(), count), BRUSH_TOLERANCE)) => Paint::Rest,
        (_, true) => Paint::Colour,
        (_, false) => Paint::Unclear,
    }
}

fn average(colours: impl Iterator<Item = [u8; 3]>, count: usize) -> [u8; 3] {
    let sums = colours.fold([0u64; 3], |sums, colour| [0, 1, 2].map(|i| sums[i] + u64::from(colour[i])));
    sums.map(|sum| (sum / count.max(1) as u64) as u8)
}

fn is_near(a: [u8; 3], b: [u8; 3], tolerance: u8) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= tolerance)
}

/// ITU-R 601, as Pillow's mode "L".
fn luma_is_white(colour: [u8; 3]) -> bool {
    let [r, g, b] = colour.map(u32::from);
    r * 19595 + g * 38470 + b * 7471 >= 128 << 16
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

    use super::*;

    const CLEAR: [u8; 4] = [0; 4];
    const CLEAR_WHITE: [u8; 4] = [255, 255, 255, 0];
    const WHITE: [u8; 4] = [255; 4];
    const BLACK: [u8; 4] = [0, 0, 0, 255];
    const RED: [u8; 4] = [220, 20, 30, 255];

    /// Sent as a file: `inside` a square of a sixteenth of the picture, `outside` around it.
    fn sent(inside: impl Fn(u32, u32) -> [u8; 4], outside: impl Fn(u32, u32) -> [u8; 4]) -> Picture {
        let picture =
            RgbaImage::from_fn(80, 80, |x, y| Rgba(if is_inside(x, y) { inside(x, y) } else { outside(x, y) }));
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).unwrap();
        Picture::decode(bytes.get_ref()).unwrap()
    }

    fn is_inside(x: u32, y: u32) -> bool {
        (30..50).contains(&x) && (30..50).contains(&y)
    }

    fn photo(x: u32, y: u32) -> [u8; 4] {
        [(x * 3) as u8, (y * 3) as u8, (x + y) as u8, 255]
    }

    fn grey_photo(x: u32, y: u32) -> [u8; 4] {
        let [r, g, ..] = photo(x, y);
        let grey = r / 2 + g / 2;
        [grey, grey, grey, 255]
    }

    #[track_caller]
    fn assert_marks_inside(mask: &Picture) {
        let mask = Mask::from_picture(mask).unwrap();
        for (x, y) in (0..80).flat_map(|x| (0..80).map(move |y| (x, y))) {
            assert_eq!(mask.is_drawn(x, y), is_inside(x, y), "{x} {y}");
        }
    }

    #[test]
    fn each_custom_of_painting_a_mask_marks_what_was_meant() {
        let all = |colour: [u8; 4]| move |_: u32, _: u32| colour;
        assert_marks_inside(&sent(all(WHITE), all(BLACK)));
        assert_marks_inside(&sent(all(WHITE), all(CLEAR)));
        assert_marks_inside(&sent(all(WHITE), all(CLEAR_WHITE)));
        assert_marks_inside(&sent(all(RED), all(CLEAR)));
        assert_marks_inside(&sent(all(CLEAR), all(BLACK)));
        assert_marks_inside(&sent(all(CLEAR), photo));
        assert_marks_inside(&sent(all(CLEAR), grey_photo));
        assert_marks_inside(&sent(all(CLEAR_WHITE), photo));
        // Black and white, on a layer that is larger than they are.
        assert_marks_inside(&sent(all(WHITE), |x, _| if x < 20 { CLEAR } else { BLACK }));
        assert_marks_inside(&sent(all(WHITE), |x, _| if x < 70 { CLEAR } else { BLACK }));
        // Little white, in black with a transparent edge.
        let edge = |x: u32, y: u32| if x.min(y) < 4 { CLEAR } else { BLACK };
        let spot = |x: u32, y: u32| if (30..40).contains(&x) && (30..34).contains(&y) { WHITE } else { edge(x, y) };
        let mask = Mask::from_picture(&sent(spot, spot)).unwrap();
        assert!(mask.is_drawn(35, 32) && !mask.is_drawn(45, 45) && !mask.is_drawn(1, 1));
        // A soft brush.
        assert_marks_inside(&sent(all([250, 250, 250, 200]), all([255, 255, 255, 30])));
    }

    #[test]
    fn what_is_nearly_opaque_counts_as_opaque() {
        let black_and_white = |odd: [u8; 4]| sent(|_, _| WHITE, move |x, y| if (x, y) == (0, 0) { odd } else { BLACK });
        assert_marks_inside(&black_and_white([0, 0, 0, 254]));
        assert_marks_inside(&sent(|_, _| [255, 255, 255, 254], |_, _| [0, 0, 0, 250]));
        let mask = Mask::from_picture(&black_and_white(CLEAR)).unwrap();
        assert!(
            mask.is_drawn(40, 40) && !mask.is_drawn(10, 10) && !mask.is_drawn(0, 0),
            "one transparent pixel is an accident"
        );
    }

    #[test]
    fn what_can_be_meant_either_way_is_refused() {
        for (inside, outside) in [(BLACK, CLEAR), (CLEAR, WHITE), (CLEAR, RED)] {
            let mask = Mask::from_picture(&sent(|_, _| inside, |_, _| outside));
            assert_eq!(mask.unwrap_err(), MaskError::Unclear, "{inside:?} in {outside:?}");
        }
        assert!(MaskError::Unclear.to_string().contains("white on black"));
    }

    #[test]
    fn what_is_all_transparent_is_drawn_anew() {
        let mask = Mask::from_picture(&sent(|_, _| CLEAR, |_, _| CLEAR)).unwrap();
        assert!((mask.coverage() - 1.0).abs() < 1e-9);
    }
}
