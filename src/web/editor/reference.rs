//! Names of pictures in the editor.

use std::fmt;
use std::str::FromStr;

use rand::Rng;
use rand::distr::Alphanumeric;

use crate::jobs::JobId;

/// Letters and digits of the name of a picture that was brought: nobody guesses 130 bits.
const OWN_LENGTH: usize = 22;
/// Longer texts name nothing.
const MAX_LENGTH: usize = 64;

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum PictureRef {
    /// `j12.0`: one that a job drew, by its place.
    Drawn(JobId, u32),
    /// `p_…`: one that a user brought.
    Own(String),
    /// `e_TOKEN.0`: one of a job that is shared by this name.
    Shared(String, u32),
}

/// A text that names no picture.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoReference;

impl PictureRef {
    /// A new name for a picture that is brought.
    pub(super) fn new_own() -> String {
        let random: String = rand::rng().sample_iter(Alphanumeric).take(OWN_LENGTH).map(char::from).collect();
        format!("p_{random}")
    }
}

impl FromStr for PictureRef {
    type Err = NoReference;

    fn from_str(text: &str) -> Result<Self, NoReference> {
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        if text.len() > MAX_LENGTH {
            return Err(NoReference);
        }
        if let Some(name) = text.strip_prefix("p_") {
            return if is_name(name) { Ok(Self::Own(text.to_owned())) } else { Err(NoReference) };
        }
        // Start parameters of links know no dot.
        let (name, index) = text.rsplit_once(['.', '-']).unwrap_or((text, "0"));
        let index = index.parse().map_err(|_| NoReference)?;
        if let Some(token) = name.strip_prefix("e_").filter(|token| is_name(token)) {
            return Ok(Self::Shared(token.to_owned(), index));
        }
        let job = name.strip_prefix('j').filter(|id| id.chars().all(|c| c.is_ascii_digit()));
        let job = job.and_then(|id| id.parse().ok()).ok_or(NoReference)?;
        Ok(Self::Drawn(JobId(job), index))
    }
}

impl fmt::Display for PictureRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drawn(job, index) => write!(f, "j{}.{index}", job.0),
            Self::Own(id) => f.write_str(id),
            Self::Shared(token, index) => write!(f, "e_{token}.{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for text in ["j12.0", "j9007199254740993.15", "p_abcDEF123", "e_token.3"] {
            assert_eq!(text.parse::<PictureRef>().unwrap().to_string(), text);
        }
        assert_eq!("j12".parse(), Ok(PictureRef::Drawn(JobId(12), 0)));
        assert_eq!("e_token-2".parse(), Ok(PictureRef::Shared("token".to_owned(), 2)), "as in a link");
        assert!(PictureRef::new_own().parse::<PictureRef>().is_ok());
        for text in ["", "j", "j-1", "jx.0", "j1.x", "p_", "p_../x", "e_", "e_.0", "12", "j1.99999999999", "p_я"] {
            assert_eq!(text.parse::<PictureRef>(), Err(NoReference), "{text}");
        }
    }
}
