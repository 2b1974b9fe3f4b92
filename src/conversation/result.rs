//! What goes with a finished picture: the caption and the buttons.

use crate::conversation::press::PicturePress;
use crate::conversation::style_names::style_name_key;
use crate::conversation::{Button, Message, Press, choices, shorten};
use crate::i18n::{Language, Value};
use crate::jobs::{JobId, JobSummary};
use crate::recipe::{Recipe, Size, Task};
use crate::styles::Style;

/// A caption holds at most this many UTF-16 units (<https://core.telegram.org/bots/api#sendphoto>).
pub const CAPTION_LIMIT: usize = 1024;

/// Characters of the English texts among a job's parameters.
const TRANSLATION_LIMIT: usize = 512;

/// What was done and by which words, the style if there is one, and the size, in one line. A long prompt is shortened so that
/// everything fits.
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
    if let Task::Upscale { scale, .. } = recipe.task {
        return larger_caption(language, scale, size, prompt);
    }
    let title = match &recipe.task {
        Task::TextToImage { .. } => language.text_with("result-caption", [("prompt", prompt.to_owned().into())]),
        task if prompt.is_empty() => language.text(&format!("result-{}", task_name(task))),
        task => {
            let what = task_title(language, task);
            language.text_with("result-told", [("what", what.into()), ("prompt", prompt.to_owned().into())])
        }
    };
    let style = (recipe.style != Style::default()).then(|| language.text(&style_name_key(recipe.style)));
    let parts = [Some(title), style, size.map(|size| size.to_string())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How many times as large, the size, and what it shows where that is known.
fn larger_caption(language: Language, scale: u32, size: Option<Size>, prompt: &str) -> String {
    let times = language.text_with("result-upscale", [("scale", scale.into())]);
    let title = size.map_or(times.clone(), |size| format!("{times}: {size}"));
    match prompt {
        "" => title,
        prompt => format!("{title}\n{}", language.text_with("quoted-word", [("word", prompt.to_owned().into())])),
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
pub fn buttons(language: Language, job: &JobSummary, index: u32) -> Vec<Vec<Button>> {
    let (recipe, id) = (&job.recipe, job.id);
    let with = |key: &str, press: PicturePress| Button::named(language, key, Press::Picture(id, index, press));
    let mut rows = numbers(recipe, id, index);
    if recipe.task.is_upscale() {
        // The same once more would be the same picture.
        rows.push(vec![with("button-variations", PicturePress::Vary), with("button-mix", PicturePress::Mix)]);
    } else {
        let named = |key: &str, press: Press| Button::named(language, key, press);
        let again = if matches!(recipe.task, Task::Mix { .. }) { "button-mix-anew" } else { "button-again" };
        rows.push(vec![named(again, Press::Again(id)), with("button-variations", PicturePress::Vary)]);
        rows.push(vec![named("button-reprompt", Press::Reprompt(id)), named("button-restyle", Press::Restyles(id))]);
        rows.push(vec![with("button-mix", PicturePress::Mix), with("button-upscale", PicturePress::Upscale)]);
    }
    rows.push(vec![with("button-inpaint", PicturePress::Inpaint), with("button-outpaint", PicturePress::Outpaint)]);
    rows.push(vec![Button::named(language, "button-editor", Press::Editor(Some((id, index))))]);
    rows.push(last_row(language, job, index));
    rows
}

/// Which of several pictures the other buttons are about.
fn numbers(recipe: &Recipe, job: JobId, index: u32) -> Vec<Vec<Button>> {
    let number = |other: u32| {
        let label = choices::ticked((other + 1).to_string(), other == index);
        Button::new(label, Press::Picture(job, other, PicturePress::Pick))
    };
    let shown = if recipe.count > 1 { recipe.count } else { 0 };
    // More than eight in a row can not be read.
    (0..shown).map(number).collect::<Vec<_>>().chunks(8).map(<[Button]>::to_vec).collect()
}

/// What concerns the job: its files, parameters and end. A larger picture is a file already, unless it came covered, and can
/// become larger still.
fn last_row(language: Language, job: &JobSummary, index: u32) -> Vec<Button> {
    let named = |key: &str, press: Press| Button::named(language, key, press);
    let is_upscale = job.recipe.task.is_upscale();
    let larger = Press::Picture(job.id, index, PicturePress::Upscale);
    let mut row = Vec::new();
    row.extend(is_upscale.then(|| named("button-upscale", larger)));
    row.extend(
        (!is_upscale || job.warnings.flagged.contains(&index)).then(|| named("button-file", Press::File(job.id))),
    );
    row.extend([
        named("button-info", Press::Info(job.id)),
        Button::named(language, "button-ask-delete", Press::Picture(job.id, index, PicturePress::AskDelete)),
    ]);
    row
}

/// In place of all those: whether it shall be deleted.
#[must_use]
pub fn deletion_buttons(language: Language, job: JobId, index: u32) -> Vec<Vec<Button>> {
    vec![vec![
        Button::named(language, "button-delete", Press::Delete(job)),
        Button::named(language, "button-keep", Press::Picture(job, index, PicturePress::Keep)),
    ]]
}

/// Everything that decided a job's pictures.
#[must_use]
pub fn info(language: Language, job: &JobSummary) -> Message {
    // Of a larger picture, what decided the one that it comes from.
    let recipe = job.recipe.origin();
    let mut lines = vec![task_title(language, &job.recipe.task)];
    let mut add = |key: &str, value: Value| lines.push(language.text_with(key, [("value", value)]));
    if let Task::Upscale { scale, .. } = job.recipe.task {
        add("info-scale", format!("{scale}×").into());
    }
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
    if !recipe.task.is_upscale() {
        parameters(language, recipe, &mut add);
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

/// What every picture is drawn with.
fn parameters(language: Language, recipe: &Recipe, add: &mut impl FnMut(&str, Value)) {
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
        Task::Describe => "describe",
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
    fn the_caption_says_in_one_line_what_was_done() {
        let size = Size::new(768, 768);
        assert_eq!(caption(Language::Ru, &recipe("кот в шляпе"), size), "«кот в шляпе» · Аниме · 768×768");
        let plain = Recipe { style: Style::default(), ..recipe("a cat") };
        assert_eq!(caption(Language::En, &plain, None), "“a cat”");
        let changed = Task::Change { prompt: "кит".to_owned(), strength: 0.5 };
        let changed = Recipe { task: changed, ..plain.clone() };
        assert_eq!(caption(Language::Ru, &changed, size), "Изменение по тексту: «кит» · 768×768");
        let varied = Recipe { task: Task::Variation { closeness: 0.0 }, ..plain };
        assert_eq!(caption(Language::Ru, &varied, None), "Вариация");
    }

    #[test]
    fn a_larger_picture_says_its_size_and_what_it_shows() {
        let larger = Recipe::new(Task::upscale(2).unwrap(), 0);
        let size = Some(Size { width: 1536, height: 1536 });
        assert_eq!(caption(Language::Ru, &larger, size), "Увеличил в 2 раза: 1536×1536");
        let larger = larger.with_source(recipe("кот в шляпе"));
        assert_eq!(caption(Language::Ru, &larger, size), "Увеличил в 2 раза: 1536×1536\n«кот в шляпе»");
        assert_eq!(caption(Language::En, &larger, size), "Enlarged 2×: 1536×1536\n“кот в шляпе”");
    }

    #[test]
    fn special_characters_survive() {
        for prompt in ["<b>\"&amp;*_`[x](y)", "{ $prompt } { \"x\" }", "a\nb", "🧑‍🎨 ёж"] {
            assert!(caption(Language::Ru, &recipe(prompt), None).contains(prompt), "{prompt}");
        }
    }

    #[test]
    fn a_long_prompt_is_shortened_to_fit() {
        let whole = "я".repeat(1000);
        assert!(caption(Language::Ru, &recipe(&whole), Size::new(768, 768)).contains(&whole));
        let caption = caption(Language::Ru, &recipe(&"🍎".repeat(1000)), Size::new(768, 768));
        assert!(utf16_len(&caption) <= CAPTION_LIMIT);
        assert!(utf16_len(&caption) >= CAPTION_LIMIT - 2, "no more than needed is cut");
        assert!(caption.contains("🍎…» · Аниме · 768×768"), "{caption}");
    }
}
