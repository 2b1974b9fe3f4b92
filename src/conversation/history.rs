//! The user's latest pictures.

use crate::conversation::style_names::style_name_key;
use crate::conversation::{Button, Message, Press, shorten};
use crate::i18n::Language;
use crate::jobs::DeliveredJob;
use crate::recipe::Task;

/// How many are on a page; one more is looked up to know whether there is another page.
pub const ON_A_PAGE: usize = 8;
const PROMPT_SHOWN: usize = 60;

/// A page of results, latest first; a button for each sends it again.
pub(super) fn page(language: Language, recent: &[DeliveredJob]) -> Message {
    if recent.is_empty() {
        return Message::plain(language.text("history-empty"));
    }
    let shown = &recent[..recent.len().min(ON_A_PAGE)];
    let lines = shown.iter().enumerate().map(|(index, delivered)| line(language, index + 1, delivered));
    let text = std::iter::once(language.text("history-title")).chain(lines).collect::<Vec<_>>().join("\n");
    let button = |(index, delivered): (usize, &DeliveredJob)| {
        Button::new((index + 1).to_string(), Press::Resend(delivered.job.id))
    };
    let buttons: Vec<Button> = shown.iter().enumerate().map(button).collect();
    let message = Message { text, buttons: buttons.chunks(4).map(<[Button]>::to_vec).collect() };
    match shown.last().filter(|_| recent.len() > ON_A_PAGE) {
        Some(last) => message.row([Button::named(language, "button-older", Press::History(last.job.id.0))]),
        None => message,
    }
}

fn line(language: Language, number: usize, delivered: &DeliveredJob) -> String {
    let recipe = &delivered.job.recipe;
    let name = match recipe.prompt() {
        "" => super::result::task_title(language, &recipe.task),
        prompt => {
            let prompt = shorten(&prompt.split_whitespace().collect::<Vec<_>>().join(" "), PROMPT_SHOWN);
            language.text_with("history-prompt", [("prompt", prompt.into())])
        }
    };
    match recipe.task {
        Task::Upscale { scale, .. } => format!("{number}. {name} · {scale}×"),
        _ => format!("{number}. {name} · {}", language.text(&style_name_key(recipe.style))),
    }
}
