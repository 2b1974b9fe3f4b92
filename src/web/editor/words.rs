//! The words of the page.

use axum::Json;
use axum::extract::Query;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::i18n::{Language, page_words};

/// The page's own words and the names of the styles.
const RU: [&str; 2] = [include_str!("../../../locales/ru/editor.ftl"), include_str!("../../../locales/ru/styles.ftl")];
const EN: [&str; 2] = [include_str!("../../../locales/en/editor.ftl"), include_str!("../../../locales/en/styles.ftl")];

#[derive(Deserialize)]
pub(super) struct Asked {
    lang: Option<String>,
}

/// All words of the page in a language.
pub(super) async fn words(Query(asked): Query<Asked>) -> Json<Value> {
    let language = Language::from_code(asked.lang.as_deref());
    let sources = match language {
        Language::Ru => RU,
        Language::En => EN,
    };
    let words: Map<String, Value> = sources.into_iter().flat_map(page_words).collect();
    Json(json!({ "language": language.code(), "words": words }))
}
