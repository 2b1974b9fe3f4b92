//! The words of a page as JSON, from a Fluent file.
//!
//! A message is a string with `{ $name }` in it as `{name}`, or, where it depends on a number,
//! `{"on": "name", "forms": {"one": "…", "other": "…"}}` with the plural categories of
//! [CLDR](https://cldr.unicode.org/index/cldr-spec/plural-rules), which browsers know by `Intl.PluralRules`.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, Variant, VariantKey};
use fluent_syntax::parser;
use serde_json::{Map, Value, json};

/// The messages of a Fluent file by their names.
#[must_use]
pub fn page_words(source: &str) -> Map<String, Value> {
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
