//! Updates in: stored before they are confirmed, parsed, answered one after another in each chat.
//!
//! The [`listener`] asks for updates and stores them; only then are they confirmed to the platform. The [`dispatcher`] hands
//! them to the [`handler`], which looks up what an event concerns, asks the conversation for the answer and writes the chat's
//! state, the job, the messages and the end of the update in one transaction.

pub(super) mod access;
pub(super) mod albums;
pub(super) mod chat_locks;
mod content;
pub(super) mod dispatcher;
pub(super) mod handler;
pub(super) mod inline;
pub(super) mod listener;
pub(super) mod members;
pub(super) mod poller;
pub(super) mod tap_debounce;
pub(super) mod updates;
mod wire;
