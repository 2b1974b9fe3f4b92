//! The page's words as JSON, from `locales/<language>/page.ftl`.
//!
//! A message is a string with `{ $name }` in it as `{name}`, or, where it depends on a number,
//! `{"on": "name", "forms": {"one": "…", "other": "…"}}` with the plural categories of
//! [CLDR](https://cldr.unicode.org/index/cldr-spec/plural-rules), which browsers know by `Intl.PluralRules`.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};
use fluent_syntax::parser;
use serde_json::{Map, Value, json};

const RU: &str = include_str!("../../locales/ru/page.ftl");
const EN: &str = include_str!("../../locales/en/page.ftl");

/// All words of the page in a language; English for languages without their own.
pub(crate) fn words(language: &str) -> Map<String, Value> {
    let source = if language.starts_with("ru") { RU } else { EN };
    // What could not be read is left out; a test reads every word.
    let resource = parser::parse(source).unwrap_or_else(|(resource, _)| resource);
    let messages = resource.body.into_iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some((message.id.name.to_owned(), pattern(&message.value?))),
        _ => None,
    });
    messages.collect()
}

/// A text, or the forms of the one selector that it consists of.
fn pattern(pattern: &Pattern<&str>) -> Value {
    if let [PatternElement::Placeable { expression: Expression::Select { selector, variants } }] =
        pattern.elements.as_slice()
    {
        return json!({ "on": variable(selector), "forms": forms(variants) });
    }
    Value::String(text(pattern))
}

fn forms(variants: &[Variant<&str>]) -> Map<String, Value> {
    let form = |variant: &Variant<&str>| {
        let (VariantKey::Identifier { name } | VariantKey::NumberLiteral { value: name }) = variant.key;
        (name.to_owned(), Value::String(text(&variant.value)))
    };
    variants.iter().map(form).collect()
}

fn text(pattern: &Pattern<&str>) -> String {
    let element = |element: &PatternElement<&str>| match element {
        PatternElement::TextElement { value } => (*value).to_owned(),
        PatternElement::Placeable { expression: Expression::Inline(inline) } => placeholder(inline),
        PatternElement::Placeable { .. } => String::new(),
    };
    pattern.elements.iter().map(element).collect()
}

fn placeholder(inline: &InlineExpression<&str>) -> String {
    match inline {
        InlineExpression::StringLiteral { value } => (*value).to_owned(),
        other => format!("{{{}}}", variable(other)),
    }
}

fn variable<'s>(inline: &InlineExpression<&'s str>) -> &'s str {
    match inline {
        InlineExpression::VariableReference { id } => id.name,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
