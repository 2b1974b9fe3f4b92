//! The bot as users meet it: in this process without a model, as the compiled program, and the playground by itself.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod api;
// These put faults in the way of the bot: `cargo test --release` needs `--features faults` for them.
#[cfg(any(debug_assertions, feature = "faults"))]
mod bot;
#[cfg(any(debug_assertions, feature = "faults"))]
mod editor;
#[cfg(any(debug_assertions, feature = "faults"))]
mod fuzz;
#[cfg(any(debug_assertions, feature = "faults"))]
mod playground;
mod program;
mod resting;
#[path = "../support/mod.rs"]
mod support;
