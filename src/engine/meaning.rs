//! What a picture shall be about: texts and pictures to the embeddings that guide the decoder.

use std::collections::VecDeque;

use candle_core::{IndexOp, Tensor};
use image::RgbImage;

use super::clip_pixels::clip_pixels;
use super::noise::{Noise, Use};
use super::scene::Scene;
use super::{Engine, EngineError};
use crate::kandinsky::{EncodedPrompt, Kandinsky21, PartName, PriorSamplerKind, PriorSampling};
use crate::pictures::Picture;
use crate::recipe::{PartContent, PriorSamplerName, Recipe, Task};

/// Guides to and away from: a text as the decoder reads it, and an image embedding for each picture, `[1, embedding]`.
#[derive(Debug)]
pub(super) struct Meaning {
    pub(super) text: EncodedPrompt,
    pub(super) against: EncodedPrompt,
    /// Wanted and unwanted, for each picture of the recipe.
    pub(super) embeddings: Vec<(Tensor, Tensor)>,
}

/// A [`Meaning`] on its way: what was read, and what the prior has still to make of it, one step at a time.
#[derive(Debug)]
pub(super) struct Thought {
    meaning: Meaning,
    left: VecDeque<Share>,
    total: usize,
    /// The prior's run for the first of what is left.
    run: Option<Run>,
}

/// A run of the prior.
#[derive(Debug)]
struct Run {
    sampling: PriorSampling,
    noise: Noise,
    /// What the next step adds, if it was drawn already.
    next: Option<Tensor>,
}

/// What one source gives to one embedding.
#[derive(Debug)]
struct Share {
    /// Which picture of the recipe.
    picture: usize,
    source: Source,
    target: Target,
}

/// What the image embedding is made of.
#[derive(Debug, Clone)]
enum Source {
    Text(EncodedPrompt),
    Picture(Tensor),
}

#[derive(Debug, Clone, Copy)]
enum Target {
    /// With this weight in a mix.
    Wanted(f64),
    Unwanted,
}

impl Thought {
    /// The share that is done, 0 to 1.
    pub(super) fn share(&self) -> f64 {
        let begun =
            self.run.as_ref().map_or(0.0, |run| run.sampling.done() as f64 / run.sampling.steps().max(1) as f64);
        (self.total.saturating_sub(self.left.len()) as f64 + begun) / self.total.max(1) as f64
    }

    pub(super) fn is_finished(&self) -> bool {
        self.left.is_empty()
    }

    /// What came of it.
    pub(super) fn into_meaning(self) -> Meaning {
        self.meaning
    }

    /// The first of what is left has become this embedding.
    fn take(&mut self, embedding: Tensor) -> Result<(), EngineError> {
        self.run = None;
        let Some(share) = self.left.pop_front() else { return Ok(()) };
        if let Some((wanted, unwanted)) = self.meaning.embeddings.get_mut(share.picture) {
            match share.target {
                Target::Wanted(weight) => *wanted = (&*wanted + (embedding * weight)?)?,
                Target::Unwanted => *unwanted = embedding,
            }
        }
        self.take_pictures()
    }

    /// The embeddings of pictures need no prior.
    fn take_pictures(&mut self) -> Result<(), EngineError> {
        match self.left.front() {
            Some(Share { source: Source::Picture(embedding), .. }) => self.take(embedding.clone()),
            _ => Ok(()),
        }
    }
}

impl Engine {
    /// Runs text encoders and image encoder: what the prior does with it comes after, by [`Engine::think`].
    pub(super) fn read(&self, recipe: &Recipe, inputs: &[Picture], scene: &Scene) -> Result<Thought, EngineError> {
        let negative = recipe.negative.as_deref();
        let mut reader = Reader { model: self.model(), texts: Vec::new() };
        let against = reader.read(negative.unwrap_or_default())?;
        let text = reader.read(&decoder_text(recipe))?;
        let sources = self.sources(&mut reader, recipe, inputs, scene)?;
        let zero = self.model().zero_image_embedding()?.clone();
        self.release(&[PartName::ClipText, PartName::MultilingualClip, PartName::ClipImage]);
        let (mut left, mut embeddings) = (VecDeque::new(), Vec::new());
        for picture in 0..recipe.count as usize {
            let wanted = sources.iter().cloned().map(|(source, weight)| (source, Target::Wanted(weight)));
            // The prior of the negative prompt against itself, as diffusers.
            let unwanted = negative.map(|_| (Source::Text(against.clone()), Target::Unwanted));
            left.extend(wanted.chain(unwanted).map(|(source, target)| Share { picture, source, target }));
            embeddings.push((zero.zeros_like()?, zero.clone()));
        }
        let total = left.len();
        let mut thought = Thought { meaning: Meaning { text, against, embeddings }, left, total, run: None };
        thought.take_pictures()?;
        Ok(thought)
    }

    /// Takes one step of the prior for all, with a single call of it.
    pub(super) fn think(&self, thoughts: &mut [(&Recipe, &mut Thought)]) -> Result<(), EngineError> {
        let prior = self.model().prior()?;
        thoughts.iter_mut().try_for_each(|(recipe, thought)| self.get_ready(recipe, thought))?;
        let runs = thoughts.iter_mut().filter_map(|(_, thought)| thought.run.as_mut());
        let mut runs: Vec<_> = runs.map(|run| (&mut run.sampling, run.next.as_ref())).collect();
        PriorSampling::step_together(&prior, &mut runs)?;
        for (_, thought) in thoughts {
            let Some(run) = &mut thought.run else { continue };
            run.next = None;
            if run.sampling.is_finished() {
                let embedding = run.sampling.embeddings(&prior)?;
                thought.take(embedding)?;
            }
            if thought.is_finished() {
                self.release(&[PartName::Prior]);
            }
        }
        Ok(())
    }

    fn sources(
        &self,
        reader: &mut Reader<'_>,
        recipe: &Recipe,
        inputs: &[Picture],
        scene: &Scene,
    ) -> Result<Vec<(Source, f64)>, EngineError> {
        let mut text = |prompt: &str| Ok::<_, EngineError>(Source::Text(reader.read(&recipe.style.apply(prompt))?));
        let picture = |picture: &RgbImage| Ok::<_, EngineError>(Source::Picture(self.picture_embedding(picture)?));
        Ok(match (&recipe.task, &scene.surroundings) {
            (Task::Mix { parts }, _) => {
                let mut pictures = inputs.iter();
                let mut sources = Vec::new();
                for part in parts {
                    let source = match &part.content {
                        PartContent::Text { prompt } => text(prompt)?,
                        PartContent::Picture => match pictures.next() {
                            Some(input) => picture(&input.rgb)?,
                            None => {
                                return Err(EngineError::Inputs {
                                    expected: recipe.task.inputs(),
                                    given: inputs.len(),
                                });
                            }
                        },
                    };
                    sources.push((source, part.weight));
                }
                sources
            }
            (Task::Variation { .. }, _) => match inputs {
                [input, ..] => vec![(picture(&input.rgb)?, 1.0)],
                [] => return Err(EngineError::Inputs { expected: 1, given: 0 }),
            },
            // Nothing is asked for: whatever the surroundings are about fits.
            (Task::Inpaint { prompt } | Task::Outpaint { prompt, .. }, Some(surroundings)) if prompt.is_empty() => {
                vec![(picture(surroundings)?, 1.0)]
            }
            _ => vec![(text(recipe.prompt())?, 1.0)],
        })
    }

    /// What a picture is about, `[1, embedding]`, not normalised.
    pub(super) fn picture_embedding(&self, picture: &RgbImage) -> Result<Tensor, EngineError> {
        let pixels = clip_pixels(picture, self.model().clip_image_size() as u32)?;
        Ok(self.model().image_embedding(&pixels.to_device(self.model().device())?)?)
    }

    /// What a picture is about: its CLIP embedding (768 numbers in the published model), not normalised.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn image_embedding(&self, picture: &RgbImage) -> Result<Vec<f32>, EngineError> {
        Ok(self.picture_embedding(picture)?.i(0)?.to_vec1()?)
    }

    /// Begins the run for the first of what is left, if it has not begun, and draws the noise of its next step, if that was not
    /// drawn: a step that failed is taken again with the same.
    fn get_ready(&self, recipe: &Recipe, thought: &mut Thought) -> Result<(), EngineError> {
        let Some(Share { picture, source: Source::Text(text), .. }) = thought.left.front() else { return Ok(()) };
        let run = match &mut thought.run {
            Some(run) => run,
            run => run.insert(self.begin_prior(recipe, *picture, (text, &thought.meaning.against))?),
        };
        if run.next.is_none() && run.sampling.needs_noise() {
            let noise = run.noise.tensor((1, self.model().embedding_dim()))?;
            run.next = Some(noise.to_device(self.model().device())?);
        }
        Ok(())
    }

    /// The prior's run that makes the image embedding of a text, `[1, embedding]`, for a picture of the recipe.
    fn begin_prior(
        &self,
        recipe: &Recipe,
        picture: usize,
        (text, against): (&EncodedPrompt, &EncodedPrompt),
    ) -> Result<Run, EngineError> {
        let (model, settings, seed) = (self.model(), &recipe.settings, recipe.seed_of(picture as u32));
        let steps = settings.prior_steps.map_or(model.defaults().prior_steps, |steps| steps as usize);
        let guidance = settings.prior_guidance.unwrap_or(model.defaults().prior_guidance);
        let kind = settings.prior_sampler.map_or(PriorSamplerKind::default(), prior_sampler);
        let initial = Noise::new(seed, Use::PriorStart).tensor((1, model.embedding_dim()))?;
        let sampling = model.prior_sampling(text, against, kind, steps, guidance, &initial)?;
        Ok(Run { sampling, noise: Noise::new(seed, Use::PriorSteps), next: None })
    }
}

/// Reads each text of a recipe once: prior and decoder are mostly given the same.
struct Reader<'a> {
    model: &'a Kandinsky21,
    texts: Vec<(String, EncodedPrompt)>,
}

impl Reader<'_> {
    fn read(&mut self, text: &str) -> Result<EncodedPrompt, EngineError> {
        if let Some((_, encoded)) = self.texts.iter().find(|(known, _)| known == text) {
            return Ok(encoded.clone());
        }
        let encoded = self.model.encode_text(text)?;
        self.texts.push((text.to_owned(), encoded.clone()));
        Ok(encoded)
    }
}

/// What the decoder reads. Of a mix and a variation it reads only the style, as in the originals: the rest is in the
/// embedding.
fn decoder_text(recipe: &Recipe) -> String {
    match recipe.task {
        Task::Mix { .. } | Task::Variation { .. } => recipe.style.apply(""),
        _ => recipe.styled_prompt(),
    }
}

fn prior_sampler(name: PriorSamplerName) -> PriorSamplerKind {
    match name {
        PriorSamplerName::Ancestral => PriorSamplerKind::Ancestral,
        PriorSamplerName::Ddim => PriorSamplerKind::Ddim,
        PriorSamplerName::Fast => PriorSamplerKind::Fast,
    }
}
