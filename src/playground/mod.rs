//! A Bot API server for one machine, and its chat page.
//!
//! The bot talks to it over HTTP exactly as it talks to Telegram; a user talks to the bot on the
//! page. No other module knows it, and it knows no other module.
//!
//! ```text
//! teloxide ──/bot<token>/SendPhoto──▶ api ─┐          ┌─ page_api ◀──/page/message── the page in a browser
//!          ◀─────────getUpdates────── api ─┴─ state ──┴─ page_api ──/page/events───▶
//! ```
//!
//! - [`server`]: start, stop, the address; [`guard`]: who may talk to it
//! - [`api`]: the Bot API, a file per family of methods; [`wire`]: its objects
//! - [`page_api`]: what the page calls (tests act as a user through it); [`page_assets`]: the page itself
//! - [`server_state`]: users, chats, files and updates, behind one lock, with [`chat_log`], [`files`],
//!   [`update_queue`], [`profile`], [`events`]
//! - [`mini_apps`]: pages that the chat page opens in a frame
//! - [`journal`], [`file_folder`]: the chats on disk
//! - [`inline`]: the bot's name and some words typed in any chat
//! - [`privacy`]: what a bot hears in a group
//! - [`entities`], [`html`]: formatted text; [`photo`]: what clients do to photos; [`faults`]: faults for tests, which only debug builds and
//!   the feature `faults` can inject
//!
//! Everything is kept in memory, and the chats in a folder as well, where there is one ([`journal`]): a page that is reloaded, also
//! after a restart of the program, finds its whole history.

mod api;
mod chat_log;
mod entities;
mod events;
mod faults;
mod file_folder;
mod files;
mod guard;
mod html;
mod inline;
mod inline_queries;
mod journal;
mod mini_apps;
pub mod page_api;
mod page_assets;
#[cfg(any(debug_assertions, feature = "faults"))]
mod page_block;
mod page_calls;
mod page_inline;
mod page_suggestions;
mod page_upload;
mod page_user;
mod photo;
mod privacy;
mod profile;
mod server;
mod server_state;
mod shared;
mod stored_file;
mod update_queue;
mod wire;
mod words;

pub use faults::Fault;
pub use server::{Playground, PlaygroundError, new_token};
pub use server_state::PAGE_USER;
pub use shared::{MiniApps, Options, Refusal, SignLaunchData, Suggestion};
