//! What the user is to know about a picture, below its caption.

use crate::conversation::result::CAPTION_LIMIT;
use crate::conversation::shorten;
use crate::i18n::Language;
use crate::jobs::Warnings;

/// A caption with a line about each text that was truncated, if any. A long prompt is shortened to make room.
#[must_use]
pub fn with_warnings(language: Language, caption: String, prompt: &str, warnings: &Warnings) -> String {
    let notes = notes(language, warnings);
    if notes.is_empty() { caption } else { with_remark(&caption, prompt, &notes.join("\n\n")) }
}

/// One line for each thing that the user is to know.
fn notes(language: Language, warnings: &Warnings) -> Vec<String> {
    let texts = [("result-unread", &warnings.truncated), ("result-unread-negative", &warnings.truncated_negative)];
    let cut = |(key, words): (&str, &Option<String>)| {
        words.as_ref().map(|words| language.text_with(key, [("words", words.clone().into())]))
    };
    let resampled = warnings.resampled.then(|| language.text("result-resampled"));
    unknown_words(language, warnings).into_iter().chain(texts.into_iter().filter_map(cut)).chain(resampled).collect()
}

/// What a small model has not learned.
fn unknown_words(language: Language, warnings: &Warnings) -> Option<String> {
    let quoted = |word: &String| language.text_with("quoted-word", [("word", word.clone().into())]);
    let words: Vec<String> = warnings.unknown_words.iter().map(quoted).collect();
    let key = if warnings.knows_nothing { "result-knows-nothing" } else { "result-unknown-words" };
    let values = [("count", words.len().into()), ("words", words.join(", ").into())];
    (!words.is_empty()).then(|| language.text_with(key, values))
}

/// A caption, which may be empty, with a remark below it. A long prompt is shortened to make room.
#[must_use]
pub fn with_remark(caption: &str, prompt: &str, remark: &str) -> String {
    if caption.is_empty() {
        return remark.to_owned();
    }
    let length = |text: &str| text.encode_utf16().count();
    let excess = (length(caption) + 2 + length(remark)).saturating_sub(CAPTION_LIMIT);
    let caption = if excess == 0 { caption.to_owned() } else { shortened(caption, prompt, excess) };
    format!("{caption}\n\n{remark}")
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
        assert!(text.starts_with("«кот в красной шляпе»"), "{text}");
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
    fn words_that_the_miniature_does_not_know_are_named() {
        let noted = |words: &[&str], knows_nothing| {
            let unknown_words = words.iter().map(|&word| word.to_owned()).collect();
            let warnings = Warnings { unknown_words, knows_nothing, ..Warnings::default() };
            with_warnings(Language::Ru, "Подпись".to_owned(), "", &warnings)
        };
        assert_eq!(noted(&["шляпа"], false), "Подпись\n\nМини-модель не знает слова «шляпа» и рисовала без него.");
        assert!(noted(&["шляпа", "космос"], false).contains("не знает слов «шляпа», «космос» и рисовала без них"));
        assert!(noted(&["логотип"], true).contains("(«логотип»), и нарисовала наугад"));
    }

    #[test]
    fn however_long_the_prompt_the_caption_fits_and_keeps_its_end() {
        for letter in ["я", "🍎"] {
            for count in [880, 920, 960, 1000] {
                let text = noted(&letter.repeat(count));
                let length = text.encode_utf16().count();
                assert!(length <= CAPTION_LIMIT && length > CAPTION_LIMIT - 130, "{length}");
                assert!(text.contains("…»\n\n") || text.contains(&letter.repeat(count)), "{text}");
            }
        }
    }
}
