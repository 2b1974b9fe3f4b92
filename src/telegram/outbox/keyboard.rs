//! Buttons in the platform's terms.

use teloxide::types::{InlineKeyboardButton, InlineKeyboardMarkup};

use crate::conversation::Button;

/// Rows of buttons as an inline keyboard. No buttons make an empty keyboard, which takes an old one away.
pub(in crate::telegram) fn keyboard(rows: &[Vec<Button>]) -> InlineKeyboardMarkup {
    let button = |button: &Button| InlineKeyboardButton::callback(button.label.clone(), button.press.encode());
    InlineKeyboardMarkup::new(rows.iter().map(|row| row.iter().map(button).collect::<Vec<_>>()))
}
