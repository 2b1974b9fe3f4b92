//! What the page wants drawn, as a recipe with its pictures.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use super::access::Visitor;
use super::decoding::decoding;
use super::error::{EditorError, EditorResult};
use super::pictures::bytes_of;
use super::reference::PictureRef;
use super::session::{MAX_COUNT, MAX_PARTS};
use super::state::EditorState;
use crate::jobs::EncodedPicture;
use crate::pictures::{Mask, MaskError, Picture, encode_plain_png, is_within_limits};
use crate::recipe::{Margins, PartContent, Ratio, Recipe, RecipeError, Settings, Task, Window, check_prompt};
use crate::styles::Style;

/// The share that changes, where the page does not say.
const STRENGTH: f64 = 0.5;
/// Opacity below which a pixel counts as empty.
const OPAQUE: u8 = 128;

/// What the page sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    kind: String,
    picture: Option<String>,
    parts: Option<Vec<WishPart>>,
    prompt: Option<String>,
    negative: Option<String>,
    style: Option<String>,
    ratio: Option<String>,
    strength: Option<f64>,
    closeness: Option<f64>,
    margins: Option<Margins>,
    window: Option<Window>,
    inverted: Option<bool>,
    seed: Option<Seed>,
    count: Option<u32>,
    steps: Option<u32>,
    guidance: Option<f64>,
    scale: Option<u32>,
}

/// A part of a mix.
#[derive(Debug, Deserialize)]
struct WishPart {
    picture: Option<String>,
    text: Option<String>,
    weight: Option<f64>,
}

/// Large numbers come as text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Seed {
    Number(u64),
    Text(String),
}

/// A recipe with its pictures, and the picture that it is made from.
pub(super) struct Ordered {
    pub(super) recipe: Recipe,
    pub(super) inputs: Vec<EncodedPicture>,
    pub(super) parent: Option<String>,
}

/// A task with its pictures.
type TaskWithInputs = (Task, Vec<EncodedPicture>);

impl Wish {
    /// Checks everything and gathers the pictures.
    pub(super) async fn order(
        self,
        editor: &Arc<EditorState>,
        visitor: Visitor,
        mask: Option<Bytes>,
    ) -> EditorResult<Ordered> {
        let count = self.count.unwrap_or(1);
        if !(1..=MAX_COUNT).contains(&count) {
            return Err(RecipeError::BadCount { count }.into());
        }
        let (style, negative, seed, settings) = (self.style()?, self.negative()?, self.seed()?, self.settings(editor)?);
        let parent = self.picture.as_deref().and_then(|name| name.parse::<PictureRef>().ok());
        let (task, inputs) = self.task(editor, visitor, mask).await?;
        let recipe = Recipe { style, negative, settings, ..Recipe::new(task, seed).with_count(count)? };
        recipe.check()?;
        Ok(Ordered { recipe, inputs, parent: parent.map(|picture| picture.to_string()) })
    }

    async fn task(
        mut self,
        editor: &Arc<EditorState>,
        visitor: Visitor,
        mask: Option<Bytes>,
    ) -> EditorResult<TaskWithInputs> {
        let prompt = self.prompt.take().unwrap_or_default();
        match self.kind.as_str() {
            "text" => Ok((Task::text_to_image(&prompt)?, Vec::new())),
            "mix" => self.mix(editor, visitor, &prompt).await,
            "change" => {
                let task = Task::change(&prompt, self.strength.unwrap_or(STRENGTH))?;
                Ok((task, vec![self.encoded(editor, visitor).await?]))
            }
            "variation" => {
                let task = Task::variation(self.closeness.unwrap_or(0.0))?;
                Ok((task, vec![self.encoded(editor, visitor).await?]))
            }
            "upscale" => {
                let task = Task::upscale(self.scale.unwrap_or(2))?;
                Ok((task, vec![self.encoded(editor, visitor).await?]))
            }
            "outpaint" => {
                let margins = self.margins.unwrap_or_default();
                let task = Task::outpaint(&prompt, margins)?;
                let bytes = self.bytes(editor, visitor).await?;
                decoding(editor, move || extended(task, bytes, margins)).await
            }
            "inpaint" => {
                let task = match self.window {
                    Some(window) => Task::inpaint_window(&prompt, window)?,
                    None => Task::inpaint(&prompt)?,
                };
                let bytes = self.bytes(editor, visitor).await?;
                let (window, inverted) = (self.window, self.inverted.unwrap_or(false));
                decoding(editor, move || masked(task, bytes, mask.as_deref(), window, inverted)).await
            }
            _ => Err(EditorError::invalid(
                "kind",
                "there is text, inpaint, outpaint, change, variation, mix and upscale",
            )),
        }
    }

    async fn mix(self, editor: &Arc<EditorState>, visitor: Visitor, prompt: &str) -> EditorResult<TaskWithInputs> {
        let mut parts = self.parts.unwrap_or_default();
        if !prompt.trim().is_empty() && parts.iter().all(|part| part.text.is_none()) {
            parts.push(WishPart { picture: None, text: Some(prompt.to_owned()), weight: None });
        }
        // A text beside as many pictures as there may be.
        if parts.len() > MAX_PARTS + 1 {
            return Err(RecipeError::BadParts { parts: parts.len() }.into());
        }
        let weights: Vec<f64> = parts.iter().map(|part| part.weight.unwrap_or(1.0)).collect();
        let (mut contents, mut inputs) = (Vec::new(), Vec::new());
        for part in parts {
            match (part.picture, part.text) {
                (Some(picture), None) => {
                    let bytes = bytes_of(editor, visitor, &picture).await?;
                    inputs.push(decoding(editor, move || Ok(EncodedPicture::new(bytes))).await?);
                    contents.push(PartContent::Picture);
                }
                (None, Some(prompt)) => contents.push(PartContent::Text { prompt }),
                _ => return Err(EditorError::invalid("parts", "a part is a picture or a text")),
            }
        }
        Ok((Task::mix(contents, Some(&weights))?, inputs))
    }

    async fn bytes(&self, editor: &EditorState, visitor: Visitor) -> EditorResult<Bytes> {
        let reference = self.picture.as_deref().ok_or_else(|| EditorError::invalid("picture", "name a picture"))?;
        bytes_of(editor, visitor, reference).await
    }

    async fn encoded(&self, editor: &EditorState, visitor: Visitor) -> EditorResult<EncodedPicture> {
        let bytes = self.bytes(editor, visitor).await?;
        decoding(editor, move || Ok(EncodedPicture::new(bytes))).await
    }

    fn style(&self) -> EditorResult<Style> {
        let code = self.style.as_deref().filter(|code| !code.is_empty());
        let style = code.map(|code| Style::all().find(|style| style.code() == code));
        match style {
            None => Ok(Style::default()),
            Some(style) => style.ok_or_else(|| EditorError::invalid("style", "there is no such style")),
        }
    }

    fn negative(&self) -> EditorResult<Option<String>> {
        let negative = self.negative.as_deref().filter(|text| !text.trim().is_empty());
        Ok(negative.map(check_prompt).transpose()?)
    }

    fn seed(&self) -> EditorResult<u64> {
        match &self.seed {
            // Small enough to be exact in JavaScript.
            None => Ok(u64::from(rand::random::<u32>())),
            Some(Seed::Number(seed)) => Ok(*seed),
            Some(Seed::Text(text)) => {
                text.trim().parse().map_err(|_| EditorError::invalid("seed", "a seed is a whole number"))
            }
        }
    }

    fn settings(&self, editor: &EditorState) -> EditorResult<Settings> {
        // The results of other tasks have the size of their picture.
        let has_size = ["text", "mix", "variation"].contains(&self.kind.as_str());
        let ratio = self.ratio.as_deref().filter(|ratio| has_size && !ratio.is_empty());
        let ratio = ratio.map(str::parse::<Ratio>).transpose()?;
        let is_good = |guidance: f64| guidance.is_finite() && (0.0..=100.0).contains(&guidance);
        if self.guidance.is_some_and(|guidance| !is_good(guidance)) {
            return Err(EditorError::invalid("guidance", "0 to 100"));
        }
        let size = ratio.map(|ratio| ratio.size(editor.options.model.native));
        Ok(Settings { size, steps: self.steps, guidance: self.guidance, ..Settings::default() })
    }
}

/// A picture with margins, if that is not too large.
fn extended(task: Task, bytes: Bytes, margins: Margins) -> EditorResult<TaskWithInputs> {
    let (width, height) = Picture::decode(&bytes)?.rgb.dimensions();
    let side = |length: u32, before: u32, after: u32| length.saturating_add(before).saturating_add(after);
    if !is_within_limits(side(width, margins.left, margins.right), side(height, margins.top, margins.bottom)) {
        return Err(EditorError::too_many_pixels());
    }
    Ok((task, vec![EncodedPicture::new(bytes)]))
}

/// A picture and what is to be drawn anew of it: what the mask marks, and what is empty.
fn masked(
    task: Task,
    bytes: Bytes,
    mask: Option<&[u8]>,
    window: Option<Window>,
    inverted: bool,
) -> EditorResult<TaskWithInputs> {
    let picture = Picture::decode(&bytes)?;
    let (width, height) = picture.rgb.dimensions();
    let painted = mask.map(|mask| read_mask(mask, inverted, (width, height))).transpose()?;
    let is_empty = |x, y| picture.alpha.as_ref().is_some_and(|alpha| alpha.opacity.get_pixel(x, y).0[0] < OPAQUE);
    let mask = Mask::from_fn(width, height, |x, y| {
        painted.as_ref().is_some_and(|painted| painted.is_drawn(x, y)) || is_empty(x, y)
    });
    match window {
        Some(window) => check_window(window, &mask)?,
        None if mask.coverage() <= 0.0 => return Err(MaskError::Empty.into()),
        // Nothing of the picture would count.
        None if mask.coverage() >= 1.0 => return Err(MaskError::TooLarge.into()),
        None => {}
    }
    let mask = encode_plain_png(&mask.picture()).map_err(|error| {
        tracing::error!(%error, "a mask can not be stored");
        EditorError::internal()
    })?;
    Ok((task, vec![EncodedPicture::new(bytes), EncodedPicture::new(mask)]))
}

/// White is drawn anew; transparency says nothing. The page's mask has the size of its view.
fn read_mask(bytes: &[u8], inverted: bool, (width, height): (u32, u32)) -> EditorResult<Mask> {
    let decoded = Picture::decode(bytes).map_err(|_| EditorError::mask("web-error-mask-shape"))?;
    let colours = decoded.alpha.as_ref().map_or(&decoded.rgb, |alpha| &alpha.colours);
    let is_white = |x, y| image::Pixel::to_luma(colours.get_pixel(x, y)).0[0] >= 128;
    let mask = Mask::from_fn(colours.width(), colours.height(), is_white);
    let mask = if inverted { mask.inverted() } else { mask };
    match mask.fit(width, height) {
        // What is empty may be enough.
        Err(MaskError::Empty) => Ok(Mask::from_fn(width, height, |_, _| false)),
        fitted => Ok(fitted?),
    }
}

/// A window has to hold something that is known, an eighth at least, and something to draw.
fn check_window(window: Window, mask: &Mask) -> EditorResult<()> {
    let (width, height) = mask.dimensions();
    let (canvas_width, canvas_height) = window.canvas(width, height).ok_or_else(EditorError::window)?.2;
    if !is_within_limits(canvas_width, canvas_height) {
        return Err(EditorError::too_many_pixels());
    }
    let known = window.part_of(width, height);
    let known_area = known.map_or(0, |(_, _, width, height)| u64::from(width) * u64::from(height));
    if known_area * 8 < u64::from(window.width) * u64::from(window.height) {
        return Err(EditorError::window());
    }
    let is_beyond = known_area < u64::from(window.width) * u64::from(window.height);
    let is_marked = known.is_some_and(|(left, top, width, height)| {
        (top..top + height).any(|y| (left..left + width).any(|x| mask.is_drawn(x, y)))
    });
    if is_beyond || is_marked { Ok(()) } else { Err(MaskError::Empty.into()) }
}
