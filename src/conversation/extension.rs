//! How far outpainting continues a picture.

use serde::{Deserialize, Serialize};

use crate::recipe::{Margins, Ratio};

/// How far a picture is to be continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extension {
    /// By half its width to the left.
    Left,
    /// By half its width to the right.
    Right,
    /// By half its height upwards.
    Up,
    /// By half its height downwards.
    Down,
    /// On all sides, one and a half times as large.
    Half,
    /// On all sides, twice as large.
    Double,
    /// To these proportions.
    To(Ratio),
}

impl Extension {
    /// Those that are offered, row by row.
    #[must_use]
    pub fn offered() -> [Vec<Self>; 4] {
        let to = |text: &str| text.parse().ok().map(Self::To);
        [
            vec![Self::Left, Self::Right],
            vec![Self::Up, Self::Down],
            vec![Self::Half, Self::Double],
            ["1:1", "16:9", "9:16"].into_iter().filter_map(to).collect(),
        ]
    }

    /// How far on each side, in pixels, for a picture of this size. A picture that has the proportions already is
    /// continued by an eighth on all sides.
    #[must_use]
    pub fn margins(self, width: u32, height: u32) -> Margins {
        let around = |share: f64| {
            let (x, y) = ((f64::from(width) * share) as u32, (f64::from(height) * share) as u32);
            Margins { left: x.max(1), right: x.max(1), top: y.max(1), bottom: y.max(1) }
        };
        match self {
            Self::Left => Margins { left: width.div_ceil(2), ..Margins::default() },
            Self::Right => Margins { right: width.div_ceil(2), ..Margins::default() },
            Self::Up => Margins { top: height.div_ceil(2), ..Margins::default() },
            Self::Down => Margins { bottom: height.div_ceil(2), ..Margins::default() },
            Self::Half => around(0.25),
            Self::Double => around(0.5),
            Self::To(ratio) => {
                let wanted = |length: u32, factor: f64| (f64::from(length) * factor).round() as u32;
                let extra_width = wanted(height, ratio.value()).saturating_sub(width);
                let extra_height = wanted(width, 1.0 / ratio.value()).saturating_sub(height);
                let (left, top) = (extra_width / 2, extra_height / 2);
                let margins = Margins { left, right: extra_width - left, top, bottom: extra_height - top };
                if margins == Margins::default() { around(0.125) } else { margins }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn extensions_reach_the_proportions() {
        let to = |text: &str| Extension::To(text.parse().unwrap()).margins(200, 100);
        assert_eq!(to("1:1"), Margins { top: 50, bottom: 50, ..Margins::default() });
        assert_eq!(to("9:16").top + to("9:16").bottom + 100, 356);
        assert_eq!(to("2:1"), Margins { left: 25, right: 25, top: 12, bottom: 12 });
        assert_eq!(Extension::Double.margins(200, 100), Margins { left: 100, right: 100, top: 50, bottom: 50 });
        assert_eq!(Extension::Left.margins(201, 100).left, 101);
    }
}
