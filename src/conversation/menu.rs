//! The greeting, the help and the choice of a language.

use crate::conversation::mode::Mode;
use crate::conversation::press::SettingsPress;
use crate::conversation::setting_words::language_named;
use crate::conversation::{Button, Example, ExampleKey, Message, Press, Under};
use crate::i18n::Language;

/// The first message of a chat: what the bot does, and prompts to try.
pub(super) fn greeting(language: Language, is_private: bool, examples: &[Example]) -> Message {
    let how = language.text(if is_private { "greeting-how" } else { "greeting-how-in-group" });
    let examples_line = if examples.is_empty() { String::new() } else { language.text("greeting-examples") };
    let text = format!("{}\n\n{how} {examples_line}", language.text("greeting"));
    let mut message = Message { text: text.trim_end().to_owned(), buttons: example_rows(language, examples) };
    message.buttons.extend(mode_rows(language));
    message
        .row([
            Button::named(language, "button-styles", Press::Styles),
            Button::named(language, "button-settings", Press::Settings(SettingsPress::Show)),
        ])
        .row([Button::named(language, "button-help", Press::Help), language_button(language, Under::Greeting)])
}

/// All that can be done, two in a row; the most usual has a row of its own.
fn mode_rows(language: Language) -> Vec<Vec<Button>> {
    let button = |mode: Mode| Button::named(language, &format!("menu-{}", mode.name()), Press::Begin(mode));
    let (first, others) = Mode::OFFERED.split_at(1);
    let mut rows = vec![first.iter().map(|mode| button(*mode)).collect()];
    let (pairs, last) = others.split_at(others.len() / 2 * 2);
    rows.extend(pairs.chunks(2).map(|row| row.iter().map(|mode| button(*mode)).collect()));
    rows.extend((!last.is_empty()).then(|| last.iter().map(|mode| button(*mode)).collect()));
    rows
}

pub(super) fn example_rows(language: Language, examples: &[Example]) -> Vec<Vec<Button>> {
    let button = |(index, example): (usize, &Example)| {
        let prompt = example.prompt(language);
        Button::new(prompt.to_owned(), Press::Example(ExampleKey::new(index, language, prompt)))
    };
    examples.iter().enumerate().map(button).map(|button| vec![button]).collect()
}

/// How to use the bot, and who made the translator, where one is used.
pub(super) fn help(language: Language, translates: bool) -> Message {
    let credit = if translates { format!("\n\n{}", language.text("help-translator")) } else { String::new() };
    Message::plain(language.text("help") + &credit)
        .row([Button::named(language, "button-styles", Press::Styles), language_button(language, Under::Help)])
        .row([Button::named(language, "button-editor", Press::Editor(None))])
}

/// The message that names the language, in that language.
pub(super) fn language_changed(language: Language) -> Message {
    Message::plain(language.text("language-changed")).row([language_button(language, Under::Notice)])
}

/// The language that is meant by `/lang`'s argument; without one, the other than now.
pub(super) fn language_asked(argument: &str, now: Language) -> Option<Language> {
    if argument.trim().is_empty() { Some(other(now)) } else { language_named(argument) }
}

pub(super) fn language_button(now: Language, under: Under) -> Button {
    let language = other(now);
    Button::new(format!("🌐 {}", language.text("language-name")), Press::Language { language, under })
}

fn other(language: Language) -> Language {
    match language {
        Language::Ru => Language::En,
        Language::En => Language::Ru,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_asked_for_by_code_by_name_or_by_nothing() {
        assert_eq!(language_asked("", Language::Ru), Some(Language::En));
        assert_eq!(language_asked("ru", Language::Ru), Some(Language::Ru));
        assert_eq!(language_asked(" Русский", Language::En), Some(Language::Ru));
        assert_eq!(language_asked("english", Language::Ru), Some(Language::En));
        assert_eq!(language_asked("deutsch", Language::Ru), None);
    }
}
