//! What goes with a finished picture: the caption and the buttons.

use crate::conversation::press::PicturePress;
use crate::conversation::style_names::style_name_key;
use crate::conversation::{Button, Message, Press, choices, shorten};
use crate::i18n::{Language, Value};
use crate::jobs::{JobId, JobSummary};
use crate::recipe::{Recipe, Size, Task};

/// A caption holds at most this many UTF-16 units (<https://core.telegram.org/bots/api#sendphoto>).
pub const CAPTION_LIMIT: usize = 1024;

/// Characters of the English texts among a job's parameters.
const TRANSLATION_LIMIT: usize = 512;

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
    let style = language.text(&style_name_key(recipe.style));
    // Without a text the caption says what was done.
    let key =
        if prompt.is_empty() { format!("result-{}", task_name(&recipe.task)) } else { "result-caption".to_owned() };
    let title = language.text_with(&key, [("prompt", prompt.to_owned().into()), ("style", style.into())]);
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

/// The buttons below a finished picture, or below the album of which it is one (`index` from 0).
#[must_use]
pub fn buttons(language: Language, recipe: &Recipe, job: JobId, index: u32) -> Vec<Vec<Button>> {
    let named = |key: &str, press: Press| Button::named(language, key, press);
    let with = |key: &str, press: PicturePress| named(key, Press::Picture(job, index, press));
    let again = if matches!(recipe.task, Task::Mix { .. }) { "button-mix-anew" } else { "button-again" };
    let mut rows = Vec::new();
    if recipe.count > 1 {
        let number = |other: u32| {
            let label = choices::ticked((other + 1).to_string(), other == index);
            Button::new(label, Press::Picture(job, other, PicturePress::Pick))
        };
        // More than eight in a row can not be read.
        let numbers: Vec<Button> = (0..recipe.count).map(number).collect();
        rows.extend(numbers.chunks(8).map(<[Button]>::to_vec));
    }
    rows.push(vec![named(again, Press::Again(job)), with("button-variations", PicturePress::Vary)]);
    rows.push(vec![named("button-reprompt", Press::Reprompt(job)), named("button-restyle", Press::Restyles(job))]);
    rows.push(vec![
        with("button-mix", PicturePress::Mix),
        with("button-inpaint", PicturePress::Inpaint),
        with("button-outpaint", PicturePress::Outpaint),
    ]);
    rows.push(vec![
        named("button-file", Press::File(job)),
        named("button-info", Press::Info(job)),
        named("button-delete", Press::Delete(job)),
    ]);
    rows
}

/// Everything that decided a job's pictures.
#[must_use]
pub fn info(language: Language, job: &JobSummary) -> Message {
    let recipe = &job.recipe;
    let mut lines = vec![task_title(language, &recipe.task)];
    let mut add = |key: &str, value: Value| lines.push(language.text_with(key, [("value", value)]));
    if !recipe.prompt().is_empty() {
        add("card-prompt", shorten(recipe.prompt(), CAPTION_LIMIT).into());
    }
    let english = english_texts(recipe);
    if !english.is_empty() {
        add("info-translation", shorten(&english.join(" · "), TRANSLATION_LIMIT).into());
    }
    if let Task::Mix { parts } = &recipe.task {
        let shares: Vec<String> = parts.iter().map(|part| format!("{:.0} %", part.weight * 100.0)).collect();
        add("info-shares", shares.join(" : ").into());
    }
    match recipe.task {
        Task::Change { strength, .. } => add("info-strength", percent(strength)),
        Task::Variation { closeness } if closeness > 0.0 => add("info-closeness", percent(closeness)),
        _ => {}
    }
    add("card-style", language.text(&style_name_key(recipe.style)).into());
    if let Some(negative) = &recipe.negative {
        add("card-negative", shorten(negative, CAPTION_LIMIT).into());
    }
    add("card-seed", seeds(recipe).into());
    if let Some(size) = recipe.settings.size {
        add("card-size", size.to_string().into());
    }
    if let Some(steps) = recipe.settings.steps {
        add("info-steps", steps.to_string().into());
    }
    let mut message = Message::plain(lines.join("\n"));
    if recipe.first_translated().is_some() {
        message = message.row([Button::named(language, "button-english", Press::English(job.id))]);
    }
    if recipe.task.inputs() > 0 {
        return message;
    }
    message.row([
        Button::named(language, "button-to-card", Press::ToCard(job.id)),
        Button::named(language, "button-share", Press::Share(job.id)),
    ])
}

/// The English texts that were drawn in place of those of the user.
fn english_texts(recipe: &Recipe) -> Vec<&str> {
    recipe.texts().into_iter().filter_map(|text| recipe.translation.english(text)).collect()
}

fn percent(share: f64) -> Value {
    format!("{:.0} %", share * 100.0).into()
}

/// What was done, in a word.
pub(super) fn task_title(language: Language, task: &Task) -> String {
    language.text(&format!("task-{}", task_name(task)))
}

/// The part of a text's key that says what was done.
fn task_name(task: &Task) -> &'static str {
    match task {
        Task::TextToImage { .. } => "draw",
        Task::Mix { .. } => "mix",
        Task::Variation { .. } => "vary",
        Task::Change { .. } => "change",
        Task::Inpaint { .. } => "inpaint",
        Task::Outpaint { .. } => "outpaint",
        Task::Upscale { .. } => "upscale",
    }
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
