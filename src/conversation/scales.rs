//! How many times as large a picture can be drawn: what is possible, and how users say it.

use crate::pictures::is_within_limits;
use crate::recipe::{SCALES, Size};

/// The scales at which a larger picture of these pixels is not too large, and its size.
pub(super) fn possible(width: u32, height: u32) -> impl Iterator<Item = (u32, Size)> {
    let size = move |scale| Size { width: width.saturating_mul(scale), height: height.saturating_mul(scale) };
    let sizes = SCALES.into_iter().map(move |scale| (scale, size(scale)));
    sizes.filter(|(_, size)| is_within_limits(size.width, size.height))
}

/// The scale that a text names: `4`, `4x`, `×4`, `--scale 4`.
pub(super) fn scale_of(text: &str) -> Option<u32> {
    let text = text.trim().to_lowercase();
    let value = text.strip_prefix("--scale").unwrap_or(&text);
    // The Latin letter, the Russian one and the sign.
    let number = value.trim_matches(|letter: char| letter.is_whitespace() || ['x', 'х', '×', '='].contains(&letter));
    number.parse().ok().filter(|scale| SCALES.contains(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_read_as_people_write_them() {
        for (text, scale) in [("2", 2), (" 4x", 4), ("х4", 4), ("4×", 4), ("×2 ", 2), ("--scale 4", 4)] {
            assert_eq!(scale_of(text), Some(scale), "{text}");
        }
        for text in ["", "—", "3", "4 кота", "22"] {
            assert_eq!(scale_of(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_can_be_read_again_is_possible() {
        let scales = |width, height| possible(width, height).map(|(scale, _)| scale).collect::<Vec<_>>();
        assert_eq!((scales(768, 768), scales(1, 1)), (vec![2, 4], vec![2, 4]));
        assert_eq!((scales(3000, 2000), scales(5000, 100)), (vec![2], vec![2]));
        assert!(scales(6000, 4000).is_empty() && scales(u32::MAX, 1).is_empty());
    }
}
