//! `progress` and `interrupt`: of the jobs of the key that asks.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::jobs::{JobState, JobSummary, Origin, QueuePosition};
use crate::orders::Authority;
use crate::web::auth::Caller;
use crate::web::error::ApiResult;
use crate::web::picture_data::encode_base64;
use crate::web::state::Api;

pub(in crate::web) async fn progress(State(api): State<Arc<Api>>, caller: Caller) -> ApiResult<Json<Value>> {
    let pending = pending_of(&api, &caller).await?;
    let (mut progress, mut seconds, mut preview, mut job) = (0.0, None, None, String::new());
    if let Some((first, position)) = pending.first() {
        job = first.id.to_string();
        seconds = position.and_then(|position| position.estimate).map(|estimate| estimate.as_secs_f64());
        if first.state == JobState::Running {
            progress = first.progress;
            preview = api.store.signals.preview(first.id).map(|bytes| encode_base64(&bytes));
        }
    }
    Ok(Json(json!({
        "progress": progress,
        "eta_relative": seconds.unwrap_or(0.0),
        "state": {
            "skipped": false,
            "interrupted": false,
            "job": job,
            "job_count": pending.len(),
            "job_timestamp": "0",
            "job_no": 0,
            "sampling_step": (progress * 100.0) as u32,
            "sampling_steps": 100,
        },
        "current_image": preview,
        "textinfo": null,
    })))
}

pub(in crate::web) async fn interrupt(State(api): State<Arc<Api>>, caller: Caller) -> ApiResult<Json<Value>> {
    let requester = caller.key.requester();
    for (job, _) in pending_of(&api, &caller).await? {
        api.orders.cancel(job.id, Authority::Requester(requester)).await?;
    }
    Ok(Json(json!({})))
}

/// What waits or runs of a key: not what else its user asked for.
async fn pending_of(api: &Api, caller: &Caller) -> ApiResult<Vec<(JobSummary, Option<QueuePosition>)>> {
    let mut pending = api.store.queue.pending_of(caller.key.requester()).await?;
    pending.retain(|(job, _)| job.origin == Origin::Api(caller.key.id));
    Ok(pending)
}
