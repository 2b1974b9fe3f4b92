//! A recipe: everything that decides a picture.
//!
//! One type goes through the whole program: it is composed in the chat, stored with the job, executed by the engine and
//! written into the PNG. The same recipe on the same machine and model gives the same bytes.

mod description;
mod ratio;
mod settings;
mod size;
mod task;
mod translation;
mod window;

use serde::{Deserialize, Serialize};

pub use description::{Description, Recognized, RecognizedStyle};
pub use ratio::Ratio;
pub use settings::Settings;
pub use size::Size;
pub use task::{Margins, Part, PartContent, SCALES, Task};
pub use translation::{Translation, has_cyrillic};
pub use window::Window;

pub use crate::kandinsky::{PriorSamplerKind, SamplerKind};
pub use crate::styles::Style;

/// The longest prompt that is accepted, in characters (not bytes).
pub const PROMPT_LIMIT: usize = 1000;
/// The most pictures that one recipe may ask for.
pub const COUNT_LIMIT: u32 = 16;
/// The most steps of a sampler.
pub const STEPS_LIMIT: u32 = 1000;
/// The most pictures and texts that can be mixed.
pub const PARTS_LIMIT: usize = 10;

/// Everything that decides a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// The task.
    pub task: Task,
    /// A preset whose English suffix is appended to the prompt.
    #[serde(default)]
    pub style: Style,
    /// The negative prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negative: Option<String>,
    /// Seed of the first picture; picture *i* (from 0) has `seed + i`.
    pub seed: u64,
    /// How many pictures.
    #[serde(default = "one")]
    pub count: u32,
    /// Everything that has a default in the model's folder.
    #[serde(default)]
    pub settings: Settings,
    /// English texts by which it is drawn, for a model that does not read what the user wrote.
    #[serde(default, skip_serializing_if = "Translation::is_empty")]
    pub translation: Translation,
}

/// Why a recipe is not valid.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RecipeError {
    /// Nothing but white space.
    #[error("the prompt is empty; say what to draw")]
    EmptyPrompt,
    /// More than [`PROMPT_LIMIT`] characters.
    #[error("the prompt has {length} characters; at most {PROMPT_LIMIT} are accepted")]
    LongPrompt {
        /// Characters in the prompt.
        length: usize,
    },
    /// Not of the form `WxH`, or a side out of range.
    #[error("{text:?} is no size; write WIDTHxHEIGHT with sides from {min} to {max}, for example 768x512", min = Size::MIN, max = Size::MAX)]
    BadSize {
        /// The given value.
        text: String,
    },
    /// Not of the form `W:H`, or too long and thin.
    #[error("{text:?} is no ratio; write WIDTH:HEIGHT, for example 16:9, with one side at most {most} times the other", most = Ratio::MAX_ASPECT)]
    BadRatio {
        /// The given value.
        text: String,
    },
    /// No picture, or more than [`COUNT_LIMIT`].
    #[error("{count} pictures were asked for; 1 to {COUNT_LIMIT} can be drawn at once")]
    BadCount {
        /// The requested number.
        count: u32,
    },
    /// A strength outside of (0, 1].
    #[error("the strength is {strength}; it is the share that changes: more than 0, at most 1")]
    BadStrength {
        /// The given value.
        strength: f64,
    },
    /// A closeness outside of [0, 1).
    #[error(
        "the closeness is {closeness}; it must be at least 0 (only the same idea) and less than 1 (the same picture)"
    )]
    BadCloseness {
        /// The given value.
        closeness: f64,
    },
    /// Too few parts, or too many.
    #[error("{parts} parts were given; 1 to {PARTS_LIMIT} can be mixed")]
    BadParts {
        /// How many were given.
        parts: usize,
    },
    /// Not one weight for each part.
    #[error("{weights} weights were given for {parts} parts; give one for each")]
    WeightCount {
        /// Weights given.
        weights: usize,
        /// Parts given.
        parts: usize,
    },
    /// A weight that is negative or no number, or all zero.
    #[error("weights must be numbers from 0 up, and not all 0")]
    BadWeight,
    /// A number of denoising steps that nobody can wait for, or none.
    #[error("{steps} steps were asked for; 1 to {STEPS_LIMIT} can be taken")]
    BadSteps {
        /// The given value.
        steps: u32,
    },
    /// A scale that no upscaler has.
    #[error("the scale is {scale}; pictures are drawn 2 or 4 times as large")]
    BadScale {
        /// The given value.
        scale: u32,
    },
    /// A window that no model could look through.
    #[error(
        "a window is X,Y,WIDTHxHEIGHT in pixels of the picture, for example -200,40,768x768; its sides have 8 to 16384 pixels"
    )]
    BadWindow,
    /// Nowhere to extend to.
    #[error("nothing to add: give at least one of the margins left, right, top and bottom in pixels")]
    NoMargins,
}

impl Recipe {
    /// A recipe for one picture from a prompt, all else at its default.
    ///
    /// # Errors
    /// [`RecipeError::EmptyPrompt`] and [`RecipeError::LongPrompt`].
    pub fn text_to_image(prompt: &str, seed: u64) -> Result<Self, RecipeError> {
        Ok(Self::new(Task::text_to_image(prompt)?, seed))
    }

    /// A recipe for one picture, all else at its default.
    #[must_use]
    pub fn new(task: Task, seed: u64) -> Self {
        Self {
            task,
            style: Style::default(),
            negative: None,
            seed,
            count: 1,
            settings: Settings::default(),
            translation: Translation::default(),
        }
    }

    /// Checks a recipe that was read: somebody else may have written it, or an earlier version with other bounds.
    ///
    /// # Errors
    /// [`RecipeError`] for the first thing that is wrong.
    pub fn check(&self) -> Result<(), RecipeError> {
        self.task.check()?;
        self.negative.as_deref().map(check_prompt).transpose()?;
        if !(1..=COUNT_LIMIT).contains(&self.count) {
            return Err(RecipeError::BadCount { count: self.count });
        }
        if let Some(size) = self.settings.size.filter(|size| Size::new(size.width, size.height).is_none()) {
            return Err(RecipeError::BadSize { text: size.to_string() });
        }
        let steps = [self.settings.steps, self.settings.prior_steps].into_iter().flatten();
        match steps.into_iter().find(|steps| !(1..=STEPS_LIMIT).contains(steps)) {
            Some(steps) => Err(RecipeError::BadSteps { steps }),
            None => Ok(()),
        }
    }

    /// The prompt as the user wrote it; empty where there is none.
    #[must_use]
    pub fn prompt(&self) -> &str {
        self.task.prompt()
    }

    /// The prompt with the style's suffix, as the decoder reads it.
    #[must_use]
    pub fn styled_prompt(&self) -> String {
        self.style.apply(self.prompt())
    }

    /// The seed of picture `index` (from 0).
    #[must_use]
    pub fn seed_of(&self, index: u32) -> u64 {
        self.seed.wrapping_add(u64::from(index))
    }

    /// The recipe that draws picture `index` (from 0) alone.
    #[must_use]
    pub fn single(&self, index: u32) -> Self {
        Self { seed: self.seed_of(index), count: 1, ..self.clone() }
    }

    /// The same recipe with another prompt. A variation, which has none, becomes a change by it.
    ///
    /// # Errors
    /// Those of [`check_prompt`].
    pub fn with_prompt(&self, prompt: &str) -> Result<Self, RecipeError> {
        let recipe = Self { task: self.task.with_prompt(prompt)?, ..self.clone() };
        Ok(recipe.with_translation(self.translation.clone()))
    }

    /// The recipe of an upscaled picture with that of the picture that it comes from; any other recipe is left as it is.
    #[must_use]
    pub fn with_source(&self, source: Self) -> Self {
        match self.task {
            Task::Upscale { scale, .. } => {
                Self { task: Task::Upscale { scale, source: Some(Box::new(source)) }, ..self.clone() }
            }
            _ => self.clone(),
        }
    }

    /// The recipe by which the picture was drawn: of an upscaled one that of the picture it comes from, where that is known.
    #[must_use]
    pub fn origin(&self) -> &Self {
        match &self.task {
            Task::Upscale { source: Some(source), .. } => source.origin(),
            _ => self,
        }
    }

    /// The same recipe with another seed.
    #[must_use]
    pub fn with_seed(&self, seed: u64) -> Self {
        Self { seed, ..self.clone() }
    }

    /// Checks the number of pictures.
    ///
    /// # Errors
    /// [`RecipeError::BadCount`].
    pub fn with_count(self, count: u32) -> Result<Self, RecipeError> {
        if !(1..=COUNT_LIMIT).contains(&count) {
            return Err(RecipeError::BadCount { count });
        }
        Ok(Self { count, ..self })
    }
}

/// Trims a prompt and checks its length.
///
/// # Errors
/// [`RecipeError::EmptyPrompt`] and [`RecipeError::LongPrompt`].
pub fn check_prompt(prompt: &str) -> Result<String, RecipeError> {
    let prompt = prompt.trim();
    let length = prompt.chars().count();
    match length {
        0 => Err(RecipeError::EmptyPrompt),
        _ if length > PROMPT_LIMIT => Err(RecipeError::LongPrompt { length }),
        _ => Ok(prompt.to_owned()),
    }
}

fn one() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_are_trimmed_and_bounded() {
        assert_eq!(check_prompt("  кот \n"), Ok("кот".to_owned()));
        assert_eq!(check_prompt(" \t"), Err(RecipeError::EmptyPrompt));
        assert!(check_prompt(&"я".repeat(PROMPT_LIMIT)).is_ok());
        assert_eq!(check_prompt(&"я".repeat(1001)), Err(RecipeError::LongPrompt { length: 1001 }));
    }

    #[test]
    fn a_stored_recipe_is_read_back() {
        let recipe = Recipe::text_to_image("красное яблоко", 7).unwrap();
        let text = serde_json::to_string(&recipe).unwrap();
        assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), recipe);
    }

    #[test]
    fn a_recipe_from_an_older_version_gets_defaults() {
        let text = r#"{"task":{"kind":"text_to_image","prompt":"кот"},"seed":5}"#;
        assert_eq!(serde_json::from_str::<Recipe>(text).unwrap(), Recipe::text_to_image("кот", 5).unwrap());
    }

    #[test]
    fn a_recipe_that_was_read_checks_itself() {
        let good =
            Recipe { negative: Some("вода".to_owned()), count: 16, ..Recipe::text_to_image("кот", 1).unwrap() };
        assert_eq!(good.check(), Ok(()));
        let steps = |steps| Settings { steps: Some(steps), ..Settings::default() };
        let size = Settings { size: Some(Size { width: 9, height: 9 }), ..Settings::default() };
        for bad in [
            Recipe { count: 0, ..good.clone() },
            Recipe { count: 1_000_000, ..good.clone() },
            Recipe { negative: Some("x".repeat(1001)), ..good.clone() },
            Recipe { settings: steps(0), ..good.clone() },
            Recipe { settings: steps(1_000_000), ..good.clone() },
            Recipe { settings: size, ..good.clone() },
            Recipe { task: Task::TextToImage { prompt: " ".to_owned() }, ..good.clone() },
            Recipe { task: Task::Mix { parts: Vec::new() }, ..good.clone() },
            Recipe { task: Task::Variation { closeness: 1.0 }, ..good.clone() },
            Recipe { task: Task::Change { prompt: "кот".to_owned(), strength: f64::NAN }, ..good.clone() },
            Recipe { task: Task::Outpaint { prompt: String::new(), margins: Margins::default() }, ..good.clone() },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn pictures_of_a_batch_have_seeds_in_a_row() {
        let recipe = Recipe::text_to_image("кот", u64::MAX).unwrap().with_count(2).unwrap();
        assert_eq!(recipe.seed_of(1), 0);
        assert_eq!(recipe.single(1), Recipe::text_to_image("кот", 0).unwrap());
    }
}
