//! A window onto a picture: where the model looks, which may lie beyond the picture's edges in part.

use serde::{Deserialize, Serialize};

use super::RecipeError;

/// The longest side, and how far a window may lie from the picture's corner; pixels.
const FARTHEST: u32 = 16_384;
/// The shortest side.
const SHORTEST: u32 = 8;

/// A rectangle in the pixels of a picture, whose upper left corner is at 0, 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Window {
    /// Its left edge; negative to the left of the picture.
    pub x: i32,
    /// Its upper edge; negative above the picture.
    pub y: i32,
    /// Its width.
    pub width: u32,
    /// Its height.
    pub height: u32,
}

impl Window {
    /// The window, if a model could look through it.
    ///
    /// # Errors
    /// [`RecipeError::BadWindow`].
    pub fn checked(self) -> Result<Self, RecipeError> {
        let is_side = |side: u32| (SHORTEST..=FARTHEST).contains(&side);
        let is_near = |at: i32| at.unsigned_abs() <= FARTHEST;
        match is_side(self.width) && is_side(self.height) && is_near(self.x) && is_near(self.y) {
            true => Ok(self),
            false => Err(RecipeError::BadWindow),
        }
    }

    /// The canvas that holds a picture of this size and the window: how far the picture lies from its left and upper edge, and its
    /// width and height. `None` if they are larger than numbers are.
    #[must_use]
    pub fn canvas(self, width: u32, height: u32) -> Option<(u32, u32, (u32, u32))> {
        let axis = |at: i32, window: u32, length: u32| {
            let before = at.min(0).unsigned_abs();
            let end = i64::from(at) + i64::from(window);
            let after = u32::try_from((end - i64::from(length)).max(0)).ok()?;
            Some((before, before.checked_add(length)?.checked_add(after)?))
        };
        let (left, width) = axis(self.x, self.width, width)?;
        let (top, height) = axis(self.y, self.height, height)?;
        Some((left, top, (width, height)))
    }

    /// The part of a picture of this size that lies in the window: left, top, width and height; `None` if there is none.
    #[must_use]
    pub fn part_of(self, width: u32, height: u32) -> Option<(u32, u32, u32, u32)> {
        let axis = |at: i32, window: u32, length: u32| {
            let from = i64::from(at).max(0);
            let to = (i64::from(at) + i64::from(window)).min(i64::from(length));
            (from < to).then_some((from as u32, (to - from) as u32))
        };
        let ((left, width), (top, height)) = (axis(self.x, self.width, width)?, axis(self.y, self.height, height)?);
        Some((left, top, width, height))
    }
}

impl std::str::FromStr for Window {
    type Err = RecipeError;

    /// Reads `X,Y,WIDTHxHEIGHT`.
    fn from_str(text: &str) -> Result<Self, RecipeError> {
        let parse = || {
            let mut parts = text.splitn(3, ',').map(str::trim);
            let (x, y) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            let (width, height) = parts.next()?.split_once(['x', 'X', '×'])?;
            Some(Self { x, y, width: width.trim().parse().ok()?, height: height.trim().parse().ok()? })
        };
        parse().ok_or(RecipeError::BadWindow)?.checked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(x: i32, y: i32, width: u32, height: u32) -> Window {
        Window { x, y, width, height }
    }

    #[test]
    fn the_canvas_holds_picture_and_window() {
        assert_eq!(window(10, 20, 30, 40).canvas(100, 80), Some((0, 0, (100, 80))), "inside");
        assert_eq!(window(-8, 0, 30, 80).canvas(100, 80), Some((8, 0, (108, 80))));
        assert_eq!(window(90, 70, 30, 40).canvas(100, 80), Some((0, 0, (120, 110))));
        assert_eq!(window(-8, -9, 300, 200).canvas(100, 80), Some((8, 9, (300, 200))), "around it");
        assert_eq!(window(0, 0, 10, 10).canvas(u32::MAX, 5), Some((0, 0, (u32::MAX, 10))));
        assert_eq!(window(-1, 0, 10, 10).canvas(u32::MAX, 5), None);
    }

    #[test]
    fn what_lies_in_the_window_is_known() {
        assert_eq!(window(-8, 70, 30, 40).part_of(100, 80), Some((0, 70, 22, 10)));
        assert_eq!(window(0, 0, 100, 80).part_of(100, 80), Some((0, 0, 100, 80)));
        for beyond in [window(100, 0, 8, 8), window(-8, 0, 8, 8), window(0, 80, 8, 8)] {
            assert_eq!(beyond.part_of(100, 80), None);
        }
    }

    #[test]
    fn a_window_is_written_as_place_and_size() {
        assert_eq!("-200,40,768x512".parse(), Ok(window(-200, 40, 768, 512)));
        assert_eq!(" 1, 2 , 8×9".parse(), Ok(window(1, 2, 8, 9)));
        for bad in ["", "1,2", "1,2,3", "1,2,3x9", "1,2,8x", "a,2,8x8", "1,2,99999x8", "20000,0,8x8", "1,2,-8x8"] {
            assert_eq!(bad.parse::<Window>(), Err(RecipeError::BadWindow), "{bad}");
        }
    }
}
