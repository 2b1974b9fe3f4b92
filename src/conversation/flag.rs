//! The names of the flags.

use serde::{Deserialize, Serialize};

/// A flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// `--ar`: the proportions.
    Ratio,
    /// `--no`: what shall not be there.
    Negative,
    /// `--seed`.
    Seed,
    /// `--style`.
    Style,
    /// `--n`: how many pictures.
    Count,
    /// `--steps`: denoising steps.
    Steps,
    /// `--iw`: the pictures' share in a mix.
    PictureShare,
    /// `--strength`: how much of a picture changes.
    Strength,
}

/// Other words for the same.
const ALIASES: [(&str, Flag); 5] = [
    ("count", Flag::Count),
    ("negative", Flag::Negative),
    ("aspect", Flag::Ratio),
    ("repeat", Flag::Count),
    ("ratio", Flag::Ratio),
];

impl Flag {
    /// All flags.
    pub const ALL: [Self; 8] = [
        Self::Ratio,
        Self::Negative,
        Self::Seed,
        Self::Style,
        Self::Count,
        Self::Steps,
        Self::PictureShare,
        Self::Strength,
    ];

    /// The name without dashes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ratio => "ar",
            Self::Negative => "no",
            Self::Seed => "seed",
            Self::Style => "style",
            Self::Count => "n",
            Self::Steps => "steps",
            Self::PictureShare => "iw",
            Self::Strength => "strength",
        }
    }

    /// The flag of this name or alias, in any case.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, flag)| *flag);
        Self::ALL.into_iter().find(|flag| flag.name() == name).or(alias)
    }

    /// The flag whose name is nearest to a misspelt one; `None` if none is near.
    pub(super) fn nearest(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        Self::ALL
            .into_iter()
            .map(|flag| (strsim::damerau_levenshtein(flag.name(), &name), flag))
            .filter(|(distance, flag)| *distance <= flag.name().len().div_ceil(3))
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, flag)| flag)
    }
}
