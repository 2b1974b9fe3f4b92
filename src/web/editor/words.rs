//! The words of the page.

use axum::Json;
use axum::extract::Query;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::i18n::{Language, page_words};

const RU: &str = include_str!("../../../locales/ru/editor.ftl");
const EN: &str = include_str!("../../../locales/en/editor.ftl");

#[derive(Deserialize)]
pub(super) struct Asked {
    lang: Option<String>,
}

/// All words of the page in a language.
pub(super) async fn words(Query(asked): Query<Asked>) -> Json<Value> {
    let language = Language::from_code(asked.lang.as_deref());
    let source = match language {
        Language::Ru => RU,
        Language::En => EN,
    };
    Json(json!({ "language": language.code(), "words": page_words(source) }))
}
