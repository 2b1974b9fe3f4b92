//! The engine: a loaded model that draws recipes.

use candle_core::{IndexOp, Tensor};
use image::RgbImage;
use image::imageops::{FilterType, crop_imm, resize};

use super::clip_pixels::clip_pixels;
use super::device::{device, dtype, set_threads};
use super::embedded;
use super::noise::{Noise, Use};
use super::scale::working_size;
use crate::config::ModelArgs;
use crate::kandinsky::{EncodedPrompt, Kandinsky21, LoadProgress, ModelError, ModelFiles, SamplerKind};
use crate::recipe::{Recipe, SamplerName, Size};

/// A loaded model that draws recipes.
#[derive(Debug)]
pub struct Engine {
    model: Kandinsky21,
}

/// What a progress report is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// Stop now: [`EngineError::Stopped`].
    Stop,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The model can not be loaded, or a computation failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The device can not be used.
    #[error(
        "the GPU can not be used: {0}; use --device cpu, or a build with --features cuda on a machine with an NVIDIA driver"
    )]
    Device(candle_core::Error),
    /// bf16 was asked for on a CPU.
    #[error("a CPU can not compute in bf16 yet; use --dtype f32, or f16 to save memory")]
    NoBf16,
    /// A computation failed, for instance for want of memory.
    #[error("the computation failed: {0}")]
    Compute(#[from] candle_core::Error),
    /// A progress report was answered with [`Flow::Stop`].
    #[error("drawing was stopped")]
    Stopped,
}

/// Share of the work at which a stage begins; measured on the miniature, where the prior weighs most.
const PRIOR_SHARE: f64 = 0.1;
const DECODER_SHARE: f64 = 0.95;

type Report<'a> = &'a mut dyn FnMut(f64) -> Flow;

impl Engine {
    /// Loads the model that the settings name.
    ///
    /// # Errors
    /// [`EngineError`] names the file and what is wrong with it, or what is wrong with the device.
    pub fn load(args: &ModelArgs) -> Result<Self, EngineError> {
        set_threads(args.threads);
        let device = device(args.device)?;
        let dtype = dtype(args.dtype, &device)?;
        let files = model_files(args)?;
        let log = |progress: LoadProgress| tracing::debug!(part = progress.part, "loading");
        Ok(Self { model: Kandinsky21::load(&files, &device, dtype, log)? })
    }

    /// The loaded networks.
    #[must_use]
    pub fn model(&self) -> &Kandinsky21 {
        &self.model
    }

    /// The size of the recipe's pictures.
    #[must_use]
    pub fn size(&self, recipe: &Recipe) -> Size {
        recipe.settings.size.unwrap_or(Size::square(self.model.defaults().size))
    }

    /// A word to the person whose picture is larger than the model draws.
    #[must_use]
    pub fn enlargement(&self, recipe: &Recipe) -> Option<String> {
        let asked = self.size(recipe);
        let working = working_size(asked, self.model.defaults().largest);
        (working.width < asked.width).then(|| format!("this model draws {working}; the picture is enlarged to {asked}"))
    }

    /// Draws the first picture of a recipe. `report` is told the share that is done (0 to 1) between the steps.
    ///
    /// # Errors
    /// [`EngineError::Stopped`] if a report was answered so, else what failed.
    pub fn draw(&self, recipe: &Recipe, report: Report<'_>) -> Result<RgbImage, EngineError> {
        let size = self.size(recipe);
        let working = working_size(size, self.model.defaults().largest);
        let text = self.model.encode_text(&recipe.styled_prompt())?;
        let against = self.model.encode_text(recipe.negative.as_deref().unwrap_or_default())?;
        let wanted = self.prior(recipe, &text, &against, &mut |share| report(share * PRIOR_SHARE))?;
        let unwanted = match &recipe.negative {
            Some(_) => self.prior(recipe, &against, &against, &mut |_| Flow::Continue)?,
            None => self.model.zero_image_embedding().clone(),
        };
        let conditions = (self.model.condition(&text, &wanted)?, self.model.condition(&against, &unwanted)?);
        let defaults = self.model.defaults();
        let settings = &recipe.settings;
        let mut denoising = self.model.denoising(
            settings.sampler.map_or(defaults.sampler, sampler),
            settings.steps.map_or(defaults.steps, |steps| steps as usize),
            conditions.0,
            conditions.1,
            settings.guidance.unwrap_or(defaults.guidance),
            &self.start(recipe, working)?,
        )?;
        while !denoising.is_finished() {
            let share = denoising.done() as f64 / denoising.steps() as f64;
            go_on(report(PRIOR_SHARE + share * (DECODER_SHARE - PRIOR_SHARE)))?;
            self.model.denoise_step(&mut [&mut denoising])?;
        }
        go_on(report(DECODER_SHARE))?;
        let picture = to_image(&self.model.decode(denoising.latents())?.i(0)?)?;
        Ok(fit(&picture, working, size))
    }

    /// What a picture is about: its CLIP embedding (768 numbers in the published model), not normalised.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn image_embedding(&self, picture: &RgbImage) -> Result<Vec<f32>, EngineError> {
        let pixels = clip_pixels(picture, self.model.clip_image_size() as u32)?.to_device(self.model.device())?;
        Ok(self.model.image_embedding(&pixels)?.i(0)?.to_vec1()?)
    }

    /// Noise for the decoder to start from, `[1, channels, h, w]`.
    fn start(&self, recipe: &Recipe, size: Size) -> Result<Tensor, EngineError> {
        let (height, width) = self.model.latent_size(size.height as usize, size.width as usize);
        let shape = (1, self.model.latent_channels(), height, width);
        Ok(Noise::new(recipe.seed, Use::DecoderStart).tensor(shape)?)
    }

    /// The image embedding of a text, `[1, embedding]`.
    fn prior(
        &self,
        recipe: &Recipe,
        text: &EncodedPrompt,
        against: &EncodedPrompt,
        report: Report<'_>,
    ) -> Result<Tensor, EngineError> {
        let defaults = self.model.defaults();
        let steps = recipe.settings.prior_steps.map_or(defaults.prior_steps, |steps| steps as usize);
        let guidance = recipe.settings.prior_guidance.unwrap_or(defaults.prior_guidance);
        let shape = (1, self.model.embedding_dim());
        let initial = Noise::new(recipe.seed, Use::PriorStart).tensor(shape)?;
        let mut noise = Noise::new(recipe.seed, Use::PriorSteps);
        let mut sampling = self.model.prior_sampling(text, against, steps, guidance, &initial)?;
        while !sampling.is_finished() {
            go_on(report(sampling.done() as f64 / sampling.steps() as f64))?;
            let noise = sampling.needs_noise().then(|| noise.tensor(shape)).transpose()?;
            self.model.prior_step(&mut sampling, noise.as_ref())?;
        }
        Ok(self.model.prior_embeddings(&sampling)?)
    }
}

fn model_files(args: &ModelArgs) -> Result<ModelFiles, ModelError> {
    args.model.as_ref().map_or_else(|| Ok(embedded::files()), ModelFiles::folder)
}

fn sampler(name: SamplerName) -> SamplerKind {
    match name {
        SamplerName::Ddim => SamplerKind::Ddim,
    }
}

fn go_on(flow: Flow) -> Result<(), EngineError> {
    match flow {
        Flow::Continue => Ok(()),
        Flow::Stop => Err(EngineError::Stopped),
    }
}

/// Pixels `[3, h, w]` from 0 to 1 as an 8-bit picture.
fn to_image(pixels: &Tensor) -> Result<RgbImage, candle_core::Error> {
    let (_, height, width) = pixels.dims3()?;
    let bytes: Vec<f32> = (pixels.permute((1, 2, 0))? * 255.0)?.flatten_all()?.to_vec1()?;
    let bytes = bytes.into_iter().map(|value| value.round() as u8).collect();
    RgbImage::from_vec(width as u32, height as u32, bytes)
        .ok_or_else(|| candle_core::Error::Msg("the decoder gave no RGB picture".to_owned()))
}

/// Cuts off what the network had to draw beyond the working size (it draws multiples of its own), then enlarges.
fn fit(picture: &RgbImage, working: Size, asked: Size) -> RgbImage {
    let cropped = crop_imm(picture, 0, 0, working.width, working.height).to_image();
    if working == asked {
        return cropped;
    }
    resize(&cropped, asked.width, asked.height, FilterType::Lanczos3)
}
