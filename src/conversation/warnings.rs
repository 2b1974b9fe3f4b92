//! What the user is to know about a picture, below its caption.

use crate::conversation::result::CAPTION_LIMIT;
use crate::conversation::shorten;
use crate::i18n::Language;
use crate::jobs::Warnings;

/// A caption with a line about each text that was truncated, if any. A long prompt is shortened to make room.
#[must_use]
pub fn with_warnings(language: Language, caption: String, prompt: &str, warnings: &Warnings) -> String {
    let texts = [("result-unread", &warnings.truncated), ("result-unread-negative", &warnings.truncated_negative)];
    let note = |(key, words): (&str, &Option<String>)| {
        words.as_ref().map(|words| language.text_with(key, [("words", words.clone().into())]))
    };
    let notes: String = texts.into_iter().filter_map(note).map(|note| format!("\n\n{note}")).collect();
    let length = |text: &str| text.encode_utf16().count();
    let excess = (length(&caption) + length(&notes)).saturating_sub(CAPTION_LIMIT);
    let caption = if excess == 0 { caption } else { shortened(&caption, prompt, excess) };
    caption + &notes
}

/// The caption with that many UTF-16 units less of the prompt in it, which may be shortened already.
fn shortened(caption: &str, prompt: &str, excess: usize) -> String {
    let whole = caption.find(prompt).filter(|_| !prompt.is_empty()).map(|start| start + prompt.len());
    let end = whole.or_else(|| caption.find('…')).unwrap_or(caption.len());
    let (head, tail) = caption.split_at(end);
    let tail = tail.trim_start_matches('…');
    let kept = (head.encode_utf16().count() + (caption.len() - end - tail.len()).min(1)).saturating_sub(excess);
    format!("{}{tail}", shorten(head, kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::result::caption;
    use crate::recipe::Recipe;

    fn noted(prompt: &str) -> String {
        let recipe = Recipe::text_to_image(prompt, 5).unwrap();
        let warnings = Warnings { truncated: Some("в красной шляпе".to_owned()), ..Warnings::default() };
        with_warnings(Language::Ru, caption(Language::Ru, &recipe, None), recipe.prompt(), &warnings)
    }

    #[test]
    fn what_was_not_read_is_told_by_its_first_words() {
        let text = noted("кот в красной шляпе");
        assert!(text.starts_with("Результат генерации по запросу \"кот в красной шляпе\""), "{text}");
        assert!(text.ends_with("начиная со слов «в красной шляпе…», я не учёл."), "{text}");
        let nothing = with_warnings(Language::Ru, "caption".to_owned(), "", &Warnings::default());
        assert_eq!(nothing, "caption");
    }

    #[test]
    fn a_truncated_negative_is_told_like_a_truncated_prompt() {
        let recipe = Recipe::text_to_image("кот", 5).unwrap();
        let negative = Some("снег и лёд".to_owned());
        let captioned =
            |warnings: Warnings| with_warnings(Language::Ru, caption(Language::Ru, &recipe, None), "кот", &warnings);
        let text = captioned(Warnings { truncated_negative: negative.clone(), ..Warnings::default() });
        assert!(text.ends_with("начиная со слов «снег и лёд…», я не учёл."), "{text}");
        let both =
            Warnings {
                truncated: Some("в шляпе".to_owned()), truncated_negative: negative, ..Warnings::default()
            };
        let text = captioned(both);
        assert!(text.contains("«в шляпе…»") && text.contains("«снег и лёд…»"), "{text}");
    }

    #[test]
    fn however_long_the_prompt_the_caption_fits_and_keeps_its_end() {
        for letter in ["я", "🍎"] {
            for count in [880, 920, 960, 1000] {
                let text = noted(&letter.repeat(count));
                let length = text.encode_utf16().count();
                assert!(length <= CAPTION_LIMIT && length > CAPTION_LIMIT - 130, "{length}");
                assert!(text.contains("…\", стиль: \"Без стиля\"\nсид 5\n\n") || count < 900, "{text}");
            }
        }
    }
}
