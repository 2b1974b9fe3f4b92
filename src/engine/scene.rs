//! What a task gives the decoder to begin with, and what becomes of the picture that it draws.

use candle_core::Tensor;
use image::RgbImage;

use super::EngineError;
use super::frame::{changed_size, resized, size_of, to_tensor, working_size, working_size_of};
use crate::kandinsky::{Defaults, Kandinsky21, Rules, kept_cells, known};
use crate::pictures::{Mask, Picture, composite, extend, fill_hole};
use crate::recipe::{Recipe, Size, Task};

/// Width of the soft edge around drawn pixels, as a share of the long side, and its bounds in pixels.
const FEATHER: (u32, u32, u32) = (100, 2, 24);

/// A task prepared for the decoder; no network was run for it yet.
#[derive(Debug)]
pub(super) struct Scene {
    /// What the network draws; it draws on up to its own multiples, and that is cut off.
    pub(super) working: Size,
    /// The given picture at the working size.
    source: Option<RgbImage>,
    /// Share of the source that changes; None: it begins at pure noise.
    pub(super) strength: Option<f64>,
    /// What is to be drawn of the source, at the working size.
    hole: Option<Mask>,
    /// The given picture without what is to be drawn, from which CLIP tells what fits, where no prompt does.
    pub(super) surroundings: Option<RgbImage>,
    finish: Finish,
}

#[derive(Debug)]
enum Finish {
    Resize(Size),
    Composite { original: RgbImage, mask: Mask },
}

impl Scene {
    /// # Errors
    /// [`EngineError`] if inputs are wanting or the mask does not fit.
    pub(super) fn new(recipe: &Recipe, inputs: &[Picture], defaults: &Defaults) -> Result<Self, EngineError> {
        let expected = recipe.task.inputs();
        if inputs.len() != expected {
            return Err(EngineError::Inputs { expected, given: inputs.len() });
        }
        match (&recipe.task, inputs) {
            (Task::Change { strength, .. }, [picture]) => Ok(Self::changed(recipe, picture, *strength, defaults)),
            (Task::Variation { closeness }, [picture]) if *closeness > 0.0 => {
                Ok(Self::changed(recipe, picture, 1.0 - closeness, defaults))
            }
            (Task::Inpaint { .. }, [picture, mask]) => {
                let mask = Mask::from_picture(mask).fit(picture.rgb.width(), picture.rgb.height())?;
                Ok(Self::repainted(recipe, picture.rgb.clone(), mask, defaults))
            }
            (Task::Outpaint { margins, .. }, [picture]) => {
                let margins = (margins.left, margins.top, margins.right, margins.bottom);
                let (canvas, mask) = extend(&picture.rgb, margins)?;
                Ok(Self::repainted(recipe, canvas, mask, defaults))
            }
            _ => {
                let size = recipe.settings.size.unwrap_or(Size::square(defaults.size));
                Ok(Self {
                    working: working_size(size, defaults.largest),
                    source: None,
                    strength: None,
                    hole: None,
                    surroundings: None,
                    finish: Finish::Resize(size),
                })
            }
        }
    }

    fn changed(recipe: &Recipe, picture: &Picture, strength: f64, defaults: &Defaults) -> Self {
        let size = size_of(&picture.rgb);
        let working = working_size_of(size, defaults.size, defaults.largest, recipe.settings.size);
        Self {
            working,
            source: Some(resized(&picture.rgb, working)),
            strength: Some(strength),
            hole: None,
            surroundings: None,
            finish: Finish::Resize(changed_size(size, working)),
        }
    }

    fn repainted(recipe: &Recipe, original: RgbImage, mask: Mask, defaults: &Defaults) -> Self {
        let working = working_size_of(size_of(&original), defaults.size, defaults.largest, recipe.settings.size);
        let source = resized(&original, working);
        let hole = mask.scaled(working.width, working.height);
        Self {
            working,
            surroundings: Some(fill_hole(&source, &hole)),
            source: Some(source),
            strength: None,
            hole: Some(hole),
            finish: Finish::Composite { original, mask },
        }
    }

    /// The size of the finished picture.
    pub(super) fn size(&self) -> Size {
        match &self.finish {
            Finish::Resize(size) => *size,
            Finish::Composite { original, .. } => size_of(original),
        }
    }

    /// Whether a part is drawn anew.
    pub(super) fn repaints(&self) -> bool {
        self.hole.is_some()
    }

    /// Latents of the given picture, `[1, channels, h, w]`.
    pub(super) fn latents(&self, model: &Kandinsky21) -> Result<Option<Tensor>, EngineError> {
        let Some(source) = &self.source else { return Ok(None) };
        let (height, width) = self.latent_size(model);
        let pixels = to_tensor(source, (height * model.scale(), width * model.scale()))?;
        Ok(Some(model.encode(&pixels)?))
    }

    /// What an inpainting network is told: the latents with the hole at zero, and the mask; `[1, channels + 1, h, w]`.
    pub(super) fn known(&self, model: &Kandinsky21, latents: &Tensor) -> Result<Option<Tensor>, EngineError> {
        let Some(hole) = &self.hole else { return Ok(None) };
        let is_drawn = |x: usize, y: usize| hole.is_drawn(x as u32, y as u32);
        let kept = kept_cells(is_drawn, self.latent_size(model), model.scale(), Rules::Sound)?;
        Ok(Some(known(latents, &kept)?))
    }

    /// Height and width of the latents.
    pub(super) fn latent_size(&self, model: &Kandinsky21) -> (usize, usize) {
        model.latent_size(self.working.height as usize, self.working.width as usize)
    }

    /// What the finished picture looks like, from one of the working size and at that size.
    pub(super) fn sketch(&self, drawn: &RgbImage) -> RgbImage {
        match (&self.source, &self.hole) {
            (Some(source), Some(hole)) => composite(source, drawn, hole, FEATHER.1),
            _ => drawn.clone(),
        }
    }

    /// The finished picture, from one of the working size.
    pub(super) fn finish(&self, drawn: &RgbImage) -> RgbImage {
        match &self.finish {
            Finish::Resize(size) if *size == self.working => drawn.clone(),
            Finish::Resize(size) => resized(drawn, *size),
            Finish::Composite { original, mask } => {
                let (share, least, most) = FEATHER;
                let feather = (original.width().max(original.height()) / share).clamp(least, most);
                composite(original, &resized(drawn, size_of(original)), mask, feather)
            }
        }
    }
}
