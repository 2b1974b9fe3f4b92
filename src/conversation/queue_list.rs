//! The list of a user's jobs.

use crate::conversation::result::task_title;
use crate::conversation::{Button, Message, OwnJob, Press, shorten, status};
use crate::i18n::Language;
use crate::jobs::{JobState, Work};

/// More jobs than these are only counted.
const SHOWN: usize = 10;
const PROMPT_SHOWN: usize = 60;
const LABEL_SHOWN: usize = 24;

/// `/queue`: the jobs with position and time, and a button to cancel each.
pub(super) fn list(language: Language, jobs: &[&OwnJob]) -> Message {
    if jobs.is_empty() {
        return Message::plain(language.text("queue-empty"));
    }
    let title = language.text_with("queue-title", [("count", jobs.len().into())]);
    let message = Message { text: with_lines(language, title, jobs), buttons: cancel_rows(language, jobs) };
    message.row([Button::named(language, "button-refresh", Press::Queue)])
}

/// `/cancel` with several jobs: which one?
pub(super) fn choice(language: Language, jobs: &[&OwnJob]) -> Message {
    let title = language.text("cancel-which");
    let message = Message { text: with_lines(language, title, jobs), buttons: cancel_rows(language, jobs) };
    message.row([Button::named(language, "button-cancel-all", Press::CancelAll)])
}

fn with_lines(language: Language, title: String, jobs: &[&OwnJob]) -> String {
    let mut lines = vec![title, String::new()];
    lines.extend(jobs.iter().take(SHOWN).enumerate().map(|(index, job)| line(language, index + 1, job)));
    if jobs.len() > SHOWN {
        lines.push(language.text_with("queue-more", [("count", (jobs.len() - SHOWN).into())]));
    }
    lines.join("\n")
}

fn line(language: Language, number: usize, own: &OwnJob) -> String {
    let state = match own.job.state {
        JobState::Running => Some(status::progress_line(language, Work::of(&own.job.recipe), own.job.progress)),
        _ => status::position_line(language, own.position),
    };
    let name = match own.job.recipe.prompt() {
        "" => format!("{number}. {}", task_title(language, &own.job.recipe.task)),
        prompt => {
            let prompt = shorten(&single_line(prompt), PROMPT_SHOWN);
            language.text_with("queue-job", [("number", number.into()), ("prompt", prompt.into())])
        }
    };
    state.map_or(name.clone(), |state| format!("{name}\n{state}"))
}

fn cancel_rows(language: Language, jobs: &[&OwnJob]) -> Vec<Vec<Button>> {
    let button = |(index, own): (usize, &&OwnJob)| {
        let name = match own.job.recipe.prompt() {
            "" => task_title(language, &own.job.recipe.task),
            prompt => shorten(&single_line(prompt), LABEL_SHOWN),
        };
        Button::new(format!("✖️ {}. {name}", index + 1), Press::CancelListed(own.job.id))
    };
    jobs.iter().take(SHOWN).enumerate().map(button).map(|button| vec![button]).collect()
}

fn single_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
