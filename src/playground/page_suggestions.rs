//! Prompts that the page offers, and what was drawn for them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::shared::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/page/suggestions", get(list)).route("/page/suggestions/{index}", get(picture))
}

async fn list(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let suggestions = shared.options.suggestions.iter().enumerate().map(|(index, suggestion)| {
        let picture = suggestion.picture.map(|_| format!("/page/suggestions/{index}"));
        json!({ "ru": suggestion.ru, "en": suggestion.en, "picture": picture })
    });
    Json(suggestions.collect())
}

async fn picture(State(shared): State<Arc<Shared>>, Path(index): Path<usize>) -> Response {
    let headers: [(HeaderName, &str); 2] = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "no-cache")];
    match shared.options.suggestions.get(index).and_then(|suggestion| suggestion.picture) {
        Some(jpeg) => (headers, jpeg).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
