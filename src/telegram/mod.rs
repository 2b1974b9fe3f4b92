//! Telegram: updates in, messages out.
//!
//! A message's way: the [`inbox`] stores an update before it is confirmed, makes an event of it, asks the conversation for the
//! answer, and writes the chat's state, the job and the messages in one transaction. The [`outbox`] sends the messages of a chat
//! in their order, keeps the status message up to date and delivers the pictures. No chat waits for another chat.
//!
//! [`inputs`] downloads pictures that users sent once a job needs them. [`commands`] and [`profile`] are what the bot says about
//! itself. [`serve`] runs all of it and watches its [`tasks`].
//!
//! The same code runs against Telegram, a Bot API server of one's own, or the playground: see [`bot`].

mod bot;
mod commands;
mod error;
mod inbox;
mod inputs;
mod options;
mod outbox;
mod persist;
mod profile;
mod serve;
mod service;
mod tasks;

#[cfg(test)]
mod fake_server;
#[cfg(test)]
mod tests;

pub use bot::bot;
pub use error::TelegramError;
pub use options::{ApiOffer, EditorEntrance, TelegramOptions};
pub use serve::serve;
