//! What there is: the model and the styles.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::auth::Caller;
use super::draw_options::style_name;
use super::error::{ApiError, ApiResult};
use super::state::Api;
use crate::i18n::Language;
use crate::recipe::{Ratio, Size};
use crate::styles::Style;

/// When Kandinsky 2.1 was published, in seconds since 1970.
const PUBLISHED: u64 = 1_680_566_400;

pub(super) async fn models(State(api): State<Arc<Api>>, _caller: Caller) -> Json<Value> {
    Json(json!({ "object": "list", "data": [model(&api)] }))
}

pub(super) async fn one_model(
    State(api): State<Arc<Api>>,
    _caller: Caller,
    Path(name): Path<String>,
) -> ApiResult<Json<Value>> {
    if name == api.model.name { Ok(Json(model(&api))) } else { Err(ApiError::not_found("model")) }
}

fn model(api: &Api) -> Value {
    let sizes = Ratio::OFFERED.map(|ratio| {
        let Size { width, height } = ratio.size(api.model.native);
        format!("{width}x{height}")
    });
    json!({
        "id": api.model.name,
        "object": "model",
        "created": PUBLISHED,
        "owned_by": "local",
        "capabilities": ["generations", "edits", "variations", "inpaint", "outpaint", "mix", "upscale"],
        "sizes": sizes,
        "min_side": Size::MIN,
        "max_side": Size::MAX,
    })
}

pub(super) async fn styles(_caller: Caller) -> Json<Value> {
    let style = |style: Style| {
        let names: serde_json::Map<String, Value> = Language::ALL
            .into_iter()
            .map(|language| (language.code().to_owned(), style_name(style, language).into()))
            .collect();
        json!({ "id": style.code(), "object": "style", "names": names })
    };
    Json(json!({ "object": "list", "data": Style::all().map(style).collect::<Vec<_>>() }))
}
