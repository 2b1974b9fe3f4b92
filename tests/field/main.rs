//! Reports from the field: each file is one kind of fault, each test one report, told as its user would tell it.
//!
//! `README.md` beside this file names every report with its kind and its test. CONTRIBUTING.md says how to add one.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]
// The bot in this process needs the playground's faults: `cargo test --release` needs `--features faults`.
#![cfg(any(debug_assertions, feature = "faults"))]

#[path = "../support/mod.rs"]
mod support;

mod api_keys;
mod lost_words;
mod misread_words;
mod model_files;
mod output_files;
mod platform_limits;
mod privacy;
mod russian_prompts;
mod secrets;
mod sent_pictures;
