//! The description of the API for programs ([OpenAPI 3.1](https://spec.openapis.org/oas/v3.1.0)), kept in `openapi.json`. Tests
//! compare it with the routes and with what requests may hold.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use super::error::{ApiError, ApiResult};
use super::state::Api;

const DOCUMENT: &str = include_str!("openapi.json");

pub(super) async fn openapi(State(api): State<Arc<Api>>) -> ApiResult<Json<Value>> {
    let mut document: Value = serde_json::from_str(DOCUMENT).map_err(|error| {
        tracing::error!(%error, "the description of the API can not be read");
        ApiError::internal()
    })?;
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    document["servers"][0]["url"] = api.url.clone().into();
    Ok(Json(document))
}
