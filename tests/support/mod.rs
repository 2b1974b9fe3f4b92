//! What the tests share: the bot with a fake backend, the compiled program, and both sides of a chat.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, missing_docs)]

pub(crate) mod api_server;
pub(crate) mod chat_user;
pub(crate) mod editor_server;
pub(crate) mod fake_backend;
pub(crate) mod model_folder;
pub(crate) mod pictures;
pub(crate) mod playground_client;
#[cfg(feature = "postgres")]
pub(crate) mod postgres_server;
pub(crate) mod press_answers;
pub(crate) mod program;
pub(crate) mod quiet;
pub(crate) mod test_program;
pub(crate) mod test_server;
pub(crate) mod test_store;
