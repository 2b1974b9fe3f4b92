//! English texts that a recipe is drawn by, in place of those that the user wrote.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PartContent, Recipe, Task};

/// English texts by the texts that the user wrote. What is not among them is read as it was written, unless the engine adds it; a
/// text that stands for itself is read as it was written in any case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Translation {
    /// By the text that was written.
    pub texts: BTreeMap<String, String>,
    /// Only the prior reads the English texts; the decoder reads what was written.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub only_for_prior: bool,
}

impl Translation {
    /// Whether nothing is translated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The English text in place of one that was written; `None` if that is read as it was written.
    #[must_use]
    pub fn english(&self, written: &str) -> Option<&str> {
        self.texts.get(written).map(String::as_str).filter(|english| *english != written)
    }

    /// The text that the prior reads.
    #[must_use]
    pub fn for_prior<'a>(&'a self, text: &'a str) -> &'a str {
        self.texts.get(text).map_or(text, String::as_str)
    }

    /// The text that the decoder reads.
    #[must_use]
    pub fn for_decoder<'a>(&'a self, text: &'a str) -> &'a str {
        if self.only_for_prior { text } else { self.for_prior(text) }
    }
}

impl Recipe {
    /// Every text that the user wrote and that is read: of a mix all its texts, and the negative prompt.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.task.texts().into_iter().chain(self.negative.as_deref()).collect()
    }

    /// The same recipe, drawn by these English texts; those of other texts than its own are left out.
    #[must_use]
    pub fn with_translation(&self, mut translation: Translation) -> Self {
        let texts = self.texts();
        translation.texts.retain(|written, _| texts.contains(&written.as_str()));
        let translation = if translation.is_empty() { Translation::default() } else { translation };
        Self { translation, ..self.clone() }
    }

    /// The first of its texts that has an English one, and that one: of the prompt, or of the first part of a mix.
    #[must_use]
    pub fn first_translated(&self) -> Option<(&str, &str)> {
        self.texts().into_iter().find_map(|written| Some((written, self.translation.english(written)?)))
    }

    /// The same recipe, in which each text that has Cyrillic letters and no English text yet is read as it was written: with a
    /// translator as without one.
    #[must_use]
    pub fn as_written(&self) -> Self {
        let mut translation = self.translation.clone();
        for text in self.texts().into_iter().filter(|text| has_cyrillic(text)) {
            translation.texts.entry(text.to_owned()).or_insert_with(|| text.to_owned());
        }
        self.with_translation(translation)
    }

    /// One of its texts as the prior and as the decoder read it.
    #[must_use]
    pub fn readings<'a>(&'a self, text: &'a str) -> (&'a str, &'a str) {
        (self.translation.for_prior(text), self.translation.for_decoder(text))
    }

    /// The recipe as the prior reads it: the English texts in place of those that were written.
    #[must_use]
    pub fn read_by_prior(&self) -> Self {
        self.with_texts(|text| self.translation.for_prior(text))
    }

    /// The recipe as the decoder reads it.
    #[must_use]
    pub fn read_by_decoder(&self) -> Self {
        self.with_texts(|text| self.translation.for_decoder(text))
    }

    fn with_texts<'a>(&'a self, read: impl Fn(&'a str) -> &'a str) -> Self {
        let mut recipe = self.clone();
        match (&mut recipe.task, &self.task) {
            (Task::Mix { parts }, Task::Mix { parts: written }) => {
                for (part, written) in parts.iter_mut().zip(written) {
                    if let (PartContent::Text { prompt }, Some(written)) = (&mut part.content, written.text()) {
                        read(written).clone_into(prompt);
                    }
                }
            }
            (
                Task::TextToImage { prompt }
                | Task::Change { prompt, .. }
                | Task::Inpaint { prompt, .. }
                | Task::Outpaint { prompt, .. },
                written,
            ) => read(written.prompt()).clone_into(prompt),
            _ => {}
        }
        recipe.negative = self.negative.as_deref().map(|text| read(text).to_owned());
        recipe
    }
}

/// Whether a text has Cyrillic letters.
#[must_use]
pub fn has_cyrillic(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{400}'..='\u{52f}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translation(pairs: &[(&str, &str)]) -> Translation {
        let texts = pairs.iter().map(|(written, english)| ((*written).to_owned(), (*english).to_owned())).collect();
        Translation { texts, only_for_prior: false }
    }

    #[test]
    fn each_text_is_read_in_english() {
        let text = |prompt: &str| PartContent::Text { prompt: prompt.to_owned() };
        let contents = vec![text("кот"), PartContent::Picture, text("cat"), text("пёс")];
        let recipe =
            Recipe { negative: Some("шум".to_owned()), ..Recipe::new(Task::mix(contents, None).unwrap(), 1) };
        let english = translation(&[("кот", "a cat"), ("пёс", "a dog"), ("шум", "noise"), ("ёж", "a hedgehog")]);
        let recipe = recipe.with_translation(english);
        assert_eq!(recipe.translation.texts.len(), 3, "the hedgehog is in no text");
        assert_eq!(recipe.texts(), ["кот", "cat", "пёс", "шум"]);
        assert_eq!(recipe.read_by_prior().texts(), ["a cat", "cat", "a dog", "noise"]);
        assert_eq!(recipe.read_by_decoder().texts(), ["a cat", "cat", "a dog", "noise"]);
        let only_for_prior = Translation { only_for_prior: true, ..recipe.translation.clone() };
        assert_eq!(recipe.with_translation(only_for_prior).read_by_decoder().texts(), recipe.texts());
    }

    #[test]
    fn another_prompt_leaves_the_translation_of_the_first_behind() {
        let recipe = Recipe::text_to_image("кот", 1).unwrap().with_translation(translation(&[("кот", "a cat")]));
        let other = recipe.with_prompt("ёж").unwrap();
        assert!(other.translation.is_empty());
        assert_eq!(other.read_by_prior().prompt(), "ёж");
        let same = recipe.with_seed(5).with_prompt(" кот ").unwrap();
        assert_eq!(same.read_by_prior().prompt(), "a cat");
    }

    #[test]
    fn a_text_that_stands_for_itself_is_read_as_it_was_written() {
        let recipe = Recipe { negative: Some("шум".to_owned()), ..Recipe::text_to_image("кот", 1).unwrap() };
        let recipe = recipe.with_translation(translation(&[("шум", "noise")])).as_written();
        assert_eq!(recipe.read_by_prior().texts(), ["кот", "noise"]);
        assert_eq!(recipe.first_translated(), Some(("шум", "noise")));
        assert_eq!(recipe.as_written(), recipe);
        assert!(recipe.with_prompt("ёж").unwrap().translation.english("ёж").is_none());
        let english = Recipe::text_to_image("a cat", 1).unwrap();
        assert_eq!(english.as_written(), english, "nothing would be translated anyway");
    }

    #[test]
    fn a_recipe_without_a_translation_is_stored_as_before() {
        let recipe = Recipe::text_to_image("кот", 1).unwrap();
        assert!(!serde_json::to_string(&recipe).unwrap().contains("translation"));
        let recipe = recipe.with_translation(translation(&[("кот", "a cat")]));
        let text = serde_json::to_string(&recipe).unwrap();
        assert!(text.contains(r#""translation":{"texts":{"кот":"a cat"}}"#), "{text}");
        assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), recipe);
    }
}
