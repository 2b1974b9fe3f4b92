//! The style presets of the official bot, from `styles.toml`. Their names in the chat are in `locales/*/styles.ftl`.

use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// One of the presets; the default is "no style".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Style(usize);

#[derive(Deserialize)]
struct Preset {
    code: String,
    suffix: String,
}

#[derive(Deserialize)]
struct Table {
    style: Vec<Preset>,
}

static PRESETS: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    let table: Table = toml::from_str(include_str!("styles.toml")).unwrap_or(Table { style: Vec::new() });
    table.style
});

/// A name that belongs to no style.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no style")]
pub struct UnknownStyle(pub String);

impl Style {
    /// All presets in the official order, "no style" first.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..PRESETS.len()).map(Self)
    }

    /// The stable code, such as `oil-painting`: in recipes, flags and callback data.
    #[must_use]
    pub fn code(self) -> &'static str {
        PRESETS.get(self.0).map_or("none", |preset| &preset.code)
    }

    /// The English words that the official bot appended to the prompt; empty for "no style".
    #[must_use]
    pub fn suffix(self) -> &'static str {
        PRESETS.get(self.0).map_or("", |preset| &preset.suffix)
    }

    /// The prompt with the suffix, separated by a comma; of an empty prompt the suffix alone.
    #[must_use]
    pub fn apply(self, prompt: &str) -> String {
        match (prompt, self.suffix()) {
            (prompt, "") => prompt.to_owned(),
            ("", suffix) => suffix.to_owned(),
            (prompt, suffix) => format!("{prompt}, {suffix}"),
        }
    }
}

impl FromStr for Style {
    type Err = UnknownStyle;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::all().find(|style| style.code() == code).ok_or_else(|| UnknownStyle(code.to_owned()))
    }
}

impl Serialize for Style {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Style {
    /// A style that no longer exists becomes "no style": an old recipe must stay readable.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Ok(code.parse().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_the_official_24_with_no_style_first() {
        assert_eq!(Style::all().len(), 24);
        assert_eq!(Style::default().code(), "none");
        assert_eq!(Style::default().apply("кот"), "кот");
    }

    #[test]
    fn the_suffix_follows_a_comma() {
        let anime: Style = "anime".parse().unwrap();
        assert_eq!(anime.apply("кот"), "кот, in anime style");
    }

    #[test]
    fn codes_are_unique_and_short_enough_for_a_button() {
        let mut codes: Vec<_> = Style::all().map(Style::code).collect();
        assert!(codes.iter().all(|code| code.len() <= 32));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), 24);
    }
}
