//! The conversation: a pure state machine from what a user does to what the bot answers.
//!
//! [`respond`] takes the state of a chat, an [`Event`] and its [`Context`], and returns the new state and the [`Action`]s.
//! It does no I/O and knows neither the chat platform nor the store: the caller looks things up before and
//! carries the actions out afterwards. All words come from `locales/`.
//!
//! A new mode of drawing gets a file of its own here, its [`Press`]es, and what it has to remember as a field of
//! [`ChatState`].

mod action;
pub mod advice;
pub mod api_keys;
mod card;
mod card_press;
mod choices;
mod commands;
mod correction;
pub mod description;
mod draft;
mod event;
mod extension;
mod flag;
mod flag_syntax;
mod flag_use;
mod flags;
pub mod history;
mod menu;
mod mode;
mod moderated;
mod offer;
pub mod owner;
mod press;
pub mod privacy;
mod queue_list;
pub mod refusal;
mod respond;
pub mod result;
mod scales;
mod setting_words;
mod settings;
mod small_talk;
mod state;
pub mod status;
mod style_names;
mod style_picker;
#[cfg(test)]
mod tests;
pub mod warnings;

pub use action::{Action, Button, Drawing, MaskShown, Message, Response, StatusMessage};
pub use card_press::CardPress;
pub use commands::{Command, split as split_command};
pub use correction::Correction;
pub use draft::{Arriving, Awaited, Draft, GivenPicture, Lacking};
pub use event::{BadMask, BadPicture, Context, EDITOR_LINK, Event, OwnJob, RECIPE_LINK, Replied, UnsupportedMessage};
pub use extension::Extension;
pub use flag::Flag;
pub use mode::Mode;
pub use owner::OwnerCommand;
pub use press::{DescribedPress, ExampleKey, PicturePress, Press, SettingsPress, Under};
pub use respond::respond;
pub use state::ChatState;

pub use crate::examples::Example;

/// The text, or its beginning and an ellipsis so that it has at most `limit` UTF-16 units (Telegram counts in those).
#[must_use]
pub fn shorten(text: &str, limit: usize) -> String {
    if text.encode_utf16().count() <= limit {
        return text.to_owned();
    }
    let mut left = limit.saturating_sub(1);
    let fits = |letter: &char| match left.checked_sub(letter.len_utf16()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let beginning: String = text.chars().take_while(fits).collect();
    format!("{}…", beginning.trim_end())
}
