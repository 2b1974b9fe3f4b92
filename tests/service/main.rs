//! The bot as a service, over HTTP: a Bot API server, the real dispatcher, queue and worker, and an artist who is quick.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod albums;
mod crowd;
mod devices;
mod faults;
mod files;
mod house;
mod loading;
#[allow(dead_code)]
#[path = "../bot/person.rs"]
mod person;
mod previews;
mod toasts;
mod troubles;
mod words;
