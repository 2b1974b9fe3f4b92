//! The words of the chat and the page: Fluent texts from `locales/`, compiled in.

mod page_words;

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader};
use serde::{Deserialize, Serialize};
use unic_langid::langid;

pub use page_words::page_words;

fluent_templates::static_loader! {
    static LOCALES = {
        locales: "./locales",
        fallback_language: "en",
        // Isolation marks would appear as boxes in captions and break texts that tests and people compare.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static RUSSIAN: LanguageIdentifier = langid!("ru");
static ENGLISH: LanguageIdentifier = langid!("en");

/// A language that the bot speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Russian.
    Ru,
    /// English.
    En,
}

/// A value that a text may mention.
pub type Value = FluentValue<'static>;

impl Language {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Ru, Self::En];

    /// The language for an IETF tag such as `ru-RU`; English where it is neither.
    #[must_use]
    pub fn from_code(code: Option<&str>) -> Self {
        let primary = code.and_then(|code| code.split(['-', '_']).next()).unwrap_or_default();
        if primary.eq_ignore_ascii_case("ru") { Self::Ru } else { Self::En }
    }

    /// The IETF tag, `ru` or `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// The text under `key`.
    #[must_use]
    pub fn text(self, key: &str) -> String {
        LOCALES.lookup(self.identifier(), key)
    }

    /// The text under `key` with its placeholders filled. Numbers choose the plural form.
    #[must_use]
    pub fn text_with<const N: usize>(self, key: &str, values: [(&'static str, Value); N]) -> String {
        let values: HashMap<Cow<'static, str>, Value> =
            values.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect();
        LOCALES.lookup_with_args(self.identifier(), key, &values)
    }

    fn identifier(self) -> &'static LanguageIdentifier {
        match self {
            Self::Ru => &RUSSIAN,
            Self::En => &ENGLISH,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_language_is_recognised() {
        assert_eq!(Language::from_code(Some("ru-RU")), Language::Ru);
        assert_eq!(Language::from_code(Some("RU")), Language::Ru);
        assert_eq!(Language::from_code(Some("de")), Language::En);
        assert_eq!(Language::from_code(None), Language::En);
    }
}
