//! What is not drawn: the words of a wish are compared with lists before the job is queued.
//!
//! The lists are data ([`lists`]): one file for each language, `ru.toml` and `en.toml`, and one more of the owner's own if
//! there is one. Only whole words count, so that nobody is refused for a word inside another; spellings that are meant to
//! slip through are read as what they look like ([`spelling`]).

mod lists;
mod pattern;
mod spelling;
#[cfg(test)]
mod tests;

use std::path::Path;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use lists::Lists;
pub use lists::WordsError;
use spelling::Reading;

/// How much is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Strictness {
    /// Nothing
    #[default]
    Off,
    /// Sexual content (of minors as well), gore and hate
    On,
    /// Also nudity, blood, violence and possibly hateful words
    Strict,
}

/// What a refused wish is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Sexual content about minors.
    Minors,
    /// Sexual content.
    Sexual,
    /// Hate against people.
    Hate,
    /// Cruelty that is shown.
    Gore,
}

impl Kind {
    /// All kinds; the first that fits is the one that is told.
    pub const ALL: [Self; 4] = [Self::Minors, Self::Sexual, Self::Hate, Self::Gore];
}

/// Reads wishes and says what can not be drawn. The default one has no lists and refuses nothing.
#[derive(Debug, Default)]
pub struct Moderator {
    strictness: Strictness,
    lists: Lists,
}

impl Moderator {
    /// A moderator with the lists that are compiled in, and those of a file: it adds to them, or takes their place if it
    /// says `replace = true`.
    ///
    /// # Errors
    /// [`WordsError`] names the file and what is wrong with it.
    pub fn new(strictness: Strictness, words: Option<&Path>) -> Result<Self, WordsError> {
        Ok(Self { strictness, lists: Lists::load(words)? })
    }

    /// Whether anything is refused at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.strictness != Strictness::Off
    }

    /// What the texts of one wish are about that is not drawn; `None` if they may be drawn.
    #[must_use]
    pub fn check<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Option<Kind> {
        if !self.is_on() {
            return None;
        }
        // Together: what is harmless in one text may not be beside another.
        let text = texts.into_iter().collect::<Vec<_>>().join("\n");
        let readings = Reading::of(&text);
        let is_strict = self.strictness == Strictness::Strict;
        Kind::ALL.into_iter().find(|kind| readings.iter().any(|reading| self.lists.mention(*kind, is_strict, reading)))
    }
}
