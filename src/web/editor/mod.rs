//! The web editor: a page on which pictures are drawn, painted over and continued; in Telegram as a Mini App, on the playground, in
//! a browser.
//!
//! [`Editor::router`] serves the page and its API. `session` lets a user in, by launch data that the chat platform signed
//! ([`LaunchData`]) or by a code; from then on each request carries a token (`access`). Pictures have names (`reference`), views at a
//! size that browsers bear (`views`) and signed addresses (`links`). A job of the editor is one of the user's ordinary jobs: by the
//! same limits and rules, in the same queue. While somebody looks, its result is kept from the chat.

mod access;
mod body;
mod bounds;
mod cut;
mod decoding;
mod describe;
mod error;
mod files;
mod front;
mod init_data;
mod job_events;
mod job_view;
mod jobs;
mod links;
mod page;
mod pictures;
mod reference;
mod routes;
mod session;
mod signature;
mod state;
mod streams;
mod token;
mod view_cache;
mod views;
mod wish;
mod words;

/// Where the page is.
pub const EDITOR_PATH: &str = "/editor/";

pub use init_data::{InitDataError, LaunchData, sign_init_data};
pub use state::{Editor, EditorOptions, EditorServices};
