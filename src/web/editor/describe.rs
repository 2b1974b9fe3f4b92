//! Pictures as the page reads them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::links::link;
use super::reference::PictureRef;
use super::state::EditorState;
use super::views::Variant;
use crate::gallery::{GalleryEntry, GalleryJob, GalleryPicture};
use crate::recipe::{PartContent, Recipe, Task};

/// The largest number that JavaScript reads without rounding.
const EXACT: u64 = 1 << 53;

/// A picture that a user brought.
pub(super) fn own(editor: &EditorState, picture: &GalleryPicture, recipe: Option<&Recipe>) -> Value {
    let mut object = picture_object(editor, &picture.id, picture.size, picture.has_alpha);
    object["created_at"] = seconds(picture.created_at).into();
    if let Some(parent) = &picture.parent {
        object["parent"] = parent.as_str().into();
    }
    if let Some(recipe) = recipe {
        object["recipe"] = recipe_object(recipe, recipe.seed);
    }
    object
}

/// One of the pictures of a job; of one that the safety checker flagged no more than that.
pub(super) fn drawn(editor: &EditorState, job: &GalleryJob, index: u32) -> Option<Value> {
    let info = job.pictures.get(index as usize)?;
    let id = PictureRef::Drawn(job.job.id, index).to_string();
    let mut object = match job.job.warnings.flagged.contains(&index) {
        true => json!({ "id": id, "width": info.width, "height": info.height, "flagged": true }),
        false => picture_object(editor, &id, (info.width, info.height), job.has_alpha),
    };
    object["created_at"] = seconds(job.created_at).into();
    object["job"] = job.job.id.to_string().into();
    if let Some(parent) = &job.parent {
        object["parent"] = parent.as_str().into();
    }
    object["recipe"] = recipe_object(&job.job.recipe, job.job.recipe.seed_of(index));
    Some(object)
}

/// All pictures of a job.
pub(super) fn all_drawn(editor: &EditorState, job: &GalleryJob) -> Vec<Value> {
    (0..).map_while(|index| drawn(editor, job, index)).collect()
}

/// The pictures of an entry of the list.
pub(super) fn entry(editor: &EditorState, entry: &GalleryEntry) -> Vec<Value> {
    match entry {
        GalleryEntry::Job(job) => all_drawn(editor, job),
        GalleryEntry::Picture(picture) => vec![own(editor, picture, None)],
    }
}

fn picture_object(editor: &EditorState, id: &str, (width, height): (u32, u32), has_alpha: bool) -> Value {
    let now = SystemTime::now();
    let address = |suffix: &str| link(&editor.signer, &format!("{id}.{suffix}"), now);
    let kind = if has_alpha { "png" } else { "jpg" };
    let (view_width, view_height) = Variant::View.size(width, height);
    json!({
        "id": id,
        "width": width,
        "height": height,
        "transparent": has_alpha,
        "view": { "url": address(&format!("view.{kind}")), "width": view_width, "height": view_height },
        "thumb": address(&format!("thumb.{kind}")),
        "download": format!("{}&dl=1", address("png")),
        "download_jpg": format!("{}&dl=1", address("jpg")),
    })
}

/// What the panel of the page is filled with.
fn recipe_object(recipe: &Recipe, seed: u64) -> Value {
    let mut object = json!({
        "kind": kind(&recipe.task),
        "prompt": recipe.prompt(),
        "negative": recipe.negative,
        "style": recipe.style.code(),
        "seed": if seed < EXACT { Value::from(seed) } else { seed.to_string().into() },
        "steps": recipe.settings.steps,
        "guidance": recipe.settings.guidance,
        "size": recipe.settings.size.map(|size| format!("{}x{}", size.width, size.height)),
        "json": recipe,
    });
    match &recipe.task {
        Task::Change { strength, .. } => object["strength"] = (*strength).into(),
        Task::Variation { closeness } => object["closeness"] = (*closeness).into(),
        Task::Outpaint { margins, .. } => object["margins"] = json!(margins),
        Task::Inpaint { window: Some(window), .. } => object["window"] = json!(window),
        Task::Upscale { scale, .. } => object["scale"] = (*scale).into(),
        Task::Mix { parts } => {
            let part = |part: &crate::recipe::Part| match &part.content {
                PartContent::Text { prompt } => json!({ "text": prompt, "weight": part.weight }),
                PartContent::Picture => json!({ "weight": part.weight }),
            };
            object["parts"] = parts.iter().map(part).collect();
        }
        Task::TextToImage { .. } | Task::Inpaint { window: None, .. } | Task::Describe => {}
    }
    object
}

fn kind(task: &Task) -> &'static str {
    match task {
        Task::TextToImage { .. } => "text",
        Task::Mix { .. } => "mix",
        Task::Variation { .. } => "variation",
        Task::Change { .. } => "change",
        Task::Inpaint { .. } => "inpaint",
        Task::Outpaint { .. } => "outpaint",
        Task::Upscale { .. } => "upscale",
        Task::Describe => "describe",
    }
}

fn seconds(moment: SystemTime) -> u64 {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
