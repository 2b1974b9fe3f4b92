//! How many pictures share the steps of the networks.

use std::num::NonZeroU8;
use std::str::FromStr;

/// How many pictures share the steps of the networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BatchSize {
    /// As many as pay and fit into memory.
    #[default]
    Auto,
    /// At most so many.
    AtMost(NonZeroU8),
}

/// Text that is no such number.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no number of pictures; write auto, or a number from 1 to 255")]
pub struct BatchSizeError(String);

impl FromStr for BatchSize {
    type Err = BatchSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            number => number.parse().map(Self::AtMost).map_err(|_| BatchSizeError(number.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_number_or_left_to_the_program() {
        assert_eq!("auto".parse::<BatchSize>().unwrap(), BatchSize::Auto);
        assert_eq!("3".parse::<BatchSize>().unwrap(), BatchSize::AtMost(NonZeroU8::new(3).unwrap()));
        for text in ["0", "-1", "many", ""] {
            assert!(text.parse::<BatchSize>().unwrap_err().to_string().contains("auto"), "{text}");
        }
    }
}
