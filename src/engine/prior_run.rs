//! The prior: from the encoded texts and pictures of a recipe to the image embeddings that guide the decoder.

use std::collections::VecDeque;

use candle_core::Tensor;

use super::error::EngineError;
use super::noise::{Noise, NoiseStream};
use crate::kandinsky::{EncodedPrompt, Kandinsky21, PriorOptions, PriorSampling, Rules};
use crate::recipe::{Recipe, Settings};

/// Embeddings that guide the decoder.
#[derive(Debug)]
pub(super) struct Embeds {
    pub(super) prompt: EncodedPrompt,
    /// What the prior is guided away from: the negative prompt, or the empty text.
    pub(super) against: EncodedPrompt,
    /// What the decoder is guided away from, the same or the empty text.
    pub(super) opposite: EncodedPrompt,
    /// One for each picture of the recipe.
    pub(super) images: Vec<ImageEmbeds>,
}

/// Image embeddings of one picture, `[1, embedding]` each.
#[derive(Debug)]
pub(super) struct ImageEmbeds {
    pub(super) positive: Tensor,
    pub(super) negative: Tensor,
}

/// Computes the image embeddings of [`Embeds`], one step of the prior at a time.
#[derive(Debug)]
pub(super) struct PriorRun {
    embeds: Embeds,
    remaining: VecDeque<PriorInput>,
    total: usize,
    rules: Rules,
    /// The prior's sampling for the first of `remaining`.
    sampling: Option<RunningSampling>,
}

/// A sampling of the prior with its noise.
#[derive(Debug)]
struct RunningSampling {
    sampling: PriorSampling,
    noise: Noise,
    /// The noise of the next step, if it was drawn already.
    next_noise: Option<Tensor>,
}

/// One contribution to one image embedding.
#[derive(Debug)]
pub(super) struct PriorInput {
    /// Which picture of the recipe, from 0.
    pub(super) picture: usize,
    /// Which noise of the picture's, from 0.
    pub(super) noise: u64,
    pub(super) source: EmbedSource,
    pub(super) target: EmbedTarget,
}

/// The source of an image embedding.
#[derive(Debug, Clone)]
pub(super) enum EmbedSource {
    /// A text, through the prior.
    Text(EncodedPrompt),
    /// A picture's own embedding, `[1, embedding]`.
    Picture(Tensor),
}

/// Where an image embedding goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum EmbedTarget {
    /// Added to the positive embedding with this weight.
    Positive(f64),
    /// The negative embedding.
    Negative,
}

impl PriorRun {
    /// # Errors
    /// If a computation fails.
    pub(super) fn new(embeds: Embeds, inputs: VecDeque<PriorInput>, rules: Rules) -> Result<Self, EngineError> {
        let total = inputs.len();
        let mut run = Self { embeds, remaining: inputs, total, rules, sampling: None };
        run.accept_pictures()?;
        Ok(run)
    }

    /// How much is done, 0 to 1.
    pub(super) fn progress(&self) -> f64 {
        let current = self
            .sampling
            .as_ref()
            .map_or(0.0, |running| running.sampling.done() as f64 / running.sampling.steps().max(1) as f64);
        (self.total.saturating_sub(self.remaining.len()) as f64 + current) / self.total.max(1) as f64
    }

    pub(super) fn is_finished(&self) -> bool {
        self.remaining.is_empty()
    }

    pub(super) fn into_embeds(self) -> Embeds {
        self.embeds
    }

    /// Accepts the embedding of the first remaining input.
    fn accept(&mut self, embedding: Tensor) -> Result<(), EngineError> {
        self.sampling = None;
        let Some(input) = self.remaining.pop_front() else { return Ok(()) };
        if let Some(embeds) = self.embeds.images.get_mut(input.picture) {
            match input.target {
                EmbedTarget::Positive(weight) => embeds.positive = (&embeds.positive + (embedding * weight)?)?,
                EmbedTarget::Negative => embeds.negative = embedding,
            }
        }
        self.accept_pictures()
    }

    /// Accepts the pictures at the head of what remains: they need no prior.
    fn accept_pictures(&mut self) -> Result<(), EngineError> {
        match self.remaining.front() {
            Some(PriorInput { source: EmbedSource::Picture(embedding), .. }) => self.accept(embedding.clone()),
            _ => Ok(()),
        }
    }

    /// Takes one step of the prior for all runs, with a single call of it.
    ///
    /// # Errors
    /// If the prior can not be loaded or a computation fails.
    pub(super) fn step_together(model: &Kandinsky21, runs: &mut [(&Recipe, &mut Self)]) -> Result<(), EngineError> {
        let prior = model.prior()?;
        runs.iter_mut().try_for_each(|(recipe, run)| run.prepare_step(model, recipe))?;
        let running = runs.iter_mut().filter_map(|(_, run)| run.sampling.as_mut());
        let mut samplings: Vec<_> =
            running.map(|running| (&mut running.sampling, running.next_noise.as_ref())).collect();
        PriorSampling::step_together(&prior, &mut samplings)?;
        for (_, run) in runs {
            let Some(running) = &mut run.sampling else { continue };
            running.next_noise = None;
            if running.sampling.is_finished() {
                let embedding = running.sampling.embeddings(&prior)?;
                run.accept(embedding)?;
            }
        }
        Ok(())
    }

    /// Starts the sampling for the first remaining input, if it has not started, and draws the noise of its next step, if that
    /// was not drawn: a step that failed is taken again with the same noise.
    fn prepare_step(&mut self, model: &Kandinsky21, recipe: &Recipe) -> Result<(), EngineError> {
        let Some(PriorInput { picture, noise, source: EmbedSource::Text(text), .. }) = self.remaining.front() else {
            return Ok(());
        };
        let running = match &mut self.sampling {
            Some(running) => running,
            sampling => {
                let seed = recipe.seed_of(*picture as u32);
                let noises = [NoiseStream::PriorStart, NoiseStream::PriorSteps];
                let noises = noises.map(|stream| Noise::of_run(seed, stream, *noise));
                let options = options(model, &recipe.settings, self.rules);
                sampling.insert(RunningSampling::start(model, text, &self.embeds.against, &options, noises)?)
            }
        };
        if running.next_noise.is_none() && running.sampling.needs_noise() {
            let noise = running.noise.tensor((1, model.embedding_dim()))?;
            running.next_noise = Some(noise.to_device(model.device())?);
        }
        Ok(())
    }
}

impl RunningSampling {
    /// The sampling that makes the image embedding of a text, `[1, embedding]`, from the noise of its start and of its steps.
    fn start(
        model: &Kandinsky21,
        text: &EncodedPrompt,
        against: &EncodedPrompt,
        options: &PriorOptions,
        [mut start, noise]: [Noise; 2],
    ) -> Result<Self, EngineError> {
        let initial = start.tensor((1, model.embedding_dim()))?;
        let sampling = model.prior_sampling(text, against, options, &initial)?;
        Ok(Self { sampling, noise, next_noise: None })
    }
}

/// How the prior samples for a recipe.
fn options(model: &Kandinsky21, settings: &Settings, rules: Rules) -> PriorOptions {
    let defaults = model.defaults();
    PriorOptions {
        kind: settings.prior_sampler.unwrap_or_default(),
        steps: settings.prior_steps.map_or(defaults.prior_steps, |steps| steps as usize),
        guidance: settings.prior_guidance.unwrap_or(defaults.prior_guidance),
        rules,
    }
}
