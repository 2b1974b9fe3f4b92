//! What a picture shall be about: texts and pictures to the embeddings that guide the decoder.

use candle_core::{IndexOp, Tensor};
use image::RgbImage;

use super::clip_pixels::clip_pixels;
use super::noise::{Noise, Use};
use super::pipeline::{Report, go_on};
use super::scene::Scene;
use super::{Engine, EngineError};
use crate::kandinsky::{EncodedPrompt, PartName, PriorSamplerKind};
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

/// What the image embedding is made of.
enum Source {
    Text(EncodedPrompt),
    Picture(Tensor),
}

impl Engine {
    /// Runs text encoders, image encoder and prior for all pictures of a recipe.
    pub(super) fn meaning(
        &self,
        recipe: &Recipe,
        inputs: &[Picture],
        scene: &Scene,
        report: Report<'_>,
    ) -> Result<Meaning, EngineError> {
        let negative = recipe.negative.as_deref();
        let against = self.model().encode_text(negative.unwrap_or_default())?;
        let text = self.model().encode_text(&decoder_text(recipe))?;
        let sources = self.sources(recipe, inputs, scene)?;
        let zero = self.model().zero_image_embedding()?.clone();
        self.release(&[PartName::ClipText, PartName::MultilingualClip, PartName::ClipImage]);
        let mut embeddings = Vec::new();
        for index in 0..recipe.count {
            let seed = recipe.seed_of(index);
            let mut wanted = zero.zeros_like()?;
            for (source, weight) in &sources {
                let embedding = match source {
                    Source::Picture(embedding) => embedding.clone(),
                    Source::Text(text) => self.prior(recipe, seed, (text, &against), &mut |share| {
                        report((f64::from(index) + share) / f64::from(recipe.count))
                    })?,
                };
                wanted = (wanted + (embedding * *weight)?)?;
            }
            // The prior of the negative prompt against itself, as diffusers; guidance changes nothing there.
            let unwanted = match negative {
                Some(_) => self.prior(recipe, seed, (&against, &against), report)?,
                None => zero.clone(),
            };
            embeddings.push((wanted, unwanted));
        }
        self.release(&[PartName::Prior]);
        Ok(Meaning { text, against, embeddings })
    }

    fn sources(&self, recipe: &Recipe, inputs: &[Picture], scene: &Scene) -> Result<Vec<(Source, f64)>, EngineError> {
        let text =
            |prompt: &str| Ok::<_, EngineError>(Source::Text(self.model().encode_text(&recipe.style.apply(prompt))?));
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

    /// The image embedding of a text, `[1, embedding]`.
    fn prior(
        &self,
        recipe: &Recipe,
        seed: u64,
        (text, against): (&EncodedPrompt, &EncodedPrompt),
        report: Report<'_>,
    ) -> Result<Tensor, EngineError> {
        let (model, settings) = (self.model(), &recipe.settings);
        let steps = settings.prior_steps.map_or(model.defaults().prior_steps, |steps| steps as usize);
        let guidance = settings.prior_guidance.unwrap_or(model.defaults().prior_guidance);
        let kind = settings.prior_sampler.map_or(PriorSamplerKind::default(), prior_sampler);
        let shape = (1, model.embedding_dim());
        let initial = Noise::new(seed, Use::PriorStart).tensor(shape)?;
        let mut noise = Noise::new(seed, Use::PriorSteps);
        let mut sampling = model.prior_sampling(text, against, kind, steps, guidance, &initial)?;
        while !sampling.is_finished() {
            go_on(report(sampling.done() as f64 / sampling.steps() as f64))?;
            let noise = sampling.needs_noise().then(|| noise.tensor(shape)).transpose()?;
            model.prior_step(&mut sampling, noise.as_ref())?;
        }
        Ok(model.prior_embeddings(&sampling)?)
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
