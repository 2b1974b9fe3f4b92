//! Truncated prompts: the text encoders take 77 tokens.

use super::{Engine, EngineError};
use crate::kandinsky::FitsContext;
use crate::recipe::{Recipe, Task};

/// Which text of a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextRole {
    /// The prompt.
    Prompt,
    /// A part of a mix, by its number from 1 on.
    Part(usize),
    /// The negative prompt.
    Negative,
}

/// A text that is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TruncatedText {
    /// Which one.
    pub role: TextRole,
    /// Its end, from the first word that one of the text encoders cuts off; of a styled prompt, with the style's words.
    pub rest: String,
}

impl Engine {
    /// All texts of a recipe that are too long, as they are encoded: translated, with the words of the style.
    ///
    /// # Errors
    /// If the tokenizers refuse a text.
    pub fn truncated_texts(&self, recipe: &Recipe) -> Result<Vec<TruncatedText>, EngineError> {
        let styled = |text: &str| recipe.style.apply(text);
        let mut truncated = Vec::new();
        let mut look = |role: TextRole, written: &str| -> Result<(), EngineError> {
            let (by_prior, by_decoder) = recipe.readings(written);
            let (by_prior, by_decoder) = match role {
                TextRole::Negative => (by_prior.to_owned(), by_decoder.to_owned()),
                TextRole::Prompt | TextRole::Part(_) => (styled(by_prior), styled(by_decoder)),
            };
            let for_prior_alone = matches!(role, TextRole::Part(_));
            let rest = self.truncated(&by_prior, &by_decoder, for_prior_alone)?;
            truncated.extend(rest.map(|rest| TruncatedText { role, rest: rest.to_owned() }));
            Ok(())
        };
        match &recipe.task {
            Task::Mix { parts } => {
                for (part, number) in parts.iter().zip(1..) {
                    part.text().map_or(Ok(()), |text| look(TextRole::Part(number), text))?;
                }
            }
            task => task.texts().into_iter().try_for_each(|text| look(TextRole::Prompt, text))?,
        }
        recipe.negative.as_deref().map_or(Ok(()), |text| look(TextRole::Negative, text))?;
        Ok(truncated)
    }

    /// The end of the first text of a recipe that is too long, as it is read, from the first word that one of the text encoders
    /// cuts off.
    ///
    /// # Errors
    /// If the tokenizers refuse the text.
    pub fn truncated_text<'a>(&self, recipe: &'a Recipe) -> Result<Option<&'a str>, EngineError> {
        // Of a mix the decoder is given the style alone.
        let for_prior_alone = matches!(recipe.task, Task::Mix { .. });
        for written in recipe.task.texts() {
            let (by_prior, by_decoder) = recipe.readings(written);
            let rest = self.truncated(by_prior, by_decoder, for_prior_alone)?;
            if rest.is_some() {
                return Ok(rest);
            }
        }
        Ok(None)
    }

    /// The same of the negative prompt, which both text encoders read in every task.
    ///
    /// # Errors
    /// If the tokenizers refuse the text.
    pub fn truncated_negative<'a>(&self, recipe: &'a Recipe) -> Result<Option<&'a str>, EngineError> {
        recipe.negative.as_deref().map_or(Ok(None), |written| {
            let (by_prior, by_decoder) = recipe.readings(written);
            self.truncated(by_prior, by_decoder, false)
        })
    }

    /// The end of a text that is too long for one of its readers, from the first word that is cut off.
    fn truncated<'a>(
        &self,
        by_prior: &'a str,
        by_decoder: &'a str,
        for_prior_alone: bool,
    ) -> Result<Option<&'a str>, EngineError> {
        let is_same = by_prior == by_decoder;
        let rest = self.rest_of(by_prior, |read| read.of_prior && (for_prior_alone || !is_same || read.of_decoder))?;
        match rest {
            None if !for_prior_alone && !is_same => self.rest_of(by_decoder, |read| read.of_decoder),
            rest => Ok(rest),
        }
    }

    fn rest_of<'a>(
        &self,
        text: &'a str,
        is_read: impl Fn(FitsContext) -> bool,
    ) -> Result<Option<&'a str>, EngineError> {
        let fits = |end: usize| Ok::<_, EngineError>(is_read(self.model().fits_context(&text[..end])?));
        Ok(if fits(text.len())? { None } else { Some(from_whole_word(text, longest(text, fits)?)) })
    }
}

/// The longest beginning that fits, in bytes. The caller knows that the whole does not.
fn longest(text: &str, fits: impl Fn(usize) -> Result<bool, EngineError>) -> Result<usize, EngineError> {
    let ends: Vec<usize> = text.char_indices().map(|(index, _)| index).collect();
    let (mut fitting, mut too_long) = (0, ends.len());
    while too_long - fitting > 1 {
        let middle = usize::midpoint(fitting, too_long);
        if fits(ends[middle])? {
            fitting = middle;
        } else {
            too_long = middle;
        }
    }
    Ok(ends.get(fitting).copied().unwrap_or(0))
}

/// The text after `read` bytes, including the whole of a word that was cut.
fn from_whole_word(text: &str, read: usize) -> &str {
    let (head, tail) = text.split_at(read);
    let is_cut = !tail.starts_with(char::is_whitespace);
    let start = if is_cut { head.rfind(char::is_whitespace).unwrap_or(read) } else { read };
    text[start..].trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{DeviceKind, EngineOptions, MemoryPlan};
    use crate::recipe::PartContent;

    #[test]
    fn the_end_begins_with_a_whole_word() {
        assert_eq!(from_whole_word("red apple tree", 6), "apple tree");
        assert_eq!(from_whole_word("red apple tree", 9), "tree");
        assert_eq!(from_whole_word("красноеяблоко", 14), "яблоко");
    }

    #[test]
    fn the_longest_beginning_is_found() {
        let text = "я".repeat(100);
        for limit in [1_usize, 37, 99] {
            assert_eq!(longest(&text, |end| Ok(end <= 2 * limit)).unwrap(), 2 * limit);
        }
    }

    #[test]
    fn every_text_that_is_cut_is_named() {
        let (device, memory) = (DeviceKind::Cpu, MemoryPlan::Low);
        let engine = Engine::load(&EngineOptions { device, memory, ..EngineOptions::default() }).unwrap();
        let long = "a red apple on a blue background ".repeat(25).trim_end().to_owned();
        let roles = |recipe: &Recipe| -> Vec<TextRole> {
            engine.truncated_texts(recipe).unwrap().into_iter().map(|text| text.role).collect()
        };
        let short = Recipe::text_to_image("a lemon", 1).unwrap();
        assert_eq!(roles(&short), []);
        assert_eq!(roles(&Recipe { negative: Some(long.clone()), ..short.clone() }), [TextRole::Negative]);
        let both = Recipe { negative: Some(long.clone()), ..Recipe::text_to_image(&long, 1).unwrap() };
        assert_eq!(roles(&both), [TextRole::Prompt, TextRole::Negative]);
        let text = |prompt: &str| PartContent::Text { prompt: prompt.to_owned() };
        let mix = Task::mix(vec![PartContent::Picture, text("a lemon"), text(&long), text(&long)], None).unwrap();
        assert_eq!(roles(&Recipe { task: mix, ..short.clone() }), [TextRole::Part(3), TextRole::Part(4)]);
        // A prompt that just fits leaves no place for the words of its style.
        let read = long.strip_suffix(&*engine.truncated_texts(&both).unwrap()[0].rest).unwrap();
        let fitting = Recipe::text_to_image(read, 1).unwrap();
        assert_eq!(roles(&fitting), []);
        let style = crate::styles::Style::all().find(|style| style.apply("x").len() > 30).unwrap();
        assert_eq!(roles(&Recipe { style, ..fitting }), [TextRole::Prompt]);
    }

    #[test]
    fn a_long_text_is_told_from_a_short_one() {
        let (device, memory) = (DeviceKind::Cpu, MemoryPlan::Low);
        let engine = Engine::load(&EngineOptions { device, memory, ..EngineOptions::default() }).unwrap();
        let short = Recipe::text_to_image("красное яблоко на синем фоне", 1).unwrap();
        assert_eq!(engine.truncated_text(&short).unwrap(), None);
        for words in ["красное яблоко на синем фоне ", "a red apple on a blue background "] {
            let text = words.repeat(25);
            let recipe = Recipe::text_to_image(&text, 1).unwrap();
            let truncated = engine.truncated_text(&recipe).unwrap().unwrap();
            let read = text.trim().strip_suffix(truncated).unwrap();
            assert!(read.ends_with(' ') && read.len() > 100, "{read:?}");
            let whole = engine.model().fits_context(read).unwrap();
            assert!(whole.of_prior && whole.of_decoder);
            // One word more would be too long.
            let more = format!("{read}{}", truncated.split(' ').next().unwrap());
            let more = engine.model().fits_context(&more).unwrap();
            assert!(!(more.of_prior && more.of_decoder));
            // The negative prompt has the same bounds.
            let negative = Recipe { negative: Some(text.trim().to_owned()), ..short.clone() };
            assert_eq!(engine.truncated_negative(&negative).unwrap(), Some(truncated));
            assert_eq!(engine.truncated_negative(&recipe).unwrap(), None);
            // In a mix each text is read by itself, by the prior alone.
            let part = PartContent::Text { prompt: text.clone() };
            let mix = Task::mix(vec![PartContent::Picture, part], None).unwrap();
            assert!(engine.truncated_text(&Recipe { task: mix, ..recipe.clone() }).unwrap().is_some());
        }
    }
}
