//! Width and height.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::RecipeError;

/// Width and height of a picture in pixels, each from 64 to 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Size {
    /// The shortest side, in pixels.
    pub const MIN: u32 = 64;
    /// The longest side, in pixels.
    pub const MAX: u32 = 1024;

    /// A size whose sides are in range.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Option<Self> {
        let sides = Self::MIN..=Self::MAX;
        (sides.contains(&width) && sides.contains(&height)).then_some(Self { width, height })
    }

    /// Both sides alike.
    #[must_use]
    pub fn square(side: u32) -> Self {
        Self { width: side, height: side }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.width, self.height)
    }
}

impl FromStr for Size {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (width, height) = text.split_once(['x', 'X', '×', 'х', 'Х'])?;
            Self::new(width.trim().parse().ok()?, height.trim().parse().ok()?)
        };
        parse().ok_or_else(|| RecipeError::BadSize { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_every_spelling() {
        for text in ["768x512", "768X512", "768×512", "768 х 512"] {
            assert_eq!(text.parse(), Ok(Size { width: 768, height: 512 }), "{text}");
        }
        for text in ["63x64", "64x1025", "768", "x", "-1x64", "axb"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
