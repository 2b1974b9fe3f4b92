//! A recipe on its way to its pictures: a value that the engine advances one step at a time, so that a batch can be joined and
//! left between any two steps.

use std::sync::Arc;

use candle_core::Tensor;
use image::RgbImage;

use super::EngineError;
use super::meaning::{Meaning, Thought};
use super::noise::Noise;
use super::scene::Scene;
use crate::kandinsky::{Defaults, Denoising};
use crate::pictures::Picture;
use crate::recipe::Recipe;

/// Share of the work at which a stage begins; measured on the miniature, where the prior weighs most.
const PRIOR_SHARE: f64 = 0.1;
const DECODER_SHARE: f64 = 0.95;

/// A recipe on its way to its pictures. [`Engine::step`](super::Engine::step) advances it.
#[derive(Debug)]
pub struct Painting {
    pub(super) recipe: Recipe,
    pub(super) scene: Arc<Scene>,
    pub(super) stage: Stage,
    /// What is drawn and was not taken yet.
    drawn: Vec<Drawn>,
}

/// What comes next. The pictures of a recipe are drawn one after the other.
#[derive(Debug)]
pub(super) enum Stage {
    /// Texts and pictures are to be encoded.
    Reading(Vec<Picture>),
    /// The prior is at work.
    Thinking(Box<Thought>),
    /// It is known what the pictures are about; what the decoder is given of a picture is to be encoded.
    Preparing(Meaning),
    /// From noise to latents.
    Denoising(Box<Strokes>),
    /// Latents to pixels.
    Decoding(Box<Strokes>),
    Finished,
}

/// A picture of the recipe between noise and pixels.
#[derive(Debug)]
pub(super) struct Strokes {
    pub(super) ground: Ground,
    /// Which of the recipe's pictures.
    pub(super) index: u32,
    pub(super) denoising: Denoising,
    /// What the sampler adds in its steps.
    pub(super) noise: Noise,
    pub(super) canvas: Canvas,
}

/// What all pictures of a recipe are drawn on.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) meaning: Meaning,
    /// Latents of the given picture.
    pub(super) latents: Option<Tensor>,
    /// What an inpainting network is told of it.
    pub(super) known: Option<Tensor>,
}

/// Paintings of one likeness can share the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// It is a step of the prior.
    Prior,
    /// It is a call of the UNet.
    UNet(Canvas),
}

/// What paintings must have in common to share a call of the UNet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Canvas {
    /// Whether it takes the network that fills holes, where that is another one.
    pub(super) takes_inpaint_unet: bool,
    /// Height and width of the latents.
    pub(super) latent_size: (usize, usize),
}

/// A picture as the network drew it; what is left to do is done away from the device.
#[derive(Debug)]
pub struct Drawn {
    /// Which of the recipe's pictures, from 0.
    pub index: u32,
    /// At the working size.
    pub(super) picture: RgbImage,
    pub(super) scene: Arc<Scene>,
}

impl Painting {
    /// Takes a recipe up for a model with these settings. Nothing is computed on the device.
    ///
    /// # Errors
    /// [`EngineError`] if the pictures do not fit the recipe.
    pub fn begin(recipe: &Recipe, inputs: Vec<Picture>, defaults: &Defaults) -> Result<Self, EngineError> {
        let scene = Arc::new(Scene::new(recipe, &inputs, defaults)?);
        Ok(Self { recipe: recipe.clone(), scene, stage: Stage::Reading(inputs), drawn: Vec::new() })
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

    /// Which paintings can share its next step; `None` for a step that it takes alone.
    #[must_use]
    pub fn likeness(&self) -> Option<Likeness> {
        match &self.stage {
            Stage::Thinking(_) => Some(Likeness::Prior),
            Stage::Denoising(strokes) => Some(Likeness::UNet(strokes.canvas)),
            _ => None,
        }
    }

    /// Rows that its next step takes in a call of the UNet.
    pub(super) fn rows(&self) -> usize {
        match &self.stage {
            Stage::Denoising(strokes) => strokes.denoising.rows(),
            _ => 0,
        }
    }

    /// The share of the work that is done, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        let picture = |index: u32, share: f64| {
            let share = (f64::from(index) + share) / f64::from(self.recipe.count);
            PRIOR_SHARE + (1.0 - PRIOR_SHARE) * share
        };
        match &self.stage {
            Stage::Reading(_) => 0.0,
            Stage::Thinking(thought) => thought.share() * PRIOR_SHARE,
            Stage::Preparing(_) => PRIOR_SHARE,
            Stage::Denoising(strokes) => {
                let share = strokes.denoising.done() as f64 / strokes.denoising.steps().max(1) as f64;
                picture(strokes.index, share * DECODER_SHARE)
            }
            Stage::Decoding(strokes) => picture(strokes.index, DECODER_SHARE),
            Stage::Finished => 1.0,
        }
    }

    /// What has been drawn and was not taken before, in the order of the seeds.
    pub fn take_drawn(&mut self) -> Vec<Drawn> {
        std::mem::take(&mut self.drawn)
    }

    /// What has been drawn and was not taken.
    #[must_use]
    pub fn drawn(&self) -> &[Drawn] {
        &self.drawn
    }

    pub(super) fn add(&mut self, index: u32, picture: RgbImage) {
        self.drawn.push(Drawn { index, picture, scene: Arc::clone(&self.scene) });
    }
}

impl Drawn {
    /// The finished picture, at the size and in the surroundings that the recipe asks for.
    #[must_use]
    pub fn finish(&self) -> RgbImage {
        self.scene.finish(&self.picture)
    }

    /// What the finished picture looks like, at the size that the network works at; that is quicker.
    #[must_use]
    pub fn sketch(&self) -> RgbImage {
        self.scene.sketch(&self.picture)
    }
}
