//! The page of a chat's settings.

use crate::conversation::card_press::CardPress;
use crate::conversation::draft::Awaited;
use crate::conversation::menu::language_button;
use crate::conversation::mode::Mode;
use crate::conversation::press::SettingsPress;
use crate::conversation::style_picker::name as style_name;
use crate::conversation::{Button, ChatState, Message, Press, Under, shorten};
use crate::i18n::{Language, Value};

const NEGATIVE_SHOWN: usize = 300;

/// What is set, and buttons to change it. `native` is the side of the model's own square pictures; where nothing is translated,
/// nothing is said of that.
pub(super) fn page(language: Language, state: &ChatState, native: u32, translates: bool) -> Message {
    let mut lines = vec![language.text("settings-title"), String::new()];
    let mut add = |key: &str, value: Value| lines.push(language.text_with(key, [("value", value)]));
    add("settings-speed", language.text(if state.classic { "speed-classic" } else { "speed-quick" }).into());
    add("card-style", style_name(language, state.style));
    add("card-size", format!("{} · {}", state.ratio, state.ratio.size(native)).into());
    add("card-count", state.count.to_string().into());
    let negative = state.negative.as_deref().map(|negative| shorten(negative, NEGATIVE_SHOWN));
    add("card-negative", negative.unwrap_or_else(|| language.text("card-none")).into());
    add("card-seed", state.seed.map_or_else(|| language.text("card-seed-any"), |seed| seed.to_string()).into());
    add("settings-previews", language.text(if state.previews { "yes" } else { "no" }).into());
    if translates {
        add("settings-translate", language.text(if state.translate { "yes" } else { "no" }).into());
    }
    let captions = match state.captions {
        None => "captions-ask",
        Some(Mode::Mix) => "captions-mix",
        Some(_) => "captions-change",
    };
    add("settings-captions", language.text(captions).into());
    Message { text: lines.join("\n"), buttons: rows(language, state, translates) }
}

fn rows(language: Language, state: &ChatState, translates: bool) -> Vec<Vec<Button>> {
    let button = |key: &str, press: SettingsPress| Button::named(language, key, Press::Settings(press));
    let choice = |key: &str, press: CardPress| button(key, SettingsPress::Card(press));
    let mut rows = vec![
        vec![button(if state.classic { "button-quick" } else { "button-classic" }, SettingsPress::Speed)],
        vec![Button::named(language, "button-style", Press::Styles), choice("button-size", CardPress::Ratios)],
        vec![choice("button-count", CardPress::Counts), choice("button-negative", CardPress::Negative)],
        vec![
            choice("button-seed", CardPress::Seed),
            button(if state.previews { "button-no-previews" } else { "button-previews" }, SettingsPress::Previews),
        ],
        vec![button("button-captions", SettingsPress::Captions), language_button(language, Under::Settings)],
    ];
    if translates {
        let key = if state.translate { "button-no-translation" } else { "button-translate" };
        rows.push(vec![button(key, SettingsPress::Translate)]);
    }
    rows
}

/// Asks for a text that becomes a setting.
pub(super) fn question(language: Language, key: &str, what: Awaited) -> Message {
    let (label, press) = match what {
        Awaited::Seed => ("button-random-seed", CardPress::RandomSeed),
        _ => ("button-no-negative", CardPress::NoNegative),
    };
    let button =
        |key: &str, press: CardPress| Button::named(language, key, Press::Settings(SettingsPress::Card(press)));
    Message::plain(language.text(key)).row([button(label, press)]).row([button("button-back", CardPress::Show)])
}
