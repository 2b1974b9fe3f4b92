//! Proportions of a picture.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{RecipeError, Size};

/// Width to height, such as 16:9. Written and stored in that form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio {
    width: u32,
    height: u32,
}

/// Sides are multiples of this, so that nothing has to be cropped.
const STEP: f64 = 8.0;

impl Ratio {
    /// Both sides alike.
    pub const SQUARE: Self = Self { width: 1, height: 1 };
    /// Those that are offered: the ones of the official editor.
    pub const OFFERED: [Self; 5] = [Self::SQUARE, Self::of(2, 3), Self::of(3, 2), Self::of(9, 16), Self::of(16, 9)];
    /// Neither side may be more than this many times the other.
    pub const MAX_ASPECT: u32 = 4;

    const fn of(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Width and height with about as many pixels as a square of the model's native side, neither over 1024.
    #[must_use]
    pub fn size(self, native: u32) -> Size {
        let stretch = (f64::from(self.width) / f64::from(self.height)).sqrt();
        let (width, height) = (f64::from(native) * stretch, f64::from(native) / stretch);
        let shrink = (f64::from(Size::MAX) / width.max(height)).min(1.0);
        let side = |length: f64| ((length * shrink / STEP).round() * STEP) as u32;
        let within = |length: u32| length.clamp(Size::MIN, Size::MAX);
        Size { width: within(side(width)), height: within(side(height)) }
    }

    /// The offered proportions that are nearest to a size.
    #[must_use]
    pub fn nearest(size: Size) -> Self {
        let value = f64::from(size.width) / f64::from(size.height);
        let distance = |ratio: &Self| (ratio.value() / value).ln().abs();
        Self::OFFERED.into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or_default()
    }

    /// Whether both sides are alike.
    #[must_use]
    pub fn is_square(self) -> bool {
        self.width == self.height
    }

    /// How much wider than high.
    #[must_use]
    pub fn value(self) -> f64 {
        f64::from(self.width) / f64::from(self.height)
    }
}

impl Default for Ratio {
    fn default() -> Self {
        Self::SQUARE
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.width, self.height)
    }
}

impl FromStr for Ratio {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (width, height) = text.split_once([':', '/', 'x', '×', 'х'])?;
            let ratio = Self { width: width.trim().parse().ok()?, height: height.trim().parse().ok()? };
            let (short, long) = (ratio.width.min(ratio.height), ratio.width.max(ratio.height));
            (short > 0 && long <= 1000 && long <= short * Self::MAX_ASPECT).then_some(ratio)
        };
        parse().ok_or_else(|| RecipeError::BadRatio { text: text.to_owned() })
    }
}

impl TryFrom<String> for Ratio {
    type Error = RecipeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Ratio> for String {
    fn from(ratio: Ratio) -> Self {
        ratio.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_the_number_of_pixels_and_stay_in_bounds() {
        let size = |ratio: &str, native| ratio.parse::<Ratio>().unwrap().size(native);
        assert_eq!(size("1:1", 768), Size::square(768));
        assert_eq!(size("16:9", 768), Size { width: 1024, height: 576 });
        assert_eq!(size("2:3", 768), Size { width: 624, height: 944 });
        assert_eq!(size("9:16", 128), Size { width: 96, height: 168 });
        for ratio in ["1:4", "4:1", "3:2"] {
            let Size { width, height } = size(ratio, 768);
            assert!(Size::new(width, height).is_some(), "{ratio}");
        }
    }

    #[test]
    fn a_ratio_is_read_as_it_is_written() {
        for text in ["16:9", "21:9", "1:1"] {
            assert_eq!(text.parse::<Ratio>().unwrap().to_string(), text);
        }
        for text in ["0:1", "1:5", "a:b", "16", "", "-1:1"] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
    }
}
