//! The engine as the worker's backend.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;

use super::backend::{Backend, DrawError, Finalize, Prepare, RenderPreview};
use crate::engine::{BatchKey, DrawnPicture, Engine, EngineError, Generation, UnknownWords};
use crate::jobs::{Failure, Warnings};
use crate::pictures::{FileFormat, Picture, read_recipe};
use crate::recipe::Recipe;

/// JPEG quality of previews, which are blurred anyway.
const PREVIEW_QUALITY: u8 = 80;

/// Words that the model does not know are named up to this number.
const NAMED_WORDS: usize = 5;

impl Backend for Engine {
    type Generation = Generation;
    type BatchKey = BatchKey;

    fn prepare(&self) -> Prepare<Generation> {
        let (defaults, rules) = (self.model().defaults().clone(), self.rules());
        Arc::new(move |recipe, inputs| {
            let recipe = remembering_source(recipe, inputs);
            let inputs = inputs.iter().map(|bytes| Picture::decode(bytes)).collect::<Result<_, _>>();
            let unreadable = |error: &dyn std::fmt::Display| error.to_string();
            let inputs =
                inputs.map_err(|error| DrawError { failure: Failure::BadPicture, reason: unreadable(&error) })?;
            Generation::begin(&recipe, inputs, &defaults, rules).map_err(|error| not_begun(&error))
        })
    }

    fn capacity(&self) -> usize {
        self.batch_capacity()
    }

    fn batch_key(&self, generation: &Generation) -> Option<BatchKey> {
        generation.batch_key()
    }

    fn step(&mut self, generations: &mut [&mut Generation]) -> Result<(), DrawError> {
        Engine::step(self, generations).map_err(DrawError::engine)
    }

    fn shrink_capacity(&mut self, generations: usize) {
        self.shrink_batch_capacity(generations);
    }

    fn progress(&self, generation: &Generation) -> f64 {
        generation.progress()
    }

    fn is_finished(&self, generation: &Generation) -> bool {
        generation.is_finished()
    }

    fn preview(&self, generation: &Generation) -> Option<RenderPreview> {
        let preview = Engine::preview(self, generation).filter(|preview| self.may_show_preview(preview))?;
        Some(Box::new(move || encode_preview(&preview.enlarged())))
    }

    fn warnings(&self, generation: &Generation) -> Result<Warnings, DrawError> {
        if let Some(description) = generation.description() {
            return Ok(Warnings { description: Some(Box::new(description.clone())), ..Warnings::default() });
        }
        let recipe = generation.recipe();
        let truncated = self.truncated_text(recipe).map_err(DrawError::engine)?.map(first_words);
        let truncated_negative = self.truncated_negative(recipe).map_err(DrawError::engine)?.map(first_words);
        let UnknownWords { words, is_all } = self.unknown_words(recipe);
        let unknown_words = words.into_iter().take(NAMED_WORDS).collect();
        let mut warnings = Warnings {
            truncated,
            truncated_negative,
            unknown_words,
            knows_nothing: is_all,
            lacks_translation: self.lacks_translation(recipe),
            ..Warnings::default()
        };
        warnings.resampled = generation.drawn().iter().any(DrawnPicture::is_resampled);
        if self.has_safety_checker() {
            let pictures: Vec<_> = generation.drawn().iter().map(DrawnPicture::at_working_size).collect();
            warnings.flagged = self.unsafe_pictures(&pictures).map_err(DrawError::engine)?;
        }
        Ok(warnings)
    }

    fn translates(&self) -> bool {
        Engine::translates(self)
    }

    fn drawn_recipe(&self, generation: &Generation) -> Option<Recipe> {
        let is_completed = |recipe: &&Recipe| !recipe.translation.is_empty() || recipe.task.is_upscale();
        Some(generation.recipe()).filter(is_completed).cloned()
    }

    fn finalize(&mut self, mut generation: Generation) -> Finalize {
        Box::new(move || {
            let drawn = generation.take_drawn();
            let encode = |drawn: &DrawnPicture| {
                let recipe = generation.recipe().single(drawn.index);
                // What was inpainted in a chat lies on white, as it is shown there.
                let picture = match recipe.task.is_upscale() {
                    true => drawn.finish_with_transparency(),
                    false => drawn.finish().into(),
                };
                FileFormat::Png.encode(&picture, &recipe)
            };
            drawn.iter().map(encode).collect::<Result<_, _>>().map_err(DrawError::engine)
        })
    }
}

/// The recipe of an upscaled picture with that of the picture it comes from, where that has one inside.
fn remembering_source<'a>(recipe: &'a Recipe, inputs: &[Bytes]) -> Cow<'a, Recipe> {
    match inputs.first().filter(|_| recipe.task.is_upscale()).and_then(|bytes| read_recipe(bytes)) {
        Some(source) => Cow::Owned(recipe.with_source(source)),
        None => Cow::Borrowed(recipe),
    }
}

/// Why a recipe can not be begun: a picture that would be too large is of no use a second time.
fn not_begun(error: &EngineError) -> DrawError {
    match error {
        EngineError::UpscaledSize { .. } => DrawError { failure: Failure::TooLarge, reason: error.to_string() },
        error => DrawError::engine(error),
    }
}

/// Enough words to find the place in the prompt.
fn first_words(text: &str) -> String {
    let (words, letters) = (4, 40);
    let words: Vec<&str> = text.split_whitespace().take(words).collect();
    words.join(" ").chars().take(letters).collect()
}

fn encode_preview(picture: &image::RgbImage) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, PREVIEW_QUALITY).encode_image(picture).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use image::RgbImage;

    use super::*;
    use crate::engine::{DeviceKind, EngineOptions, MemoryPlan};
    use crate::pictures::encode_png;
    use crate::recipe::Task;

    fn engine() -> Engine {
        let (device, memory) = (DeviceKind::Cpu, MemoryPlan::Low);
        Engine::load(&EngineOptions { device, memory, ..EngineOptions::default() }).unwrap()
    }

    fn picture_of(source: &Recipe, width: u32, height: u32) -> Bytes {
        encode_png(&RgbImage::new(width, height), source).unwrap().into()
    }

    #[test]
    fn a_larger_picture_remembers_its_source_and_is_said_to_be_resampled() {
        let (mut engine, source) = (engine(), Recipe::text_to_image("квазар", 7).unwrap());
        let recipe = Recipe::new(Task::upscale(2).unwrap(), 0);
        let mut generation = engine.prepare()(&recipe, &[picture_of(&source, 8, 5)]).unwrap();
        Backend::step(&mut engine, &mut [&mut generation]).unwrap();
        assert!(Backend::is_finished(&engine, &generation));
        let warnings = Backend::warnings(&engine, &generation).unwrap();
        // The words were read when the source was drawn.
        assert_eq!(warnings, Warnings { resampled: true, ..Warnings::default() });
        assert_eq!(engine.drawn_recipe(&generation).unwrap().origin(), &source);
        let files = engine.finalize(generation)().unwrap();
        assert_eq!(read_recipe(&files[0]).unwrap().origin(), &source);
        assert_eq!(image::load_from_memory(&files[0]).unwrap().into_rgb8().dimensions(), (16, 10));
    }

    #[test]
    fn a_picture_that_can_not_be_used_says_why() {
        let (prepare, source) = (engine().prepare(), Recipe::text_to_image("кот", 7).unwrap());
        let recipe = Recipe::new(Task::upscale(4).unwrap(), 0);
        let failure = |bytes: Bytes| prepare(&recipe, &[bytes]).unwrap_err().failure;
        assert_eq!(failure(Bytes::from_static(b"no picture")), Failure::BadPicture);
        assert_eq!(failure(picture_of(&source, 5000, 2)), Failure::TooLarge);
    }
}
