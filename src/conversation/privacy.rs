//! What is kept of a user and how that is deleted.

use std::time::Duration;

use crate::conversation::{Button, Message, Press};
use crate::i18n::Language;
use crate::jobs::Retention;

/// What is kept, how long and where, by the settings that hold now.
#[must_use]
pub fn privacy(language: Language, retention: &Retention) -> Message {
    let values =
        [("inputs", term(language, retention.inputs).into()), ("results", term(language, retention.results).into())];
    let mut text = language.text_with("privacy", values);
    if retention.disk.is_some() {
        text = format!("{text}\n{}", language.text("privacy-disk"));
    }
    Message::plain(format!("{text}\n\n{}", language.text("privacy-forget")))
}

fn term(language: Language, kept: Option<Duration>) -> String {
    const DAY: u64 = 24 * 3600;
    match kept.map(|kept| kept.as_secs()) {
        None => language.text("privacy-unlimited"),
        Some(seconds) if seconds >= 2 * DAY && seconds.is_multiple_of(DAY) => {
            language.text_with("privacy-days", [("count", (seconds / DAY).into())])
        }
        Some(seconds) => language.text_with("privacy-hours", [("count", seconds.div_ceil(3600).into())]),
    }
}

/// Asks whether everything about a user shall really go.
#[must_use]
pub fn ask(language: Language) -> Message {
    Message::plain(language.text("forget-ask")).row([
        Button::named(language, "button-forget", Press::Forget),
        Button::named(language, "button-forget-not", Press::ForgetNot),
    ])
}

/// Everything is gone; `times_are_kept` if for a day it is remembered when jobs were asked for.
#[must_use]
pub fn forgotten(language: Language, times_are_kept: bool) -> Message {
    let done = language.text("forget-done");
    Message::plain(match times_are_kept {
        true => format!("{done} {}", language.text("forget-done-times")),
        false => done,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: u64) -> Option<Duration> {
        Some(Duration::from_secs(hours * 3600))
    }

    #[test]
    fn the_terms_are_those_of_the_settings() {
        let text = privacy(Language::Ru, &Retention { inputs: hours(24), results: hours(30 * 24), disk: None }).text;
        assert!(
            text.contains("ещё 24 часа") && text.contains("картинки — ещё 30 дней после") && text.contains("/forget"),
            "{text}"
        );
        let text = privacy(Language::Ru, &Retention { inputs: hours(1), results: None, disk: Some(1) }).text;
        assert!(
            text.contains("1 час после")
                && text.contains("картинки — пока вы их не удалите.")
                && text.contains("места"),
            "{text}"
        );
        let text = privacy(Language::En, &Retention { inputs: hours(21), results: hours(48), disk: None }).text;
        assert!(text.contains("21 more hours") && text.contains("2 more days"), "{text}");
    }

    #[test]
    fn the_question_has_a_way_out_and_its_buttons_tell_nothing() {
        let buttons = ask(Language::Ru).buttons.concat();
        let data: Vec<String> = buttons.iter().map(|button| button.press.encode()).collect();
        assert_eq!(data, ["1:forget", "1:forget-not"]);
    }
}
