//! A backend without a model.

use std::sync::Arc;
use std::time::Duration;

use image::{ImageFormat, Rgb, RgbImage};
use kandinsky_bot::jobs::Warnings;
use kandinsky_bot::recipe::{Description, Recipe, Recognized, has_cyrillic};
use kandinsky_bot::worker::{Backend, DrawError, Finalize, Prepare, RenderPreview};

use super::pictures::{encoded, noise, png};

/// A prompt that takes ten seconds.
pub(crate) const SLOWLY: &str = "черепаха";
/// One that takes forty.
pub(crate) const FOR_AGES: &str = "ледник";

/// Draws a plain picture in a few milliseconds; what it does before is up to the test.
pub(crate) struct FakeBackend<F> {
    before: F,
    russian: Russian,
}

/// What becomes of Russian texts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) enum Russian {
    /// The model reads them.
    #[default]
    Read,
    /// They are translated: English texts by Russian ones.
    Translated(&'static [(&'static str, &'static str)]),
    /// The model does not read them, and there is no translator.
    Unread,
}

impl Russian {
    /// The recipe with the English texts that it lacks.
    fn translated(self, recipe: &Recipe) -> Recipe {
        let Self::Translated(dictionary) = self else { return recipe.clone() };
        let mut translation = recipe.translation.clone();
        for (russian, english) in dictionary {
            translation.texts.entry((*russian).to_owned()).or_insert_with(|| (*english).to_owned());
        }
        recipe.with_translation(translation)
    }
}

impl<F: FnMut(&Recipe)> FakeBackend<F> {
    /// Calls `before` when it begins a recipe.
    pub(crate) fn new(before: F) -> Self {
        Self { before, russian: Russian::default() }
    }

    /// The same for another model, or with a translator.
    pub(crate) fn with_russian(self, russian: Russian) -> Self {
        Self { russian, ..self }
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
                generation.recipe = self.russian.translated(&generation.recipe);
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

    fn translates(&self) -> bool {
        matches!(self.russian, Russian::Translated(_))
    }

    fn drawn_recipe(&self, generation: &FakeGeneration) -> Option<Recipe> {
        Some(&generation.recipe).filter(|recipe| !recipe.translation.is_empty()).cloned()
    }

    fn warnings(&self, generation: &FakeGeneration) -> Result<Warnings, DrawError> {
        let recipe = &generation.recipe;
        if recipe.task.is_description() {
            return Ok(Warnings { description: Some(Box::new(a_lemon_on_blue())), ..Warnings::default() });
        }
        let is_unread = matches!(self.russian, Russian::Unread) && has_cyrillic(recipe.prompt());
        Ok(Warnings { lacks_translation: is_unread && recipe.translation.is_empty(), ..Warnings::default() })
    }

    fn finalize(&mut self, generation: FakeGeneration) -> Finalize {
        let recipe = generation.recipe;
        let is_immense = recipe.prompt() == IMMENSE;
        let picture = move |seed: u64| match is_immense {
            true => png(&noise(2100, 1650)),
            false => png(&RgbImage::from_pixel(64, 64, Rgb([seed as u8, 80, 120]))),
        };
        if recipe.task.is_description() {
            return Box::new(|| Ok(Vec::new()));
        }
        Box::new(move || Ok((0..recipe.count).map(|index| picture(recipe.seed_of(index))).collect()))
    }
}

/// What every picture shows to it.
fn a_lemon_on_blue() -> Description {
    let recognized = |ru: &str, en: &str| Recognized { ru: ru.to_owned(), en: en.to_owned(), percent: 97 };
    Description {
        objects: vec![recognized("лимон", "a lemon")],
        background: Some(recognized("на синем фоне", "on a blue background")),
        style: None,
    }
}
