//! Advances generations one step at a time.

use candle_core::IndexOp;

use super::batch_key::{BatchKey, UNetKey};
use super::generation::{DecoderInputs, DenoisingRun, Generation, Stage};
use super::image_plan::ImagePlan;
use super::noise::{Noise, NoiseStream};
use super::preview::{ColourMap, Preview};
use super::prior_run::{Embeds, PriorRun};
use super::resizing::to_image;
use super::{Engine, EngineError};
use crate::kandinsky::{Conditioning, DecoderSampling, Denoising, DenoisingStart, PartName, UNet};
use crate::pictures::Picture;
use crate::recipe::Recipe;

impl Engine {
    /// Starts a recipe: see [`Generation::begin`].
    ///
    /// # Errors
    /// [`EngineError`] if the input pictures do not fit the recipe.
    pub fn begin(&self, recipe: &Recipe, inputs: &[Picture]) -> Result<Generation, EngineError> {
        Generation::begin(recipe, inputs.to_vec(), self.model().defaults(), self.rules)
    }

    /// Takes one step of each generation. Where all have the same [`Generation::batch_key`], they share one call of the prior or
    /// of the UNet; they may be at different timesteps. Otherwise each takes its own step, in their order.
    ///
    /// # Errors
    /// [`EngineError`] if a computation fails. Generations that were to share the step can be stepped again, alone or together;
    /// a step that was taken already is not taken back.
    pub fn step(&self, generations: &mut [&mut Generation]) -> Result<(), EngineError> {
        let key = generations.first().and_then(|first| first.batch_key());
        match key.filter(|_| generations.iter().all(|generation| generation.batch_key() == key)) {
            Some(BatchKey::Prior) => self.step_priors(generations),
            Some(BatchKey::UNet(key)) => self.denoise(key, generations),
            Some(BatchKey::Upscale | BatchKey::Describe) | None => {
                generations.iter_mut().try_for_each(|generation| self.step_alone(generation))
            }
        }
    }

    /// A small picture of the expected result; `None` before there is one, or if it can not be made, which is no reason to stop.
    pub fn preview(&self, generation: &Generation) -> Option<Preview> {
        let Stage::Denoise(run) = &generation.stage else { return None };
        let latents = run.denoising.predicted()?;
        let preview = self.colour_map()?.preview(latents, generation.plan.working_size, self.model().scale());
        preview.inspect_err(|error| tracing::debug!(%error, "no preview can be made")).ok()
    }

    /// Fitted at the first call.
    pub(super) fn colour_map(&self) -> Option<&ColourMap> {
        let colours = self.colour_map.get_or_init(|| {
            let fitted = ColourMap::fit(self.model());
            self.release(&[PartName::Movq]);
            fitted.inspect_err(|error| tracing::warn!(%error, "there will be no previews")).ok()
        });
        colours.as_ref()
    }

    /// Takes a step of one generation. If it fails, the generation can not be stepped again.
    fn step_alone(&self, generation: &mut Generation) -> Result<(), EngineError> {
        match generation.batch_key() {
            Some(BatchKey::Prior) => return self.step_priors(&mut [generation]),
            Some(BatchKey::UNet(key)) => return self.denoise(key, &mut [generation]),
            Some(BatchKey::Upscale) => return self.upscale(generation),
            Some(BatchKey::Describe) => return self.step_description(generation),
            None => {}
        }
        let stage = std::mem::replace(&mut generation.stage, Stage::Finished);
        generation.stage = match stage {
            Stage::Encode(inputs) => {
                generation.recipe = self.translated(&generation.recipe)?;
                let run = self.encode_prompt(&generation.recipe, &inputs, &generation.plan)?;
                Stage::Prior(Box::new(run)).after_prior()
            }
            Stage::Prepare(embeds) => {
                let inputs = self.decoder_inputs(&generation.plan, embeds)?;
                Stage::Denoise(Box::new(self.start_denoising(generation, inputs, 0)?))
            }
            Stage::Decode(run) => self.decode(generation, *run)?,
            stage
            @ (Stage::Prior(_) | Stage::Denoise(_) | Stage::Upscale(_) | Stage::Describe(_) | Stage::Finished) => stage,
        };
        Ok(())
    }

    /// Draws a tile of a larger picture. If that fails, the same tile can be drawn again.
    fn upscale(&self, generation: &mut Generation) -> Result<(), EngineError> {
        let Stage::Upscale(run) = &mut generation.stage else { return Ok(()) };
        run.step(self.upscaler(run.scale())?.as_deref())?;
        if run.is_finished()
            && let Stage::Upscale(run) = std::mem::replace(&mut generation.stage, Stage::Finished)
        {
            generation.add_upscaled(*run);
            self.release_upscaler();
        }
        Ok(())
    }

    /// Takes a step of generations that are all at the prior.
    fn step_priors(&self, generations: &mut [&mut Generation]) -> Result<(), EngineError> {
        let mut runs = Vec::with_capacity(generations.len());
        for generation in generations.iter_mut() {
            if let Stage::Prior(run) = &mut generation.stage {
                runs.push((&generation.recipe, &mut **run));
            }
        }
        PriorRun::step_together(self.model(), &mut runs)?;
        if runs.iter().any(|(_, run)| run.is_finished()) {
            self.release(&[PartName::Prior]);
        }
        for generation in generations {
            generation.stage = std::mem::replace(&mut generation.stage, Stage::Finished).after_prior();
        }
        Ok(())
    }

    /// Takes a step of generations that are all at denoising, with as few calls of the UNet as memory allows.
    fn denoise(&self, key: UNetKey, generations: &mut [&mut Generation]) -> Result<(), EngineError> {
        let unet = if key.is_inpaint_unet { self.model().inpaint_unet() } else { self.model().unet() }?;
        let (mut remaining, device) = (&mut *generations, self.model().device());
        while !remaining.is_empty() {
            let rows: Vec<usize> = remaining.iter().map(|generation| generation.rows()).collect();
            let count = self.batch_limits.generations_in_next_call(key, &rows, device);
            let (now, later) = std::mem::take(&mut remaining).split_at_mut(count);
            let rows = rows[..count].iter().sum();
            self.batch_limits.measure(key, rows, device, || call_unet(&unet, now))?;
            remaining = later;
        }
        drop(unet);
        generations.iter_mut().for_each(|generation| self.after_denoising(generation));
        Ok(())
    }

    /// After its last step a picture is decoded; after the last picture's, the UNet is not needed any more.
    fn after_denoising(&self, generation: &mut Generation) {
        let stage = std::mem::replace(&mut generation.stage, Stage::Finished);
        generation.stage = match stage {
            Stage::Denoise(run) if run.denoising.is_finished() => {
                if run.index + 1 >= generation.recipe.count {
                    self.release(&[PartName::UNet]);
                }
                Stage::Decode(run)
            }
            stage => stage,
        };
    }

    /// Encodes the init image.
    fn decoder_inputs(&self, plan: &ImagePlan, embeds: Embeds) -> Result<DecoderInputs, EngineError> {
        let init_latents = plan.init_latents(self.model())?;
        let inpaint_input = match &init_latents {
            Some(latents) => plan.inpaint_input(self.model(), latents)?,
            None => None,
        };
        Ok(DecoderInputs { embeds, init_latents, inpaint_input })
    }

    /// Starts a picture of the recipe from noise, or from the noised latents of the init image.
    fn start_denoising(
        &self,
        generation: &Generation,
        inputs: DecoderInputs,
        index: u32,
    ) -> Result<DenoisingRun, EngineError> {
        let (model, plan) = (self.model(), &generation.plan);
        let key = UNetKey {
            is_inpaint_unet: plan.is_inpainting() && model.has_two_unets(),
            latent_size: plan.latent_size(model),
        };
        let (conditional, unconditional) = self.conditions(plan, &inputs.embeds, index)?;
        let ((height, width), seed) = (key.latent_size, generation.recipe.seed_of(index));
        let noise = Noise::new(seed, NoiseStream::DecoderStart).tensor((1, model.latent_channels(), height, width))?;
        let init_latents = inputs.init_latents.as_ref().filter(|_| plan.strength.is_some());
        let start = DenoisingStart { noise: &noise, init_latents, known: inputs.inpaint_input.as_ref() };
        let guidance = generation.recipe.settings.guidance.unwrap_or(model.defaults().guidance);
        let denoising = model.denoising(&self.sampling(generation), conditional, unconditional, guidance, &start)?;
        Ok(DenoisingRun { inputs, index, denoising, noise: Noise::new(seed, NoiseStream::DecoderSteps), key })
    }

    /// Conditional and unconditional input of the UNet.
    fn conditions(
        &self,
        plan: &ImagePlan,
        embeds: &Embeds,
        index: u32,
    ) -> Result<(Conditioning, Conditioning), EngineError> {
        let model = self.model();
        let unet = if plan.is_inpainting() { model.inpaint_unet()? } else { model.unet()? };
        let Some(image) = embeds.images.get(index as usize) else {
            return Err(candle_core::Error::Msg(format!("the prior made no embedding for picture {index}")).into());
        };
        let conditional = model.condition(&unet, &embeds.prompt, &image.positive)?;
        Ok((conditional, model.condition(&unet, &embeds.opposite, &image.negative)?))
    }

    fn sampling(&self, generation: &Generation) -> DecoderSampling {
        let (defaults, settings) = (self.model().defaults(), &generation.recipe.settings);
        DecoderSampling {
            kind: settings.sampler.unwrap_or(defaults.sampler),
            steps: settings.steps.map_or(defaults.steps, |steps| steps as usize),
            strength: generation.plan.strength,
            rules: self.rules,
        }
    }

    /// Decodes latents to the picture and starts the recipe's next one.
    fn decode(&self, generation: &mut Generation, run: DenoisingRun) -> Result<Stage, EngineError> {
        let pixels = self.model().decode(run.denoising.latents())?.i(0)?;
        generation.add_drawn(run.index, to_image(&pixels, generation.plan.working_size)?);
        let next = run.index + 1;
        if next < generation.recipe.count {
            return Ok(Stage::Denoise(Box::new(self.start_denoising(generation, run.inputs, next)?)));
        }
        self.release(&[PartName::Movq]);
        Ok(Stage::Finished)
    }
}

impl Stage {
    /// When the prior has made all embeddings, the decoder is prepared.
    fn after_prior(self) -> Self {
        match self {
            Self::Prior(run) if run.is_finished() => Self::Prepare(run.into_embeds()),
            stage => stage,
        }
    }
}

/// One call of the UNet for all.
fn call_unet(unet: &UNet, generations: &mut [&mut Generation]) -> Result<(), EngineError> {
    let mut denoisings = Vec::with_capacity(generations.len());
    for generation in generations {
        if let Stage::Denoise(run) = &mut generation.stage {
            let DenoisingRun { denoising, noise, .. } = &mut **run;
            if denoising.needs_noise() {
                denoising.give_noise(&noise.tensor(denoising.latents().shape())?)?;
            }
            denoisings.push(denoising);
        }
    }
    Ok(Denoising::step_together(unet, &mut denoisings)?)
}

#[cfg(test)]
mod rules_tests;
#[cfg(test)]
mod tests;
