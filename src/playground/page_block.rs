//! Blocking the bot, for tests.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::api::errors::ApiError;
use super::page_user::Who;
use super::shared::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/page/block", post(block))
}

#[derive(Deserialize)]
struct Block {
    #[serde(flatten)]
    who: Who,
    blocked: bool,
}

async fn block(State(shared): State<Arc<Shared>>, Json(block): Json<Block>) -> Result<Json<Value>, ApiError> {
    let mut world = shared.world();
    block.who.enter(&mut world)?;
    world.block(block.who.user(), block.blocked)?;
    Ok(Json(json!({})))
}
