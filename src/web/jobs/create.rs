//! `POST /v1/jobs`: asks for a drawing of any kind.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::describe::describe;
use super::look::{MAX_WAIT, wait_for};
use crate::recipe::{Recipe, Task};
use crate::web::answer::ignored_header;
use crate::web::auth::Caller;
use crate::web::body::{PICTURES_BODY, read_params};
use crate::web::draw_options::DrawOptions;
use crate::web::edit_tasks::{
    CheckedTask, IMAGES, change, edit_of, inpaint, mix, mix_of_parts, one, outpaint, upscale, variation_of,
};
use crate::web::error::{ApiError, ApiResult};
use crate::web::params::Params;
use crate::web::state::Api;
use crate::web::submit::{Drawing, RequestIdentity, Waits, submit};
use crate::web::uploads::{MaskCustom, check_pictures};
use crate::web::watch::has_ended;

pub(in crate::web) const JOBS: &str = "/v1/jobs";

/// The kinds of jobs.
const KINDS: &str = "text_to_image, mix, variation, change, inpaint, outpaint, upscale, describe";

pub(in crate::web) async fn create(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Request,
) -> ApiResult<Response> {
    let headers = request.headers().clone();
    let mut params = read_params(&api, request, PICTURES_BODY).await?;
    let identity = RequestIdentity::new(&caller, JOBS, &headers, &params);
    let wait = params.integer(&["wait"], 0..=MAX_WAIT)?.or_else(|| preferred_wait(&headers)).unwrap_or(0);
    params.skip(&["model", "user"]);
    let (task, inputs) = task_of(&api, &mut params).await?;
    let recipe = match task.is_description() {
        // Nothing is drawn: how to draw means nothing.
        true => Recipe::new(task, 0),
        false => DrawOptions::from_params(&mut params)?.recipe(task)?,
    };
    let ignored = params.ignored();
    drop(params);
    let (job, presence) = submit(&api, &caller, &identity, Drawing { recipe, inputs }, Waits::No).await?;
    presence.release();
    let job = wait_for(&api, &caller, job, wait).await?;
    let status = if has_ended(job.job.state) { StatusCode::OK } else { StatusCode::ACCEPTED };
    let mut headers = ignored_header(ignored);
    if let Ok(location) = HeaderValue::from_str(&format!("{JOBS}/{}", job.job.id)) {
        headers.insert(header::LOCATION, location);
    }
    Ok((status, headers, Json(describe(&api, &job).await?)).into_response())
}

/// The task by its `kind`; without one, by what was sent.
async fn task_of(api: &Arc<Api>, params: &mut Params) -> ApiResult<CheckedTask> {
    let kind = params.text(&["kind"])?.unwrap_or_default();
    match kind.as_str() {
        "" if params.has(&["parts"]) => mix_of_parts(api, params).await,
        "" if params.has(&IMAGES) => edit_of(api, params).await,
        "" | "text_to_image" => Ok((Task::text_to_image(&prompt(params)?)?, Vec::new())),
        "mix" if params.has(&["parts"]) => mix_of_parts(api, params).await,
        "mix" => {
            let (prompt, pictures) = (prompt(params)?, params.pictures(&IMAGES)?);
            mix(api, params, &prompt, pictures).await
        }
        "variation" => variation_of(api, params).await,
        "change" => {
            let (prompt, picture) = (prompt(params)?, one(params.pictures(&IMAGES)?)?);
            change(api, params, &prompt, picture).await
        }
        "inpaint" => {
            let (prompt, picture) = (prompt(params)?, one(params.pictures(&IMAGES)?)?);
            inpaint(api, params, &prompt, picture, MaskCustom::Transparent).await
        }
        "outpaint" => {
            let (prompt, picture) = (prompt(params)?, one(params.pictures(&IMAGES)?)?);
            outpaint(api, params, &prompt, picture).await
        }
        "upscale" => upscale(api, params).await,
        "describe" => {
            let picture = one(params.pictures(&IMAGES)?)?;
            Ok((Task::Describe, check_pictures(api, vec![picture]).await?))
        }
        other => Err(ApiError::invalid("kind", format!("{other:?} is no kind of job; there is {KINDS}"))),
    }
}

fn prompt(params: &mut Params) -> ApiResult<String> {
    Ok(params.text(&["prompt"])?.unwrap_or_default())
}

/// `Prefer: wait=60` (RFC 7240).
fn preferred_wait(headers: &HeaderMap) -> Option<u64> {
    let preferences = headers.get("prefer")?.to_str().ok()?.split([',', ';']);
    let seconds = preferences.filter_map(|preference| preference.trim().strip_prefix("wait=")?.trim().parse().ok());
    seconds.map(|seconds: u64| seconds.min(MAX_WAIT)).next()
}
