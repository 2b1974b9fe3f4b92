//! What goes with a finished picture: the caption and the buttons.

use crate::conversation::{Button, Press, shorten};
use crate::i18n::Language;
use crate::jobs::JobId;
use crate::recipe::{Recipe, Size};

/// A caption holds at most this many UTF-16 units (<https://core.telegram.org/bots/api#sendphoto>).
pub const CAPTION_LIMIT: usize = 1024;

/// The official bot's caption, then seed and size. A long prompt is shortened so that everything fits.
#[must_use]
pub fn caption(language: Language, recipe: &Recipe, size: Option<Size>) -> String {
    let prompt = recipe.prompt();
    let whole = caption_with(language, recipe, size, prompt);
    let excess = utf16_len(&whole).saturating_sub(CAPTION_LIMIT);
    match excess {
        0 => whole,
        _ => caption_with(language, recipe, size, &shorten(prompt, utf16_len(prompt).saturating_sub(excess))),
    }
}

fn caption_with(language: Language, recipe: &Recipe, size: Option<Size>, prompt: &str) -> String {
    let style = language.text(&recipe.style.name_key());
    let title = language.text_with("result-caption", [("prompt", prompt.to_owned().into()), ("style", style.into())]);
    let seed = language.text_with("result-seed", [("seed", seeds(recipe).into())]);
    match size {
        Some(size) => format!("{title}\n{seed} · {size}"),
        None => format!("{title}\n{seed}"),
    }
}

fn seeds(recipe: &Recipe) -> String {
    match recipe.count {
        0 | 1 => recipe.seed.to_string(),
        count => format!("{}–{}", recipe.seed, recipe.seed_of(count - 1)),
    }
}

/// The buttons below a finished picture.
#[must_use]
pub fn buttons(language: Language, job: JobId) -> Vec<Vec<Button>> {
    vec![
        vec![
            Button::named(language, "button-again", Press::Again(job)),
            Button::named(language, "button-restyle", Press::Restyles(job)),
        ],
        vec![Button::named(language, "button-file", Press::File(job))],
    ]
}

fn utf16_len(text: &str) -> usize {
    text.encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(prompt: &str) -> Recipe {
        Recipe { style: "anime".parse().unwrap(), ..Recipe::text_to_image(prompt, 123_456).unwrap() }
    }

    #[test]
    fn the_caption_is_the_official_one() {
        assert_eq!(
            caption(Language::Ru, &recipe("кот в шляпе"), Size::new(768, 768)),
            "Результат генерации по запросу \"кот в шляпе\", стиль: \"Аниме\"\nсид 123456 · 768×768"
        );
        assert_eq!(
            caption(Language::En, &recipe("a cat"), None),
            "Generation result for query \"a cat\", style: \"Anime\"\nseed 123456"
        );
    }

    #[test]
    fn special_characters_survive() {
        for prompt in ["<b>\"&amp;*_`[x](y)", "{ $prompt } { \"x\" }", "a\nb", "🧑‍🎨 ёж"] {
            assert!(caption(Language::Ru, &recipe(prompt), None).contains(prompt), "{prompt}");
        }
    }

    #[test]
    fn a_long_prompt_is_shortened_to_fit() {
        for letter in ["я", "🍎"] {
            let caption = caption(Language::Ru, &recipe(&letter.repeat(1000)), Size::new(768, 768));
            assert!(utf16_len(&caption) <= CAPTION_LIMIT);
            assert!(utf16_len(&caption) >= CAPTION_LIMIT - 2, "no more than needed is cut");
            assert!(caption.contains(&format!("{letter}…\", стиль: \"Аниме\"\nсид 123456 · 768×768")), "{caption}");
        }
    }
}
