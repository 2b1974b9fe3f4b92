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

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::web::answer::AnswerOptions;
    use crate::web::draw_options::DrawOptions;
    use crate::web::params::Params;

    /// A value that a schema allows.
    fn example(schema: &Value) -> Value {
        let first = |name: &str| schema[name].get(0).cloned();
        let found = first("examples").or_else(|| first("enum")).or_else(|| schema.get("default").cloned());
        found.or_else(|| schema.get("minimum").cloned()).unwrap_or_else(|| "text".into())
    }

    #[test]
    fn every_described_field_is_understood() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let mut fields = Map::new();
        for schema in ["DrawFields", "AnswerFields"] {
            let properties = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
            fields.extend(properties.iter().map(|(name, schema)| (name.clone(), example(schema))));
        }
        assert!(fields.len() > 20, "{fields:?}");
        let mut params = Params::new(fields, Vec::new());
        let draw = DrawOptions::from_params(&mut params).unwrap();
        AnswerOptions::from_params(&mut params, &draw.quality).unwrap();
        assert_eq!(params.ignored(), None);
    }
}
