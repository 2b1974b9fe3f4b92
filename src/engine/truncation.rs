//! Truncated prompts: the text encoders take 77 tokens.

use super::{Engine, EngineError};
use crate::kandinsky::FitsContext;
use crate::recipe::{Recipe, Task};

impl Engine {
    /// The end of the first text of a recipe that is too long, as it is read, from the first word that one of the text encoders
    /// cuts off.
    ///
    /// # Errors
    /// If the tokenizers refuse the text.
    pub fn truncated_text<'a>(&self, recipe: &'a Recipe) -> Result<Option<&'a str>, EngineError> {
        // Of a mix the decoder is given the style alone.
        let for_prior_alone = matches!(recipe.task, Task::Mix { .. });
        for written in recipe.task.texts() {
            let (by_prior, by_decoder) =
                (recipe.translation.for_prior(written), recipe.translation.for_decoder(written));
            let end = self.truncated(by_prior, |read| {
                read.of_prior && (for_prior_alone || by_decoder != by_prior || read.of_decoder)
            })?;
            let end = match end {
                None if !for_prior_alone && by_decoder != by_prior => {
                    self.truncated(by_decoder, |read| read.of_decoder)?
                }
                end => end,
            };
            if end.is_some() {
                return Ok(end);
            }
        }
        Ok(None)
    }

    /// The end of a text that does not fit.
    fn truncated<'a>(
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
            // In a mix each text is read by itself, by the prior alone.
            let part = PartContent::Text { prompt: text.clone() };
            let mix = Task::mix(vec![PartContent::Picture, part], None).unwrap();
            assert!(engine.truncated_text(&Recipe { task: mix, ..recipe.clone() }).unwrap().is_some());
        }
    }
}
