//! What styles are called in the chat.

use crate::i18n::Language;
use crate::styles::Style;

/// The key of a style's name in the locales.
pub(super) fn style_name_key(style: Style) -> String {
    format!("style-{}", style.code())
}

/// The style with this name in any language, or with this code, in any case.
pub(super) fn style_by_name(name: &str) -> Option<Style> {
    let name = name.trim().to_lowercase();
    let has_name = |style: &Style| {
        let key = style_name_key(*style);
        style.code() == name || Language::ALL.into_iter().any(|language| language.text(&key).to_lowercase() == name)
    };
    Style::all().find(has_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_has_a_name_in_both_languages() {
        for style in Style::all() {
            for language in Language::ALL {
                let name = language.text(&style_name_key(style));
                assert!(!name.contains("style-"), "{} has no name in {language:?}", style.code());
            }
        }
    }

    #[test]
    fn a_style_is_found_by_its_name_and_by_its_code() {
        let anime: Style = "anime".parse().unwrap();
        for name in ["anime", " Anime ", "Аниме"] {
            assert_eq!(style_by_name(name), Some(anime), "{name}");
        }
        assert_eq!(style_by_name("gothic"), None);
    }
}
