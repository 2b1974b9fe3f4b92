//! `POST /page/inline` and `/page/inline/choose`: the bot's name and some words typed in a chat.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::page_calls::PageResult;
use super::page_user::Who;
use super::shared::Shared;

/// How long the page waits for the bot's results.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(flatten)]
    who: Who,
    query: String,
    #[serde(default)]
    offset: String,
}

/// Asks the bot and waits for its results; none when it does not answer.
pub(super) async fn ask(State(shared): State<Arc<Shared>>, Json(typed): Json<Typed>) -> PageResult {
    let (id, answered) = {
        let mut world = shared.world();
        (world.ask_inline(&typed.who, &typed.query, &typed.offset)?, Arc::clone(&world.inline.answered))
    };
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = answered.notified();
        tokio::pin!(answer);
        answer.as_mut().enable();
        if let Some(answer) = shared.world().inline.answer(&id) {
            let results: Vec<Value> = answer.results.iter().map(super::inline_queries::InlineResult::shown).collect();
            return Ok(Json(json!({ "inline_query_id": id, "results": results, "next_offset": answer.next_offset })));
        }
        tokio::select! {
            () = answer => {}
            () = sleep_until(deadline) => break,
            () = shared.stopping() => break,
        }
    }
    Ok(Json(json!({ "inline_query_id": id, "results": [], "next_offset": "" })))
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(flatten)]
    who: Who,
    inline_query_id: String,
    result_id: String,
}

/// Sends one of the results in the person's name.
pub(super) async fn choose(State(shared): State<Arc<Shared>>, Json(chosen): Json<Chosen>) -> PageResult {
    let message = shared.world().choose_inline(&chosen.who, &chosen.inline_query_id, &chosen.result_id)?;
    Ok(Json(json!({ "message": message })))
}
