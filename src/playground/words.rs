//! The page's words as JSON, from `locales/<language>/page.ftl`: see [`page_words`].

use serde_json::{Map, Value};

use crate::i18n::page_words;

const RU: &str = include_str!("../../locales/ru/page.ftl");
const EN: &str = include_str!("../../locales/en/page.ftl");

/// All words of the page in a language; English for languages without their own.
pub(crate) fn words(language: &str) -> Map<String, Value> {
    page_words(if language.starts_with("ru") { RU } else { EN })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_syntax::parser;

    use super::*;

    fn names(language: &str) -> BTreeSet<String> {
        words(language).keys().cloned().collect()
    }

    #[test]
    fn both_languages_have_the_same_words_and_each_can_be_read() {
        for source in [RU, EN] {
            assert!(parser::parse(source).is_ok());
        }
        assert_eq!(names("ru"), names("en"));
    }

    #[test]
    fn every_word_that_the_page_asks_for_exists_and_none_is_idle() {
        let page: String =
            super::super::page_assets::sources().filter_map(|source| std::str::from_utf8(source).ok()).collect();
        let asked: BTreeSet<String> = page
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .filter(|word| word.starts_with("page-"))
            .map(str::to_owned)
            .collect();
        assert_eq!(asked, names("en"));
    }

    #[test]
    fn russian_numbers_have_their_forms() {
        let forms = &words("ru")["page-unread"]["forms"];
        assert!(["one", "few", "other"].iter().all(|form| forms[form].is_string()), "{forms}");
    }
}
