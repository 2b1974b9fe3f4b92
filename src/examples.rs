//! Prompts to suggest to somebody who does not know what to write.

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use crate::i18n::Language;

/// A prompt to try, in both languages; one that the model at hand draws well.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Example {
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
}

/// `models/mini/objects.json`: what the embedded miniature has learned to draw.
#[derive(Deserialize)]
struct Miniature {
    objects: Vec<Object>,
}

#[derive(Deserialize)]
struct Object {
    prompt: Example,
}

/// What the miniature drew for some of its prompts, as JPEG; a file is named after the English prompt. `models/mini/train/tiles.py` makes
/// them.
static TILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/models/mini/tiles");

/// The keys in `locales/` of prompts for the full model.
const FULL_MODEL: [&str; 4] = ["example-space-cat", "example-winter-village", "example-teapot-house", "example-sea"];

impl Example {
    /// The prompt in a language.
    #[must_use]
    pub fn prompt(&self, language: Language) -> &str {
        match language {
            Language::Ru => &self.ru,
            Language::En => &self.en,
        }
    }

    /// What the miniature drew for this prompt (JPEG), where there is such a picture.
    #[must_use]
    pub fn tile(&self) -> Option<&'static [u8]> {
        TILES.get_file(format!("{}.jpg", self.en.replace(' ', "-"))).map(include_dir::File::contents)
    }

    /// What the embedded miniature can draw, one prompt for each object.
    #[must_use]
    pub fn of_miniature() -> Vec<Self> {
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini/objects.json"));
        // The file is part of the program, and a test reads it.
        let miniature: Miniature = serde_json::from_str(text).unwrap_or(Miniature { objects: Vec::new() });
        miniature.objects.into_iter().map(|object| object.prompt).collect()
    }

    /// What shows the full model at its best.
    #[must_use]
    pub fn of_full_model() -> Vec<Self> {
        let example = |key| Self { ru: Language::Ru.text(key), en: Language::En.text(key) };
        FULL_MODEL.into_iter().map(example).collect()
    }
}

/// A few of them, spread over the whole list.
#[must_use]
pub fn some_of(examples: &[Example], count: usize) -> Vec<Example> {
    let stride = examples.len().div_ceil(count.max(1)).max(1);
    examples.iter().step_by(stride).take(count).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_miniature_suggests_prompts_in_both_languages() {
        let examples = Example::of_miniature();
        assert!(examples.len() >= 60);
        assert!(examples.iter().all(|example| !example.ru.is_empty() && example.en.is_ascii()));
        assert_eq!(some_of(&examples, 4).len(), 4);
    }

    #[test]
    fn every_tile_shows_a_prompt_of_the_miniature() {
        let examples = Example::of_miniature();
        let shown = examples.iter().filter_map(Example::tile).count();
        assert!(shown >= 12 && shown == TILES.files().count(), "{shown} of {}", TILES.files().count());
        assert!(Example::of_full_model().iter().all(|example| example.tile().is_none()));
    }

    #[test]
    fn the_full_models_prompts_are_in_the_locales() {
        assert!(
            Example::of_full_model().iter().all(|example| example.ru != example.en && !example.ru.contains("example-"))
        );
    }
}
