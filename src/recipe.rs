//! A recipe: everything that decides a picture.
//!
//! One type travels through the whole house: it is composed in the chat, stored with the job, executed by the engine and
//! written into the PNG. The same recipe on the same machine and model gives the same bytes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::styles::Style;

/// The longest prompt that is accepted, in characters (not bytes).
pub const PROMPT_LIMIT: usize = 1000;
/// The most pictures that one recipe may ask for.
pub const COUNT_LIMIT: u32 = 16;

/// Everything that decides a picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// What is asked for.
    pub task: Task,
    /// A preset whose English suffix is appended to the prompt.
    #[serde(default)]
    pub style: Style,
    /// What should not be in the picture.
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
}

/// What kind of picture is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Task {
    /// A picture from a description.
    TextToImage {
        /// The description as the person wrote it, without the style's suffix.
        prompt: String,
    },
}

/// Numbers that the model's folder has defaults for; `None` takes the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Width and height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// Denoising steps of the decoder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Classifier-free guidance of the decoder; up to 1 means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<f64>,
    /// Steps of the diffusion prior.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior_steps: Option<u32>,
    /// Classifier-free guidance of the diffusion prior; up to 1 means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior_guidance: Option<f64>,
    /// The decoder's sampler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampler: Option<SamplerName>,
}

/// The decoder's sampler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplerName {
    /// Denoising diffusion implicit models, eta 0 (<https://arxiv.org/abs/2010.02502>).
    Ddim,
}

/// Width and height of a picture in pixels, each from 64 to 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Size {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// What is wrong with a recipe's part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
        /// What was given.
        text: String,
    },
    /// A name that is no sampler.
    #[error("{name:?} is no sampler; there is: ddim")]
    BadSampler {
        /// What was given.
        name: String,
    },
    /// No picture, or more than [`COUNT_LIMIT`].
    #[error("{count} pictures were asked for; 1 to {COUNT_LIMIT} can be drawn at once")]
    BadCount {
        /// What was asked for.
        count: u32,
    },
}

impl Recipe {
    /// A recipe for one picture from a description, all else at its default.
    ///
    /// # Errors
    /// [`RecipeError::EmptyPrompt`] and [`RecipeError::LongPrompt`].
    pub fn text_to_image(prompt: &str, seed: u64) -> Result<Self, RecipeError> {
        let prompt = check_prompt(prompt)?;
        Ok(Self {
            task: Task::TextToImage { prompt },
            style: Style::default(),
            negative: None,
            seed,
            count: 1,
            settings: Settings::default(),
        })
    }

    /// The description as the person wrote it.
    #[must_use]
    pub fn prompt(&self) -> &str {
        match &self.task {
            Task::TextToImage { prompt } => prompt,
        }
    }

    /// The description with the style's suffix, as the model reads it.
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

impl Size {
    /// The shortest side, in pixels.
    pub const MIN: u32 = 64;
    /// The longest side, in pixels.
    pub const MAX: u32 = 1024;

    /// A size whose sides are in range.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Option<Self> {
        let sides = Self::MIN..=Self::MAX;
        (sides.contains(&width) && sides.contains(&height)).then_some(Self { width, height })
    }

    /// Both sides alike.
    #[must_use]
    pub fn square(side: u32) -> Self {
        Self { width: side, height: side }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.width, self.height)
    }
}

impl FromStr for Size {
    type Err = RecipeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (width, height) = text.split_once(['x', 'X', '×', 'х', 'Х'])?;
            Self::new(width.trim().parse().ok()?, height.trim().parse().ok()?)
        };
        parse().ok_or_else(|| RecipeError::BadSize { text: text.to_owned() })
    }
}

impl FromStr for SamplerName {
    type Err = RecipeError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "ddim" => Ok(Self::Ddim),
            _ => Err(RecipeError::BadSampler { name: name.to_owned() }),
        }
    }
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
    fn sizes_are_read_in_every_spelling() {
        for text in ["768x512", "768X512", "768×512", "768 х 512"] {
            assert_eq!(text.parse(), Ok(Size { width: 768, height: 512 }), "{text}");
        }
        for text in ["63x64", "64x1025", "768", "x", "-1x64", "axb"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
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
    fn pictures_of_a_batch_have_seeds_in_a_row() {
        let recipe = Recipe::text_to_image("кот", u64::MAX).unwrap().with_count(2).unwrap();
        assert_eq!(recipe.seed_of(1), 0);
        assert_eq!(recipe.single(1), Recipe::text_to_image("кот", 0).unwrap());
    }
}
