//! How many jobs are drawn at once.

use std::num::NonZeroU8;
use std::str::FromStr;

/// How many jobs are drawn at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Batch {
    /// As many as pay and fit into memory.
    #[default]
    Auto,
    /// At most so many.
    Most(NonZeroU8),
}

/// Text that is no such number.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is no number of pictures; write auto, or a number from 1 to 255")]
pub struct BatchError(String);

impl FromStr for Batch {
    type Err = BatchError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            number => number.parse().map(Self::Most).map_err(|_| BatchError(number.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_number_or_left_to_the_program() {
        assert_eq!("auto".parse::<Batch>().unwrap(), Batch::Auto);
        assert_eq!("3".parse::<Batch>().unwrap(), Batch::Most(NonZeroU8::new(3).unwrap()));
        for text in ["0", "-1", "many", ""] {
            assert!(text.parse::<Batch>().unwrap_err().to_string().contains("auto"), "{text}");
        }
    }
}
