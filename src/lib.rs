//! kandinsky-bot: a Telegram bot that draws with Kandinsky 2.1 on its owner's machine.
//!
//! A message becomes a [`recipe`], the recipe becomes a job in SQLite ([`jobs`]), one thread that owns the device ([`worker`])
//! turns jobs into pictures through Kandinsky 2.1 ([`engine`]), and each picture goes back to the chat that asked for it.
//!
//! # Rooms
//!
//! | room | what is in it |
//! |---|---|
//! | [`cli`], [`config`], [`telemetry`] | commands, settings, the log; `cli` is the only room that uses anyhow |
//! | [`recipe`], [`styles`] | everything that decides a picture: one type through the whole house |
//! | [`telegram`] | teloxide: updates in, messages out; delivery; how often a message may be edited |
//! | [`house`], [`limits`] | what the owner decides: who is served and how much, how long pictures are kept, bans, broadcasts |
//! | [`moderation`] | what is not drawn, by lists of words |
//! | [`conversation`] | a pure state machine: (state, event) → (state, actions) |
//! | [`i18n`], [`examples`] | the words of chat and page, from `locales/`; prompts to suggest |
//! | [`jobs`], [`chats`], [`database`] | the queue, what is remembered of a chat, the data folder |
//! | [`worker`] | the device thread, which draws several jobs at a time, and tasks that claim, report and store for it |
//! | [`engine`] | from a recipe to pixels: what it is about, the scene, stages, noise, memory; how long parts take |
//! | [`kandinsky`] | the networks, samplers, tokenizers, weights; a library by itself |
//! | [`ops`] | the few hot operations over channels-last maps; `ops::cpu` has the kernels of a processor, `ops::cuda` those of a GPU |
//! | [`fetch`] | the published model downloaded from the Hugging Face hub |
//! | [`pictures`] | files decoded within limits, resizing as Pillow does, masks, canvases, PNG with the recipe inside |
//! | [`playground`] | a Bot API server for one machine, and its chat page |
//!
//! # As a library
//!
//! Without the feature `bot` the crate is [`engine`], [`kandinsky`], [`ops`], [`pictures`], [`recipe`] and [`styles`]: a library
//! that draws, without Telegram, database, web server or asynchronous runtime. The feature `miniature` compiles a small model
//! in, which draws when no model folder is named.
//!
//! ```
//! # #[cfg(feature = "miniature")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::ops::ControlFlow;
//!
//! use kandinsky_bot::engine::{Engine, EngineOptions};
//! use kandinsky_bot::pictures::encode_png;
//! use kandinsky_bot::recipe::Recipe;
//!
//! let engine = Engine::load(&EngineOptions::default())?;
//! let recipe = Recipe::text_to_image("a red apple on a blue background", 7)?;
//! let picture = engine.draw(&recipe, &[], &mut |_progress| ControlFlow::Continue(()))?;
//! let png = encode_png(&picture, &recipe)?;
//! # assert!(png.starts_with(b"\x89PNG"));
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "miniature"))]
//! # fn main() {}
//! ```
//!
//! # Invariants
//!
//! `tests/architecture.rs` reads the imports and holds these:
//!
//! - Arrows go one way: `telegram → conversation → recipe`, `telegram → jobs`, `worker → jobs, engine`,
//!   `engine → kandinsky → ops`. The playground is reached only over HTTP.
//! - `conversation` knows neither teloxide nor sqlx and does no I/O. `jobs` knows neither candle nor teloxide. `engine` and
//!   `kandinsky` know neither tokio nor sqlx nor teloxide.
//! - Unsafe code is only in `ops` and where weights are mapped.
//! - Words that a person reads in the chat are only in `locales/`.
//!
//! # Three walks through the house
//!
//! **From a prompt to a picture.** teloxide hands an update to [`telegram`], which turns it into an event and asks
//! [`conversation`] what to do, with the chat's row from [`chats`]. The action *enqueue* writes the job's row; only then is the
//! person told the place in the queue. Before, the rules of the [`house`] are asked: who is served, what is not drawn
//! ([`moderation`]), how many jobs there may be ([`limits`]). The worker claims by fair turns and draws: jobs of one size share
//! steps, and come and go between them. Each report renews the lease and tells the progress. The pictures are stored and the
//! job is *drawn*; delivery sends them and marks it *delivered*.
//!
//! **Cancel.** A waiting job ends at once. For a running one a flag is set in its row; the report that follows at once reads it,
//! the worker leaves the job before its next step and writes nothing.
//!
//! **The first seconds.** The chat answers at once, the model is loaded meanwhile, and whoever waits is told so. A model that
//! can not be loaded ends the program.
//!
//! **After a crash.** One process serves one data folder (a lock file), so at start every running job waits again. Jobs that
//! were drawn but not told are told. The fencing number of a claim keeps a worker that came back late from writing.

#[cfg(feature = "bot")]
pub mod chats;
#[cfg(feature = "bot")]
pub mod cli;
#[cfg(feature = "bot")]
pub mod config;
#[cfg(feature = "bot")]
pub mod conversation;
#[cfg(feature = "bot")]
pub mod database;
pub mod engine;
#[cfg(feature = "bot")]
pub mod examples;
#[cfg(feature = "bot")]
pub mod fetch;
#[cfg(feature = "bot")]
pub mod house;
#[cfg(feature = "bot")]
pub mod i18n;
#[cfg(feature = "bot")]
pub mod jobs;
pub mod kandinsky;
#[cfg(feature = "bot")]
pub mod limits;
#[cfg(feature = "bot")]
pub mod moderation;
pub mod ops;
pub mod pictures;
#[cfg(feature = "bot")]
pub mod playground;
pub mod recipe;
pub mod styles;
#[cfg(feature = "bot")]
pub mod telegram;
#[cfg(feature = "bot")]
pub mod telemetry;
#[cfg(feature = "bot")]
pub mod worker;
