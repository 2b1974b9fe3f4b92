//! Tasks that take pictures, from the fields of a request.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::error::{ApiError, ApiResult};
use super::params::Params;
use super::state::Api;
use super::uploads::{MaskCustom, check_masked, check_pictures, check_transparent};
use crate::jobs::EncodedPicture;
use crate::recipe::{Margins, PARTS_LIMIT, PartContent, Task};

/// The fields that hold pictures.
pub(super) const IMAGES: [&str; 2] = ["image", "images"];
/// The farthest that a picture is continued, pixels.
const MAX_MARGIN: u64 = 16_384;
/// The share that changes, where none is given.
pub(super) const STRENGTH: f64 = 0.5;

/// A task with its pictures, checked.
pub(super) type CheckedTask = (Task, Vec<EncodedPicture>);

/// What an edit is, by what was sent:
///
/// | sent | task |
/// |---|---|
/// | `outpaint` | the picture continued |
/// | `mask`, or a picture with a transparent part | inpainting |
/// | several pictures | a mix of them and the prompt |
/// | one picture | a change by the prompt |
pub(super) async fn edit_of(api: &Arc<Api>, params: &mut Params) -> ApiResult<CheckedTask> {
    let prompt = params.text(&["prompt"])?.unwrap_or_default();
    let mut pictures = params.pictures(&IMAGES)?;
    if pictures.is_empty() {
        return Err(ApiError::missing("image"));
    }
    if params.has(&["outpaint"]) {
        return outpaint(api, params, &prompt, one(pictures)?).await;
    }
    if params.has(&["mask"]) {
        return inpaint(api, params, &prompt, pictures.swap_remove(0), MaskCustom::Transparent).await;
    }
    if pictures.len() > 1 {
        return mix(api, params, &prompt, pictures).await;
    }
    let inputs = check_transparent(api, pictures.swap_remove(0)).await?;
    match inputs.len() {
        2 => Ok((Task::inpaint(&prompt)?, inputs)),
        _ => Ok((Task::change(&prompt, strength(params)?)?, inputs)),
    }
}

/// A picture changed by a text.
pub(super) async fn change(
    api: &Arc<Api>,
    params: &mut Params,
    prompt: &str,
    picture: Bytes,
) -> ApiResult<CheckedTask> {
    let task = Task::change(prompt, strength(params)?)?;
    Ok((task, check_pictures(api, vec![picture]).await?))
}

/// A part drawn anew. The mask belongs to the first picture.
pub(super) async fn inpaint(
    api: &Arc<Api>,
    params: &mut Params,
    prompt: &str,
    picture: Bytes,
    custom: MaskCustom,
) -> ApiResult<CheckedTask> {
    let task = Task::inpaint(prompt)?;
    let mask = params.pictures(&["mask"])?;
    let [mask] = <[Bytes; 1]>::try_from(mask).map_err(|_| ApiError::picture("mask", "send one mask"))?;
    Ok((task, check_masked(api, picture, mask, custom).await?))
}

/// Several pictures and a text in one; `weights` are those of the pictures, in their order, and of the text.
pub(super) async fn mix(
    api: &Arc<Api>,
    params: &mut Params,
    prompt: &str,
    pictures: Vec<Bytes>,
) -> ApiResult<CheckedTask> {
    let mut parts = vec![PartContent::Picture; pictures.len()];
    if !prompt.trim().is_empty() {
        parts.push(PartContent::Text { prompt: prompt.to_owned() });
    }
    let task = Task::mix(parts, params.numbers("weights")?.as_deref())?;
    Ok((task, check_pictures(api, pictures).await?))
}

/// A mix whose parts say what they are: `{"text": "…", "weight": 1}`, `{"image": "base64", "weight": 2}`, or `{"image": 0}` for one of
/// the pictures that were sent as files.
pub(super) async fn mix_of_parts(api: &Arc<Api>, params: &mut Params) -> ApiResult<CheckedTask> {
    let list = params.list("parts")?.ok_or_else(|| ApiError::missing("parts"))?;
    let sent = params.pictures(&IMAGES)?;
    let (mut contents, mut weights, mut pictures) = (Vec::new(), Vec::new(), Vec::new());
    for value in list.into_iter().take(PARTS_LIMIT + 1) {
        let Value::Object(fields) = value else {
            return Err(ApiError::invalid("parts", "a part is an object with text or image, and weight"));
        };
        let mut part = Params::new(fields, Vec::new());
        weights.push(part.number(&["weight"], 0.0..=f64::MAX)?.unwrap_or(1.0));
        if let Some(prompt) = part.text(&["text", "prompt"])? {
            contents.push(PartContent::Text { prompt });
            continue;
        }
        contents.push(PartContent::Picture);
        pictures.push(match part.index("image") {
            Some(index) => {
                sent.get(index).cloned().ok_or_else(|| ApiError::invalid("parts", "there is no such picture"))?
            }
            None => one(part.pictures(&["image"])?)?,
        });
    }
    let task = Task::mix(contents, Some(&weights))?;
    Ok((task, check_pictures(api, pictures).await?))
}

/// A picture continued beyond its edges.
pub(super) async fn outpaint(
    api: &Arc<Api>,
    params: &mut Params,
    prompt: &str,
    picture: Bytes,
) -> ApiResult<CheckedTask> {
    let margins = params.object("outpaint")?.ok_or_else(|| ApiError::missing("outpaint"))?;
    let task = Task::outpaint(prompt, margins_of(margins)?)?;
    Ok((task, check_pictures(api, vec![picture]).await?))
}

/// Another picture of the same.
pub(super) async fn variation_of(api: &Arc<Api>, params: &mut Params) -> ApiResult<CheckedTask> {
    let pictures = params.pictures(&IMAGES)?;
    let closeness = params.number(&["closeness"], 0.0..=1.0)?.unwrap_or(0.0);
    let task = Task::variation(closeness)?;
    Ok((task, check_pictures(api, vec![one(pictures)?]).await?))
}

/// A picture drawn larger.
pub(super) async fn upscale(api: &Arc<Api>, params: &mut Params) -> ApiResult<CheckedTask> {
    let task = Task::upscale(params.integer(&["scale"], 2..=4)?.unwrap_or(2) as u32)?;
    let picture = one(params.pictures(&IMAGES)?)?;
    Ok((task, check_pictures(api, vec![picture]).await?))
}

/// The only picture.
pub(super) fn one(pictures: Vec<Bytes>) -> ApiResult<Bytes> {
    let count = pictures.len();
    let [picture] = <[Bytes; 1]>::try_from(pictures).map_err(|_| match count {
        0 => ApiError::missing("image"),
        _ => ApiError::invalid("image", "send one picture"),
    })?;
    Ok(picture)
}

fn strength(params: &mut Params) -> ApiResult<f64> {
    Ok(params.number(&["strength"], 0.0..=1.0)?.unwrap_or(STRENGTH))
}

fn margins_of(object: Map<String, Value>) -> ApiResult<Margins> {
    let mut sides = Params::new(object, Vec::new());
    let mut side = |name: &str| -> ApiResult<u32> {
        let pixels = sides.integer(&[name], 0..=MAX_MARGIN);
        pixels.map(|pixels| pixels.unwrap_or(0) as u32).map_err(|error| ApiError::invalid("outpaint", error.message()))
    };
    Ok(Margins { left: side("left")?, right: side("right")?, top: side("top")?, bottom: side("bottom")? })
}
