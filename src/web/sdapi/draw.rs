//! `POST /sdapi/v1/txt2img` and `img2img`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::catalogue::SAMPLERS;
use crate::jobs::ApiJob;
use crate::recipe::Task;
use crate::web::answer::{AnsweredPicture, finished_pictures, ignored_header, seed};
use crate::web::auth::Caller;
use crate::web::body::{PICTURES_BODY, SMALL_BODY, read_params};
use crate::web::draw_options::{DrawOptions, MAX_COUNT};
use crate::web::edit_tasks::{CheckedTask, inpaint, one};
use crate::web::error::{ApiError, ApiResult};
use crate::web::output::OutputFormat;
use crate::web::params::Params;
use crate::web::picture_data::encode_base64;
use crate::web::state::Api;
use crate::web::submit::{Drawing, RequestIdentity, Waits, submit};
use crate::web::uploads::{MaskCustom, check_pictures};
use crate::web::watch::JobWatch;

/// The share that changes where none is given, as in A1111.
const STRENGTH: f64 = 0.75;
/// A smaller one changes nothing that could be seen.
const MIN_STRENGTH: f64 = 0.01;

pub(in crate::web) async fn text_to_image(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Request,
) -> ApiResult<Response> {
    let (headers, path) = (request.headers().clone(), request.uri().path().to_owned());
    let mut params = read_params(&api, request, SMALL_BODY).await?;
    let identity = RequestIdentity::new(&caller, &path, &headers, &params);
    let prompt = params.text(&["prompt"])?.ok_or_else(|| ApiError::missing("prompt"))?;
    let task = (Task::text_to_image(&prompt)?, Vec::new());
    draw(api, caller, identity, params, task).await
}

pub(in crate::web) async fn image_to_image(
    State(api): State<Arc<Api>>,
    caller: Caller,
    request: Request,
) -> ApiResult<Response> {
    let (headers, path): (HeaderMap, String) = (request.headers().clone(), request.uri().path().to_owned());
    let mut params = read_params(&api, request, PICTURES_BODY).await?;
    let identity = RequestIdentity::new(&caller, &path, &headers, &params);
    let task = task_of(&api, &mut params).await?;
    draw(api, caller, identity, params, task).await
}

/// With a mask a part drawn anew; else a change by the prompt, or a variation without one.
async fn task_of(api: &Arc<Api>, params: &mut Params) -> ApiResult<CheckedTask> {
    let prompt = params.text(&["prompt"])?.unwrap_or_default();
    let picture = one(params.pictures(&["init_images"])?).map_err(|error| error.about("init_images"))?;
    let strength = params.number(&["denoising_strength"], 0.0..=1.0)?.unwrap_or(STRENGTH).max(MIN_STRENGTH);
    if params.has(&["mask"]) {
        let inverted = params.flag(&["inpainting_mask_invert"])?;
        return inpaint(api, params, &prompt, picture, MaskCustom::White { inverted }).await;
    }
    let task = match prompt.trim().is_empty() {
        true => Task::variation((1.0 - strength).clamp(0.0, 0.99))?,
        false => Task::change(&prompt, strength)?,
    };
    Ok((task, check_pictures(api, vec![picture]).await?))
}

/// Gives the fields the names that they have elsewhere.
fn translate(params: &mut Params) -> ApiResult<()> {
    if params.is_negative("seed") {
        params.skip(&["seed"]);
    }
    let of_batch = params.integer(&["batch_size"], 1..=MAX_COUNT)?.unwrap_or(1);
    let count = of_batch * params.integer(&["n_iter"], 1..=MAX_COUNT)?.unwrap_or(1);
    if count > MAX_COUNT {
        let words = format!("batch_size and n_iter together are {count} pictures; at most {MAX_COUNT} are drawn");
        return Err(ApiError::invalid("batch_size", words));
    }
    params.leave("n", count.into());
    let sampler = params.text(&["sampler_name", "sampler_index"])?.unwrap_or_default().to_lowercase();
    let known = SAMPLERS.iter().find(|(name, code)| sampler == name.to_lowercase() || sampler.starts_with(code));
    if let Some((_, code)) = known {
        params.leave("sampler", (*code).into());
    }
    let styles = params.list("styles")?.unwrap_or_default();
    if let Some(style) = styles.into_iter().find(Value::is_string) {
        params.leave("style", style);
    }
    Ok(())
}

async fn draw(
    api: Arc<Api>,
    caller: Caller,
    identity: RequestIdentity,
    mut params: Params,
    (task, inputs): CheckedTask,
) -> ApiResult<Response> {
    if api.store.queue.is_paused().await? {
        return Err(ApiError::paused());
    }
    translate(&mut params)?;
    let recipe = DrawOptions::from_params(&mut params)?.recipe(task)?;
    params.skip(&["send_images", "save_images"]);
    let ignored = params.ignored();
    drop(params);
    let _open = api.streams.open(caller.key.id)?;
    let (job, presence) = submit(&api, &caller, &identity, Drawing { recipe, inputs }, Waits::Yes).await?;
    let ended = JobWatch::new(&api, caller.key.id, job).until_ended(api.timing.answer_within).await;
    // The client is still here; what is not finished goes on.
    presence.release();
    let ended = ended?.ok_or_else(|| ApiError::still_drawing(job))?;
    let pictures = finished_pictures(&api, &ended, OutputFormat::Png).await?;
    let answer = answer(&ended, &pictures);
    api.store.outbox.mark_delivered(job, &[]).await?;
    Ok((ignored_header(ignored), Json(answer)).into_response())
}

/// `info` is JSON in a text, as clients expect it.
fn answer(job: &ApiJob, pictures: &[AnsweredPicture]) -> Value {
    let recipe = &job.job.recipe;
    let seeds: Vec<Value> = pictures.iter().map(|picture| seed(recipe.seed_of(picture.index))).collect();
    let first = pictures.first().map(|picture| picture.info).unwrap_or_default();
    let (prompt, negative) = (recipe.prompt(), recipe.negative.as_deref().unwrap_or_default());
    let text = |seed: &Value| {
        let seed = seed.to_string();
        format!("{prompt}\nNegative prompt: {negative}\nSeed: {seed}, Size: {}x{}", first.width, first.height)
    };
    let info = json!({
        "prompt": prompt,
        "all_prompts": vec![prompt; pictures.len()],
        "negative_prompt": negative,
        "all_negative_prompts": vec![negative; pictures.len()],
        "seed": seed(recipe.seed),
        "all_seeds": seeds,
        "width": first.width,
        "height": first.height,
        "steps": recipe.settings.steps,
        "cfg_scale": recipe.settings.guidance,
        "batch_size": pictures.len(),
        "infotexts": seeds.iter().map(text).collect::<Vec<_>>(),
    });
    json!({
        "images": pictures.iter().map(|picture| encode_base64(&picture.bytes)).collect::<Vec<_>>(),
        "parameters": { "prompt": prompt, "negative_prompt": negative, "seed": seed(recipe.seed) },
        "info": info.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a1111_become_those_of_this_api() {
        let body = json!({
            "seed": -1, "batch_size": 2, "n_iter": 3, "sampler_name": "DPM++ 2M Karras", "styles": ["Anime"], "cfg_scale": 7,
        });
        let mut params = Params::new(body.as_object().unwrap().clone(), Vec::new());
        translate(&mut params).unwrap();
        let recipe = DrawOptions::from_params(&mut params).unwrap().recipe(Task::text_to_image("a").unwrap()).unwrap();
        assert_eq!((recipe.count, recipe.style.code(), recipe.settings.guidance), (6, "anime", Some(7.0)));
        assert_eq!(recipe.settings.sampler, Some(crate::recipe::SamplerKind::DpmSolver));
        assert_eq!(params.ignored(), None);
        let mut many = Params::new(json!({ "batch_size": 4, "n_iter": 3 }).as_object().unwrap().clone(), Vec::new());
        assert_eq!(translate(&mut many).unwrap_err().json()["error"]["param"], "batch_size");
        let mut unknown = Params::new(json!({ "sampler_name": "Euler a" }).as_object().unwrap().clone(), Vec::new());
        translate(&mut unknown).unwrap();
        assert!(DrawOptions::from_params(&mut unknown).is_ok(), "a sampler of other models is the default one");
    }
}
