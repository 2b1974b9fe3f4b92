//! Masks of the usual parts of a picture.

use serde::{Deserialize, Serialize};

use super::mask::Mask;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_parts_of_the_picture() {
        let coverage = |area: Area| area.mask(100, 60).coverage();
        for area in [Area::Top, Area::Bottom, Area::Left, Area::Right] {
            assert!((coverage(area) - 0.5).abs() < 0.01, "{area:?}");
        }
        assert!((coverage(Area::Centre) - 0.25).abs() < 0.02);
        assert!((coverage(Area::Border) - 0.4375).abs() < 0.03);
    }
}
