//! The message that says what a picture shows.

use crate::conversation::style_names::style_name_key;
use crate::conversation::{Button, DescribedPress, Message, Press};
use crate::i18n::Language;
use crate::jobs::JobId;
use crate::recipe::{Description, Recognized};

/// What the picture shows, with buttons to draw that.
#[must_use]
pub fn message(language: Language, job: JobId, description: &Description) -> Message {
    let Some(prompt) = prompt(language, description) else {
        return Message::plain(language.text("described-nothing"));
    };
    let seems = language.text_with("described", [("prompt", prompt.into())]);
    let style = description.style.map(|recognized| {
        let style = language.text(&style_name_key(recognized.style));
        language.text_with("described-style", [("style", style.into())])
    });
    let text = [Some(seems), style].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let text = [Some(text), other_objects(language, description)].into_iter().flatten().collect::<Vec<_>>().join("\n");
    let button = |key: &str, press| Button::named(language, key, Press::Described(job, press));
    Message::plain(text)
        .row([button("button-described-draw", DescribedPress::Draw), button("button-reprompt", DescribedPress::Edit)])
}

/// The description as a prompt.
pub(super) fn prompt(language: Language, description: &Description) -> Option<String> {
    description.prompt(|recognized| name(language, recognized))
}

/// What it may be instead.
fn other_objects(language: Language, description: &Description) -> Option<String> {
    let names: Vec<&str> = description.objects.iter().skip(1).map(|object| name(language, object)).collect();
    (!names.is_empty()).then(|| language.text_with("described-others", [("names", names.join(", ").into())]))
}

fn name(language: Language, recognized: &Recognized) -> &str {
    match language {
        Language::Ru => &recognized.ru,
        Language::En => &recognized.en,
    }
}
