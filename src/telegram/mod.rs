//! The Telegram side: updates in, messages out.
//!
//! A message's way: teloxide's dispatcher hands an update to the [`handler`], one after another in each chat. [`updates`]
//! makes an event of it, the conversation answers, the [`handler`] writes the job's row and posts what is to be said to the
//! chat's [`lanes`]. From then on [`progress`] keeps the status message true, at the pace of the [`edit_limiter`], and
//! [`delivery`] brings the pictures. None of them waits for another, and no chat waits for another chat.
//!
//! Pictures that people send stay on the platform until a job needs them: [`gathering`] fetches them then ([`fetching`]), and a
//! restart forgets none. The [`gate`] is the owner's rules; [`inline`] answers in other chats.
//!
//! [`commands`] and [`profile`] are what the bot says about itself; [`repeats`] what is done once though it came twice.
//!
//! The same dispatcher runs against Telegram, a Bot API server of one's own, or the playground: see [`bot`].

mod albums;
mod alerts;
mod api;
mod broadcast;
mod commands;
mod delivery;
mod edit_limiter;
mod fault;
mod fetching;
mod forgetting;
mod gate;
mod gathering;
mod handler;
mod inline;
mod keyboard;
mod lanes;
mod owner;
mod profile;
mod progress;
mod repeats;
mod serve;
mod turns;
mod updates;
mod whereabouts;

#[cfg(test)]
mod fake_server;
#[cfg(test)]
mod tests;

pub use serve::{TelegramError, TelegramOptions, bot, serve};
