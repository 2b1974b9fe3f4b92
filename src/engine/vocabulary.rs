//! What a small model knows, by the words for it: `objects.json` in its folder.
//!
//! The full model has no such list and is never said not to know a word. Words are compared without their endings: a prompt has
//! them in any case and number.

use std::collections::HashSet;

use serde::Deserialize;

use crate::kandinsky::{ModelError, ModelFiles};

const FILE: &str = "objects.json";
const FILLER: &str = include_str!("filler_words.txt");
/// Endings of Russian nouns and adjectives and of English plurals, longer ones first.
const ENDINGS: &str = include_str!("word_endings.txt");
/// What is left of a word has at least so many letters.
const STEM: usize = 3;

/// Words of a prompt that the model has not learned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnknownWords {
    /// In lower case, in the prompt's order, each once.
    pub words: Vec<String>,
    /// Whether the model knows nothing at all of what the prompt names.
    pub is_all: bool,
}

/// The words that a model knows.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// Stems of words for things.
    things: HashSet<String>,
    /// Stems of words for backgrounds, and of filler words.
    others: HashSet<String>,
    known: Known,
}

/// The list as it stands in the file.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    pub(super) objects: Vec<Thing>,
    /// Places that an object can be in.
    #[serde(default)]
    pub(super) scenes: Vec<Thing>,
    /// Colours.
    pub(super) backgrounds: Vec<Names>,
}

/// An object or a place.
#[derive(Debug, Deserialize)]
pub(super) struct Thing {
    /// A prompt for it.
    pub(super) prompt: Option<Names>,
    pub(super) words: Synonyms,
}

/// All words for a thing.
#[derive(Debug, Deserialize)]
pub(super) struct Synonyms {
    pub(super) ru: Vec<String>,
    pub(super) en: Vec<String>,
}

/// One name, or one text, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Names {
    pub(super) ru: String,
    pub(super) en: String,
}

impl Vocabulary {
    /// The list of a model folder, where there is one.
    ///
    /// # Errors
    /// It can not be read.
    pub(super) fn read(files: &ModelFiles) -> Result<Option<Self>, ModelError> {
        if !files.has_file(FILE) {
            return Ok(None);
        }
        let known: Known = files.json(FILE)?;
        let Known { objects, scenes, backgrounds } = &known;
        let things = objects.iter().chain(scenes).flat_map(|thing| thing.words.ru.iter().chain(&thing.words.en));
        let filler = FILLER.lines().filter(|line| !line.starts_with('#'));
        let names = backgrounds.iter().flat_map(|names| [names.ru.as_str(), &names.en]);
        let stems = |text: &str| words(text).map(|word| stem(&word)).collect::<Vec<_>>();
        let others: HashSet<String> = filler.chain(names).flat_map(stems).collect();
        // Of "a slice of pizza" and "red apple" neither "of" nor "red" names a thing; a synonym of one word does, whatever it is.
        let of_thing = |text: &String| {
            let stems = stems(text);
            let is_single = stems.len() == 1;
            stems.into_iter().filter(|stem| is_single || !others.contains(stem)).collect::<Vec<_>>()
        };
        let things = things.flat_map(of_thing).collect();
        Ok(Some(Self { things, others, known }))
    }

    /// What it was read from.
    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// The words of a prompt that are not in the list.
    pub(super) fn unknown(&self, prompt: &str) -> UnknownWords {
        let mut unknown = UnknownWords::default();
        let mut knows_something = false;
        for word in words(prompt) {
            let stem = stem(&word);
            if self.things.contains(&stem) {
                knows_something = true;
            } else if !self.others.contains(&stem)
                && word.chars().any(char::is_alphabetic)
                && !unknown.words.contains(&word)
            {
                unknown.words.push(word);
            }
        }
        unknown.is_all = !knows_something && !unknown.words.is_empty();
        unknown
    }
}

/// The words of a text in lower case; the Russian letters yo and ye count as one.
fn words(text: &str) -> impl Iterator<Item = String> {
    let text = text.to_lowercase().replace('\u{451}', "\u{435}");
    let words: Vec<String> = text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect();
    words.into_iter().filter(|word| !word.is_empty())
}

/// A word without its ending.
fn stem(word: &str) -> String {
    let mut cut = ENDINGS.split_whitespace().filter_map(|ending| word.strip_suffix(ending));
    cut.find(|rest| rest.chars().count() >= STEM).unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn miniature() -> Vocabulary {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/models/mini");
        Vocabulary::read(&ModelFiles::folder(folder).unwrap()).unwrap().unwrap()
    }

    fn unknown(prompt: &str) -> UnknownWords {
        miniature().unknown(prompt)
    }

    #[test]
    fn what_it_has_learned_is_known_in_every_case_and_language() {
        for prompt in [
            "красное яблоко на синем фоне",
            "Нарисуй, пожалуйста, милую лису!",
            "рыжего котёнка на жёлтом фоне",
            "a cute fox on a light blue background",
            "two penguins",
            "воздушный шарик, акварель",
            "СОБАКА",
        ] {
            assert_eq!(unknown(prompt), UnknownWords::default(), "{prompt}");
        }
    }

    #[test]
    fn what_it_has_not_learned_is_named_as_it_was_written() {
        let unknown = unknown("красная машина на дороге в Париже, дороге");
        assert_eq!(unknown, UnknownWords { words: vec!["дороге".to_owned(), "париже".to_owned()], is_all: false });
    }

    #[test]
    fn a_prompt_without_a_known_thing_is_told_apart() {
        for prompt in ["логотип для кофейни", "a bowl of ramen", "мальчик на велосипеде", "на синем фоне логотип"]
        {
            assert!(unknown(prompt).is_all, "{prompt}");
        }
        for prompt in ["🎉", "42", "красивая картинка"] {
            assert!(!unknown(prompt).is_all, "{prompt}");
        }
    }

    #[test]
    fn a_short_word_is_not_taken_for_another() {
        assert_eq!(unknown("код").words, ["код"]);
        assert_eq!(unknown("кит").words, Vec::<String>::new());
    }
}
