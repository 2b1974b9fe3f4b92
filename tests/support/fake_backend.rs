//! A backend without a model.

use std::sync::Arc;
use std::time::Duration;

use image::{ImageFormat, Rgb, RgbImage};
use kandinsky_bot::recipe::Recipe;
use kandinsky_bot::worker::{Backend, DrawError, Finalize, Prepare, RenderPreview};

use super::pictures::{encoded, noise, png};

/// A prompt that takes ten seconds.
pub(crate) const SLOWLY: &str = "черепаха";
/// One that takes forty.
pub(crate) const FOR_AGES: &str = "ледник";

/// Draws a plain picture in a few milliseconds; what it does before is up to the test.
pub(crate) struct FakeBackend<F> {
    before: F,
}

impl<F: FnMut(&Recipe)> FakeBackend<F> {
    /// Calls `before` when it begins a recipe.
    pub(crate) fn new(before: F) -> Self {
        Self { before }
    }
}

/// One whose pictures are as large as those of a 12-megapixel photo: more than the platform takes as a photo.
pub(crate) const IMMENSE: &str = "пустыня";

/// A recipe that is being drawn.
pub(crate) struct FakeGeneration {
    recipe: Recipe,
    steps: u8,
}

impl FakeGeneration {
    /// How many steps there are, and what each takes.
    fn pace(&self) -> (u8, Duration) {
        match self.recipe.prompt() {
            SLOWLY => (100, Duration::from_millis(100)),
            FOR_AGES => (100, Duration::from_millis(400)),
            _ => (1, Duration::from_millis(3)),
        }
    }
}

impl<F: FnMut(&Recipe)> Backend for FakeBackend<F> {
    type Generation = FakeGeneration;
    type BatchKey = ();

    fn prepare(&self) -> Prepare<FakeGeneration> {
        Arc::new(|recipe, _| Ok(FakeGeneration { recipe: recipe.clone(), steps: 0 }))
    }

    fn batch_key(&self, _: &FakeGeneration) -> Option<()> {
        None
    }

    fn step(&mut self, generations: &mut [&mut FakeGeneration]) -> Result<(), DrawError> {
        for generation in generations {
            if generation.steps == 0 {
                (self.before)(&generation.recipe);
            }
            std::thread::sleep(generation.pace().1);
            generation.steps += 1;
        }
        Ok(())
    }

    fn progress(&self, generation: &FakeGeneration) -> f64 {
        f64::from(generation.steps) / f64::from(generation.pace().0)
    }

    fn is_finished(&self, generation: &FakeGeneration) -> bool {
        generation.steps >= generation.pace().0
    }

    fn preview(&self, _: &FakeGeneration) -> Option<RenderPreview> {
        Some(Box::new(|| Some(encoded(&RgbImage::from_pixel(64, 64, Rgb([230, 20, 20])), ImageFormat::Jpeg))))
    }

    fn finalize(&mut self, generation: FakeGeneration) -> Finalize {
        let recipe = generation.recipe;
        let is_immense = recipe.prompt() == IMMENSE;
        let picture = move |seed: u64| match is_immense {
            true => png(&noise(2100, 1650)),
            false => png(&RgbImage::from_pixel(64, 64, Rgb([seed as u8, 80, 120]))),
        };
        Box::new(move || Ok((0..recipe.count).map(|index| picture(recipe.seed_of(index))).collect()))
    }
}
