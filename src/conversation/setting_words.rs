//! Words that users write: to turn a setting off, for larger pictures, for descriptions, and the names of languages.

use crate::i18n::Language;

/// Whether a text turns a setting off: «выкл», `none`, a hyphen.
pub(super) fn is_off(text: &str) -> bool {
    Language::ALL.into_iter().any(|language| is_listed(language, "off-words", text))
}

/// Whether a word asks for a larger picture: «крупнее», `enlarge`.
pub(super) fn is_larger(word: &str) -> bool {
    Language::ALL.into_iter().any(|language| is_listed(language, "larger-words", word))
}

/// Whether a word asks what a picture shows: «опиши».
pub(super) fn is_what(word: &str) -> bool {
    Language::ALL.into_iter().any(|language| is_listed(language, "describe-words", word))
}

/// The language of this name or tag: `ru`, `ru-RU`, «Русский», `russian`.
pub(super) fn language_named(text: &str) -> Option<Language> {
    let word = text.trim().to_lowercase();
    let primary = word.split(['-', '_']).next().unwrap_or_default();
    Language::ALL
        .into_iter()
        .find(|language| language.code() == primary || is_listed(*language, "language-words", &word))
}

/// Whether a text is one of the words that stand under a key, with commas between them.
fn is_listed(language: Language, key: &str, text: &str) -> bool {
    let text = text.trim().trim_end_matches(['.', '!']).to_lowercase();
    language.text(key).split(',').any(|word| word.trim() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_turned_off_in_either_language() {
        for text in ["off", "OFF", "выкл", "Выкл.", "нет", "none", "-", "—", " no "] {
            assert!(is_off(text), "{text}");
        }
        for text in ["", "кот", "нет воды", "no water", "офф-роуд"] {
            assert!(!is_off(text), "{text}");
        }
    }

    #[test]
    fn a_language_has_a_tag_and_names() {
        for text in ["ru", "ru-RU", "RU_ru", " Русский", "russian", "по-русски"] {
            assert_eq!(language_named(text), Some(Language::Ru), "{text}");
        }
        for text in ["en", "en-GB", "english", "Английский"] {
            assert_eq!(language_named(text), Some(Language::En), "{text}");
        }
        for text in ["", "de", "deutsch", "rub"] {
            assert_eq!(language_named(text), None, "{text}");
        }
    }
}
