//! The first stage: texts and input pictures of a recipe to embeddings, and to what the prior has to make of them.

use std::collections::VecDeque;

use candle_core::{IndexOp, Tensor};
use image::RgbImage;

use super::clip_pixels::clip_pixels;
use super::image_plan::ImagePlan;
use super::prior_run::{EmbedSource, EmbedTarget, Embeds, ImageEmbeds, PriorInput, PriorRun};
use super::{Engine, EngineError};
use crate::kandinsky::{EncodedPrompt, Kandinsky21, PartName, Rules};
use crate::pictures::Picture;
use crate::recipe::{PartContent, Recipe, Task};

impl Engine {
    /// Runs the text encoders and the image encoder; [`PriorRun::step_together`] goes on from there.
    pub(super) fn encode_prompt(
        &self,
        recipe: &Recipe,
        inputs: &[Picture],
        plan: &ImagePlan,
    ) -> Result<PriorRun, EngineError> {
        let (by_prior, by_decoder) = (recipe.read_by_prior(), recipe.read_by_decoder());
        let (for_prior, for_decoder) = (by_prior.negative.as_deref(), by_decoder.negative.as_deref());
        let used = self.rules.negative(plan.mode());
        let mut cache = PromptCache { model: self.model(), rules: self.rules, encoded: Vec::new() };
        let against = cache.encode(for_prior.filter(|_| used.by_prior).unwrap_or_default())?;
        let opposite = cache.encode(for_decoder.filter(|_| used.as_text).unwrap_or_default())?;
        let opposite_image = for_prior.filter(|_| used.as_image).map(|text| cache.encode(text)).transpose()?;
        let prompt = cache.encode(&decoder_text(&by_decoder))?;
        let sources = self.embed_sources(&mut cache, &by_prior, inputs, plan)?;
        let zero = self.model().zero_image_embedding()?.clone();
        self.release(&[PartName::ClipText, PartName::MultilingualClip, PartName::ClipImage]);
        let (mut prior_inputs, mut images) = (VecDeque::new(), Vec::new());
        for picture in 0..recipe.count as usize {
            let positive = sources.iter().cloned().map(|(source, weight)| (source, EmbedTarget::Positive(weight)));
            // The prior of the negative prompt against itself.
            let negative = opposite_image.clone().map(|text| (EmbedSource::Text(text), EmbedTarget::Negative));
            let both = positive.chain(negative).zip(0..);
            // The original draws new noise for every text; here all texts of a picture share one, so that they differ in
            // nothing but their words.
            let noise = |run| if self.rules == Rules::Original { run } else { 0 };
            prior_inputs.extend(both.map(|((source, target), run)| PriorInput {
                picture,
                noise: noise(run),
                source,
                target,
            }));
            images.push(ImageEmbeds { positive: zero.zeros_like()?, negative: zero.clone() });
        }
        PriorRun::new(Embeds { prompt, against, opposite, images }, prior_inputs, self.rules)
    }

    /// The sources of the positive image embedding, with weights.
    fn embed_sources(
        &self,
        cache: &mut PromptCache<'_>,
        recipe: &Recipe,
        inputs: &[Picture],
        plan: &ImagePlan,
    ) -> Result<Vec<(EmbedSource, f64)>, EngineError> {
        let mut text =
            |prompt: &str| Ok::<_, EngineError>(EmbedSource::Text(cache.encode(&recipe.style.apply(prompt))?));
        let picture =
            |picture: &RgbImage| Ok::<_, EngineError>(EmbedSource::Picture(self.image_embedding_of(picture)?));
        let missing = || EngineError::Inputs { expected: recipe.task.inputs(), given: inputs.len() };
        match (&recipe.task, &plan.unmasked) {
            (Task::Mix { parts }, _) => {
                let mut pictures = inputs.iter();
                let mut source = |content: &PartContent| match content {
                    PartContent::Text { prompt } => text(prompt),
                    PartContent::Picture => picture(&pictures.next().ok_or_else(missing)?.rgb),
                };
                parts.iter().map(|part| Ok((source(&part.content)?, part.weight))).collect()
            }
            (Task::Variation { .. }, _) => Ok(vec![(picture(&inputs.first().ok_or_else(missing)?.rgb)?, 1.0)]),
            // Without a prompt, the rest of the picture says what fits.
            (Task::Inpaint { prompt, .. } | Task::Outpaint { prompt, .. }, Some(unmasked)) if prompt.is_empty() => {
                Ok(vec![(picture(unmasked)?, 1.0)])
            }
            _ => Ok(vec![(text(recipe.prompt())?, 1.0)]),
        }
    }

    /// A picture's CLIP embedding, `[1, embedding]`, not normalised.
    pub(super) fn image_embedding_of(&self, picture: &RgbImage) -> Result<Tensor, EngineError> {
        let pixels = clip_pixels(picture, self.model().clip_image_size() as u32, self.rules)?;
        Ok(self.model().image_embedding(&pixels.to_device(self.model().device())?)?)
    }

    /// A picture's CLIP embedding (768 numbers in the published model), not normalised.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn image_embedding(&self, picture: &RgbImage) -> Result<Vec<f32>, EngineError> {
        Ok(self.image_embedding_of(picture)?.i(0)?.to_vec1()?)
    }
}

/// Encodes each text of a recipe once: prior and decoder are mostly given the same.
struct PromptCache<'a> {
    model: &'a Kandinsky21,
    rules: Rules,
    encoded: Vec<(String, EncodedPrompt)>,
}

impl PromptCache<'_> {
    fn encode(&mut self, text: &str) -> Result<EncodedPrompt, EngineError> {
        if let Some((_, encoded)) = self.encoded.iter().find(|(known, _)| known == text) {
            return Ok(encoded.clone());
        }
        let encoded = self.model.encode_text_as(text, self.rules)?;
        self.encoded.push((text.to_owned(), encoded.clone()));
        Ok(encoded)
    }
}

/// The text that the decoder is given. Of a mix and a variation it is the style alone, as in the originals: the rest is in the
/// image embedding.
fn decoder_text(recipe: &Recipe) -> String {
    match recipe.task {
        Task::Mix { .. } | Task::Variation { .. } => recipe.style.apply(""),
        _ => recipe.styled_prompt(),
    }
}
