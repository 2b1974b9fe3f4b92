//! Messages out: one queue per chat, edits at a bearable pace, deliveries of results, broadcasts, alerts, advice.
//!
//! [`api`] makes the requests, one attempt each, and keeps the pauses that the platform asks for ([`pauses`]); every send, edit
//! and delivery goes through it. [`sender`] sends the stored messages of a chat in their order, [`delivery`] the results of
//! jobs in a form that the platform takes ([`forms`]), [`edit_limiter`] paces the edits that [`progress`] wants.

pub(super) mod advice;
pub(super) mod alerts;
pub(super) mod api;
pub(super) mod asked_files;
pub(super) mod broadcast;
pub(super) mod chat_directory;
pub(super) mod chat_queues;
pub(super) mod delivery;
pub(super) mod edit_limiter;
pub(super) mod fault;
mod forms;
pub(super) mod keyboard;
pub(super) mod message;
pub(super) mod outgoing;
pub(super) mod pauses;
mod picture_sender;
pub(super) mod progress;
pub(super) mod results;
pub(super) mod retries;
pub(super) mod sender;
pub(super) mod status_messages;
