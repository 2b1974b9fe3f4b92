//! A Bot API server for one machine, and its chat page.
//!
//! The bot talks to it over HTTP exactly as it talks to Telegram; a person talks to the bot on the
//! page. Nothing else in the house knows about it, and it knows nothing of the house.
//!
//! ```text
//! teloxide ──/bot<token>/SendPhoto──▶ api ─┐          ┌─ page_api ◀──/page/message── the page in a browser
//!          ◀─────────getUpdates────── api ─┴─ World ──┴─ page_api ──/page/events───▶
//! ```
//!
//! - [`server`]: start, stop, the address; [`guard`]: who may talk to it
//! - [`api`]: the Bot API, a file per family of methods; [`wire`]: its objects
//! - [`page_api`]: what the page calls (tests act as a person through it); [`page_assets`]: the page itself
//! - [`world`]: people, chats, files and updates, behind one lock, with [`chat_log`], [`files`],
//!   [`update_queue`], [`profile`], [`events`]
//! - [`inline`]: the bot's name and some words typed in any chat
//! - [`entities`], [`html`]: formatted text; [`photo`]: what clients do to photos; [`faults`]: trouble made on purpose
//!
//! Everything is kept in memory while the process runs; a reloaded page finds the whole history.

mod api;
mod chat_log;
mod entities;
mod events;
mod faults;
mod files;
mod guard;
mod html;
mod inline;
pub mod page_api;
mod page_assets;
mod page_inline;
mod page_upload;
mod photo;
mod profile;
mod server;
mod update_queue;
mod wire;
mod words;
mod world;

pub use faults::Fault;
pub use server::{Options, Playground, PlaygroundError, Suggestion};
