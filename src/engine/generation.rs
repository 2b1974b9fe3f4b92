//! A recipe on its way to its pictures: a value that the engine advances one step at a time, so that generations join and
//! leave a batch between two steps.

use std::sync::Arc;

use candle_core::Tensor;
use image::{DynamicImage, GrayImage, RgbImage};

use super::batch_key::{BatchKey, UNetKey};
use super::description::Describing;
use super::error::EngineError;
use super::image_plan::ImagePlan;
use super::noise::Noise;
use super::prior_run::{Embeds, PriorRun};
use super::upscaling::{Upscaled, Upscaling, with_opacity};
use crate::kandinsky::{Defaults, Denoising, Rules};
use crate::pictures::Picture;
use crate::recipe::{Description, Recipe, Task};

/// Progress at which the prior is done; measured on the miniature, where the prior weighs most.
const PRIOR_PROGRESS: f64 = 0.1;
/// Progress within one picture at which denoising is done.
const DENOISING_PROGRESS: f64 = 0.95;

/// A recipe on its way to its pictures. [`Engine::step`](super::Engine::step) advances it.
#[derive(Debug)]
pub struct Generation {
    pub(super) recipe: Recipe,
    pub(super) plan: Arc<ImagePlan>,
    pub(super) stage: Stage,
    /// Pictures that are drawn and were not taken yet.
    drawn: Vec<DrawnPicture>,
    /// What the input picture shows, where that was asked for and is known.
    description: Option<Description>,
}

/// The next step. The pictures of a recipe are drawn one after the other.
#[derive(Debug)]
pub(super) enum Stage {
    /// Encodes texts and input pictures.
    Encode(Vec<Picture>),
    /// Takes a step of the prior.
    Prior(Box<PriorRun>),
    /// Encodes the input picture into latents and starts the first picture.
    Prepare(Embeds),
    /// Takes a step of the UNet.
    Denoise(Box<DenoisingRun>),
    /// Decodes latents to pixels.
    Decode(Box<DenoisingRun>),
    /// Draws a tile of a larger picture.
    Upscale(Box<Upscaling>),
    /// Encodes names, or compares a picture with them.
    Describe(Box<Describing>),
    Finished,
}

/// One picture of a recipe between noise and pixels.
#[derive(Debug)]
pub(super) struct DenoisingRun {
    pub(super) inputs: DecoderInputs,
    /// Which of the recipe's pictures, from 0.
    pub(super) index: u32,
    pub(super) denoising: Denoising,
    /// The noise that the sampler adds in its steps.
    pub(super) noise: Noise,
    pub(super) key: UNetKey,
}

/// Inputs of the decoder, the same for every picture of a recipe.
#[derive(Debug)]
pub(super) struct DecoderInputs {
    pub(super) embeds: Embeds,
    /// Latents of the init image, `[1, channels, h, w]`.
    pub(super) init_latents: Option<Tensor>,
    /// Masked latents and mask for an inpainting UNet, `[1, channels + 1, h, w]`.
    pub(super) inpaint_input: Option<Tensor>,
}

/// A picture as the network drew it. What is left to do needs no device.
#[derive(Debug)]
pub struct DrawnPicture {
    /// Which of the recipe's pictures, from 0.
    pub index: u32,
    /// At the working size.
    pub(super) picture: RgbImage,
    /// Opacity of an upscaled picture, where some pixel is not opaque.
    opacity: Option<GrayImage>,
    /// Whether it was enlarged by plain resampling.
    is_resampled: bool,
    pub(super) plan: Arc<ImagePlan>,
}

impl Generation {
    /// Starts a recipe for a model with these defaults. Nothing is computed on the device.
    ///
    /// # Errors
    /// [`EngineError`] if the input pictures do not fit the recipe.
    pub fn begin(
        recipe: &Recipe,
        inputs: Vec<Picture>,
        defaults: &Defaults,
        rules: Rules,
    ) -> Result<Self, EngineError> {
        let plan = Arc::new(ImagePlan::new(recipe, &inputs, defaults, rules)?);
        let stage = match (&recipe.task, &*inputs) {
            (Task::Upscale { scale, .. }, [picture]) => Stage::Upscale(Box::new(Upscaling::begin(picture, *scale)?)),
            (Task::Describe, [picture]) => Stage::Describe(Box::new(Describing::begin(picture))),
            _ => Stage::Encode(inputs),
        };
        Ok(Self { recipe: recipe.clone(), plan, stage, drawn: Vec::new(), description: None })
    }

    /// The recipe.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Whether all pictures are drawn.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Finished)
    }

    /// The key of its next step; `None` for a step that can not be shared.
    #[must_use]
    pub fn batch_key(&self) -> Option<BatchKey> {
        match &self.stage {
            Stage::Prior(_) => Some(BatchKey::Prior),
            Stage::Denoise(run) => Some(BatchKey::UNet(run.key)),
            Stage::Upscale(_) => Some(BatchKey::Upscale),
            Stage::Describe(_) => Some(BatchKey::Describe),
            _ => None,
        }
    }

    /// Tensor rows of its next call of the UNet: two with guidance.
    pub(super) fn rows(&self) -> usize {
        match &self.stage {
            Stage::Denoise(run) => run.denoising.rows(),
            _ => 0,
        }
    }

    /// How much of the work is done, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        let of_picture = |index: u32, progress: f64| {
            let pictures = (f64::from(index) + progress) / f64::from(self.recipe.count);
            PRIOR_PROGRESS + (1.0 - PRIOR_PROGRESS) * pictures
        };
        match &self.stage {
            Stage::Encode(_) => 0.0,
            Stage::Prior(run) => run.progress() * PRIOR_PROGRESS,
            Stage::Prepare(_) => PRIOR_PROGRESS,
            Stage::Denoise(run) => {
                let steps = run.denoising.done() as f64 / run.denoising.steps().max(1) as f64;
                of_picture(run.index, steps * DENOISING_PROGRESS)
            }
            Stage::Decode(run) => of_picture(run.index, DENOISING_PROGRESS),
            Stage::Upscale(run) => run.progress(),
            Stage::Describe(run) => run.progress(),
            Stage::Finished => 1.0,
        }
    }

    /// Takes the pictures that were drawn since the last call, in the order of their seeds.
    pub fn take_drawn(&mut self) -> Vec<DrawnPicture> {
        std::mem::take(&mut self.drawn)
    }

    /// The pictures that are drawn and were not taken.
    #[must_use]
    pub fn drawn(&self) -> &[DrawnPicture] {
        &self.drawn
    }

    /// What the input picture shows: `None` until it is known, and where that was not asked for.
    #[must_use]
    pub fn description(&self) -> Option<&Description> {
        self.description.as_ref()
    }

    /// The picture that is being described.
    pub(super) fn describing(&mut self) -> Option<&mut Describing> {
        match &mut self.stage {
            Stage::Describe(run) => Some(run),
            _ => None,
        }
    }

    /// The last step of a description.
    pub(super) fn add_description(&mut self, description: Description) {
        self.description = Some(description);
        self.stage = Stage::Finished;
    }

    pub(super) fn add_drawn(&mut self, index: u32, picture: RgbImage) {
        let plan = Arc::clone(&self.plan);
        self.drawn.push(DrawnPicture { index, picture, opacity: None, is_resampled: false, plan });
    }

    pub(super) fn add_upscaled(&mut self, run: Upscaling) {
        let (is_resampled, plan) = (run.is_resampled(), Arc::clone(&self.plan));
        let Upscaled { rgb, opacity } = run.finish();
        self.drawn.push(DrawnPicture { index: 0, picture: rgb, opacity, is_resampled, plan });
    }
}

impl DrawnPicture {
    /// Whether it was enlarged by plain resampling, because there is no upscaler.
    #[must_use]
    pub fn is_resampled(&self) -> bool {
        self.is_resampled
    }

    /// The finished picture: at the size that the recipe asks for, composited into the input picture where it was inpainted.
    /// What was transparent lies on white.
    #[must_use]
    pub fn finish(&self) -> RgbImage {
        self.plan.finish(&self.picture)
    }

    /// The finished picture, transparent where the input picture was and was kept or drawn larger.
    #[must_use]
    pub fn finish_with_transparency(&self) -> DynamicImage {
        match &self.opacity {
            Some(opacity) => with_opacity(&self.finish(), opacity).into(),
            None => {
                self.plan.finish_transparent(&self.picture).map_or_else(|| self.finish().into(), DynamicImage::from)
            }
        }
    }

    /// The finished picture at the working size, which is quicker: for the safety checker.
    #[must_use]
    pub fn at_working_size(&self) -> RgbImage {
        self.plan.composited(&self.picture)
    }
}
