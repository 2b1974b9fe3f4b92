//! How updates reach the bot: long polling.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};

use super::Answer;
use super::errors::ApiError;
use super::params::Params;
use crate::playground::faults::Fault;
use crate::playground::shared::Shared;

/// Seconds that one call may wait.
const LONGEST_WAIT: i64 = 50;

/// `getUpdates`: waits until there are updates, the time is over, a later call begins or the server stops.
pub(super) async fn get_updates(shared: &Shared, params: &Params) -> Answer {
    let limit = params.integer("limit")?.unwrap_or(100).clamp(1, 100);
    let limit = usize::try_from(limit).map_err(|_| ApiError::Invalid("limit"))?;
    let wait = params.integer("timeout")?.unwrap_or(0).clamp(0, LONGEST_WAIT).unsigned_abs();
    let deadline = Instant::now() + Duration::from_secs(wait);
    let allowed = params.object("allowed_updates")?;
    let arrived = shared.world().arrived.clone();
    let turn = shared.world().updates.begin(params.integer("offset")?.unwrap_or(0), allowed);
    arrived.notify_waiters();
    loop {
        let arrival = arrived.notified();
        tokio::pin!(arrival);
        arrival.as_mut().enable();
        if let Some(updates) = ready(shared, turn, limit)? {
            return Ok(Value::Array(updates));
        }
        tokio::select! {
            () = arrival => {}
            () = sleep_until(deadline) => return Ok(json!([])),
            () = shared.stopping() => return Ok(json!([])),
        }
    }
}

fn ready(shared: &Shared, turn: u64, limit: usize) -> Result<Option<Vec<Value>>, ApiError> {
    let mut world = shared.world();
    if !world.updates.is_current(turn) {
        return Err(ApiError::OtherGetUpdates);
    }
    if let Some(repeated) = world.updates.take_repeated() {
        return Ok(Some(repeated));
    }
    Ok(Some(world.updates.peek(limit)).filter(|updates| !updates.is_empty()))
}

/// What a fault does to the updates that a call is about to give.
pub(super) fn disturb(shared: &Arc<Shared>, fault: Fault, updates: &mut Vec<Value>) {
    match fault {
        Fault::Twice => shared.world().updates.repeat(updates.clone()),
        Fault::Backwards => turn_around(updates),
        Fault::Late(milliseconds) if updates.len() > 1 => {
            updates.truncate(1);
            let until = Instant::now() + Duration::from_millis(milliseconds);
            shared.world().updates.hold(until);
            let arrived = shared.world().arrived.clone();
            tokio::spawn(async move {
                sleep_until(until).await;
                arrived.notify_waiters();
            });
        }
        _ => {}
    }
}

/// The last first; the numbers go up all the same.
fn turn_around(updates: &mut [Value]) {
    let numbers: Vec<Value> = updates.iter().map(|update| update["update_id"].clone()).collect();
    updates.reverse();
    for (update, number) in updates.iter_mut().zip(numbers) {
        update["update_id"] = number;
    }
}

/// `deleteWebhook`: there never is one; `drop_pending_updates` is obeyed.
pub(super) fn delete_webhook(shared: &Shared, params: &Params) -> Answer {
    if params.flag("drop_pending_updates") {
        shared.world().updates.clear();
    }
    Ok(json!(true))
}

/// `getWebhookInfo`: an empty address means long polling.
pub(super) fn get_webhook_info(shared: &Shared) -> Answer {
    let world = shared.world();
    let mut info = json!({
        "url": "",
        "has_custom_certificate": false,
        "pending_update_count": world.updates.len(),
    });
    if !world.updates.allowed().is_empty() {
        info["allowed_updates"] = json!(world.updates.allowed());
    }
    Ok(info)
}
