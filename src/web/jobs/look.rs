//! Looks at jobs, cancels them, fetches their pictures.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::Uri;
use axum::response::Response;
use serde_json::{Value, json};

use super::describe::describe;
use crate::jobs::{ApiJob, CancelOutcome, JobId};
use crate::orders::Authority;
use crate::web::answer::is_flagged;
use crate::web::auth::Caller;
use crate::web::error::{ApiError, ApiResult};
use crate::web::files::file;
use crate::web::output::OutputFormat;
use crate::web::params::Params;
use crate::web::state::Api;
use crate::web::watch::JobWatch;

/// The longest wait for a job, seconds.
pub(super) const MAX_WAIT: u64 = 540;
/// Jobs of one page.
const PAGE: u64 = 20;
const MAX_PAGE: u64 = 100;

/// `GET /v1/jobs`: the newest jobs, `limit` of them, from before the job `before` on.
pub(in crate::web) async fn list(State(api): State<Arc<Api>>, caller: Caller, uri: Uri) -> ApiResult<Json<Value>> {
    let mut params = Params::from_query(uri.query());
    let limit = params.integer(&["limit"], 1..=MAX_PAGE)?.unwrap_or(PAGE) as u32;
    let before = params.integer(&["before", "after"], 0..=i64::MAX as u64)?.map(|job| JobId(job as i64));
    let jobs = api.jobs.api_jobs(caller.key.id, before, limit).await?;
    let mut data = Vec::with_capacity(jobs.len());
    for job in &jobs {
        data.push(describe(&api, job).await?);
    }
    Ok(Json(json!({ "object": "list", "data": data, "has_more": jobs.len() == limit as usize })))
}

/// `GET /v1/jobs/{job}`: a job, at once or once it has ended, after `wait` seconds at the latest.
pub(in crate::web) async fn look(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(job): Path<String>,
    uri: Uri,
) -> ApiResult<Json<Value>> {
    let wait = Params::from_query(uri.query()).integer(&["wait"], 0..=MAX_WAIT)?.unwrap_or(0);
    let job = wait_for(&api, &caller, job_id(&job)?, wait).await?;
    Ok(Json(describe(&api, &job).await?))
}

/// `POST /v1/jobs/{job}/cancel`. A job that has ended stays as it is; one that runs ends after its step.
pub(in crate::web) async fn cancel(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path(job): Path<String>,
) -> ApiResult<Json<Value>> {
    let watch = JobWatch::new(&api, caller.key.id, job_id(&job)?);
    let job = watch.job().await?.job.id;
    match api.orders.cancel(job, Authority::Requester(caller.key.requester())).await? {
        CancelOutcome::NotYours => Err(ApiError::not_found("job")),
        CancelOutcome::Cancelled | CancelOutcome::Stopping | CancelOutcome::TooLate => {
            Ok(Json(describe(&api, &watch.job().await?).await?))
        }
    }
}

/// `GET /v1/jobs/{job}/pictures/{file}`: a picture by its place and format, such as `0.png`.
pub(in crate::web) async fn picture(
    State(api): State<Arc<Api>>,
    caller: Caller,
    Path((job, name)): Path<(String, String)>,
) -> ApiResult<Response> {
    let job = JobWatch::new(&api, caller.key.id, job_id(&job)?).job().await?;
    let not_found = || ApiError::not_found("picture");
    let (index, suffix) = name.split_once('.').ok_or_else(not_found)?;
    let index: u32 = index.parse().map_err(|_| not_found())?;
    let format = OutputFormat::of_suffix(suffix).ok_or_else(not_found)?;
    if is_flagged(&job, index) {
        return Err(ApiError::moderated("the safety checker of this server found the picture doubtful"));
    }
    let is_kept = (index as usize) < api.store.archive.picture_infos(job.job.id).await?.len();
    if !is_kept {
        let was_drawn = super::describe::status(job.job.state) == "done" && index < job.job.recipe.count;
        return Err(if was_drawn { ApiError::gone() } else { not_found() });
    }
    let response = file(&api, job.job.id, index, format).await?;
    api.store.outbox.mark_delivered(job.job.id, &[]).await?;
    Ok(response)
}

/// The job of this key, at once or once it has ended, after so many seconds at the latest.
pub(super) async fn wait_for(api: &Arc<Api>, caller: &Caller, job: JobId, seconds: u64) -> ApiResult<ApiJob> {
    let mut watch = JobWatch::new(api, caller.key.id, job);
    if seconds > 0 {
        let _open = api.streams.open(caller.key.id)?;
        if let Some(ended) = watch.until_ended(Duration::from_secs(seconds)).await? {
            return Ok(ended);
        }
    }
    watch.job().await
}

/// The number of a job in a path.
pub(super) fn job_id(text: &str) -> ApiResult<JobId> {
    text.parse().map(JobId).map_err(|_| ApiError::not_found("job"))
}
