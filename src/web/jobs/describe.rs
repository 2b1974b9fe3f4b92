//! A job as JSON.

use serde_json::{Value, json};

use crate::i18n::Language;
use crate::jobs::{ApiJob, Failure, JobState, Warnings};
use crate::recipe::{Description, Task};
use crate::web::answer::{created, is_flagged, seed};
use crate::web::draw_options::style_name;
use crate::web::error::{ApiError, ApiResult};
use crate::web::state::Api;

/// A job as its program sees it.
pub(super) async fn describe(api: &Api, job: &ApiJob) -> ApiResult<Value> {
    let summary = &job.job;
    let recipe = &summary.recipe;
    let mut described = json!({
        "id": summary.id.to_string(),
        "object": "job",
        "status": status(summary.state),
        "kind": kind(&recipe.task),
        "created_at": created(job),
        "progress": if is_done(summary.state) { 1.0 } else { summary.progress },
        "seed": seed(recipe.seed),
        "n": recipe.count,
        "recipe": recipe,
    });
    if let Some(position) = api.store.queue.position(summary.id).await? {
        described["position"] = position.number.into();
        described["seconds_left"] = position.estimate.map(|estimate| estimate.as_secs()).into();
        described["is_paused"] = position.is_paused.into();
        described["is_loading"] = position.is_loading.into();
    }
    if is_done(summary.state) {
        described["pictures"] = pictures(api, job).await?.into();
        let warnings = Warnings { description: None, ..summary.warnings.clone() };
        described["warnings"] = serde_json::to_value(&warnings).unwrap_or_default();
        if let Some(seen) = &summary.warnings.description {
            described["description"] = words(seen);
        }
    }
    if summary.state == JobState::Failed {
        described["failure"] = failure(job.failure);
    }
    Ok(described)
}

/// The name of a state for programs: whether somebody has fetched the pictures is of no interest to them.
pub(super) fn status(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "queued",
        JobState::Running => "running",
        JobState::Drawn | JobState::Delivered => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
    }
}

fn is_done(state: JobState) -> bool {
    matches!(state, JobState::Drawn | JobState::Delivered)
}

fn kind(task: &Task) -> &'static str {
    match task {
        Task::TextToImage { .. } => "text_to_image",
        Task::Mix { .. } => "mix",
        Task::Variation { .. } => "variation",
        Task::Change { .. } => "change",
        Task::Inpaint { .. } => "inpaint",
        Task::Outpaint { .. } => "outpaint",
        Task::Upscale { .. } => "upscale",
        Task::Describe => "describe",
    }
}

/// What a picture shows: names in both languages, and a prompt for such a picture, if it is known what is in it.
fn words(seen: &Description) -> Value {
    let style = seen.style.map(|recognized| {
        let name = |language| style_name(recognized.style, language);
        json!({
            "id": recognized.style.code(),
            "ru": name(Language::Ru),
            "en": name(Language::En),
            "percent": recognized.percent,
        })
    });
    json!({
        "objects": seen.objects,
        "background": seen.background,
        "style": style,
        "prompt": { "ru": seen.prompt(|name| &name.ru), "en": seen.prompt(|name| &name.en) },
    })
}

/// Its pictures, with their addresses, for which the key is needed; none once they were deleted.
async fn pictures(api: &Api, job: &ApiJob) -> ApiResult<Vec<Value>> {
    let infos = api.store.archive.picture_infos(job.job.id).await?;
    let picture = |(index, info): (u32, &crate::jobs::PictureInfo)| {
        let flagged = is_flagged(job, index);
        let url = (!flagged).then(|| format!("{}/v1/jobs/{}/pictures/{index}.png", api.url, job.job.id));
        json!({
            "index": index,
            "width": info.width,
            "height": info.height,
            "seed": seed(job.job.recipe.seed_of(index)),
            "flagged": flagged,
            "url": url,
        })
    };
    Ok((0..).zip(&infos).map(picture).collect())
}

fn failure(failure: Option<Failure>) -> Value {
    let code = failure.unwrap_or(Failure::Engine).name();
    json!({ "code": code, "message": ApiError::failed(failure).message() })
}
