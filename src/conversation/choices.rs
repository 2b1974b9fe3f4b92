//! Pages of choices: proportions and numbers of pictures, for a card and for the chat's settings alike.

use crate::conversation::card_press::CardPress;
use crate::conversation::draft::COUNT_MOST;
use crate::conversation::{Button, Message, Press};
use crate::i18n::Language;
use crate::recipe::Ratio;

/// The label of what is chosen now is ticked.
pub(super) fn ticked(label: String, is_chosen: bool) -> String {
    if is_chosen { format!("✅ {label}") } else { label }
}

/// Which proportions? `press` says whose they become.
pub(super) fn ratios(language: Language, current: Ratio, native: u32, press: impl Fn(CardPress) -> Press) -> Message {
    let button = |ratio: Ratio| {
        let label = format!("{ratio} · {}", ratio.size(native));
        Button::new(ticked(label, ratio == current), press(CardPress::Ratio(ratio)))
    };
    let rows = Ratio::OFFERED.chunks(2).map(|row| row.iter().map(|ratio| button(*ratio)).collect());
    let message = Message { text: language.text("size-choose"), buttons: rows.collect() };
    message.row([back(language, press(CardPress::Show))])
}

/// How many pictures?
pub(super) fn counts(language: Language, current: u32, press: impl Fn(CardPress) -> Press) -> Message {
    let button = |count: u32| Button::new(ticked(count.to_string(), count == current), press(CardPress::Count(count)));
    Message::plain(language.text("count-choose"))
        .row((1..=COUNT_MOST).map(button).collect::<Vec<_>>())
        .row([back(language, press(CardPress::Show))])
}

/// Back to where the choice was opened.
pub(super) fn back(language: Language, press: Press) -> Button {
    Button::named(language, "button-back", press)
}
