//! kandinsky-bot: a Telegram bot that draws with Kandinsky 2.1 on its owner's machine.
//!
//! A message becomes a [`recipe`], the recipe becomes a job in a database ([`jobs`]), one thread that owns the device ([`worker`])
//! turns jobs into pictures through Kandinsky 2.1 ([`engine`]), and each picture goes back to the chat that asked for it.
//!
//! # Modules
//!
//! From the top down: a module imports only modules below it, and of the large crates (teloxide, sqlx, tokio, candle, axum,
//! clap, anyhow, reqwest) it names only those that are listed. `tests/architecture` checks this table against the sources.
//!
//! | module | imports | crates | what is in it |
//! |---|---|---|---|
//! | [`cli`] | chats, config, engine, examples, fetch, gallery, jobs, kandinsky, keys, monitoring, orders, pictures, playground, policy, recipe, store, styles, telegram, telemetry, translation, web, worker | teloxide, tokio, candle, clap, anyhow | the commands; the only module that uses anyhow, and the one that connects all others |
//! | [`telegram`] | chats, conversation, gallery, i18n, jobs, keys, orders, pictures, policy, recipe | teloxide, tokio, reqwest | `telegram::inbox`: updates in; `telegram::outbox`: messages, edits and results out, at the pace that a chat bears |
//! | [`web`] | gallery, i18n, jobs, keys, limits, moderation, orders, pictures, policy, recipe, styles | tokio, axum | the HTTP API for other programs: OpenAI's images API, jobs, A1111's API; the web editor |
//! | [`store`] | chats, gallery, i18n, jobs, keys, limits, policy, recipe | sqlx, tokio | all SQL: jobs, inbox, outbox, pictures, chats, bans and broadcasts, in SQLite or (feature `postgres`) PostgreSQL |
//! | [`worker`] | engine, jobs, pictures, recipe | tokio | the device thread, which draws several jobs at a time, and the tasks that claim, report and store for it |
//! | [`conversation`] | examples, i18n, jobs, keys, limits, moderation, orders, pictures, policy, recipe, styles | – | a pure state machine: (state, event) → (state, actions), and the messages that it answers with |
//! | [`orders`] | jobs, limits, moderation, policy | – | the one entry point for requests: moderation, limits, submit; cancel, delete, share, forget, and who may |
//! | [`policy`] | config, i18n, jobs, limits, moderation, recipe | – | the owner's decisions: who is served and how much, how long pictures are kept; the traits of bans and broadcasts |
//! | [`monitoring`] | jobs | tokio, axum | health and figures: for Prometheus, for systemd, and a heartbeat in the data folder |
//! | [`chats`] | jobs | – | the trait of what is stored of a chat |
//! | [`gallery`] | i18n, jobs | – | the traits of what the web editor keeps: pictures of users that no job has, sessions |
//! | [`keys`] | jobs, limits | – | keys of the HTTP API: a program's way in, and a user of the queue |
//! | [`jobs`] | i18n, limits, moderation, pictures, recipe | tokio | jobs, and the traits of a store by who calls them: queue, inbox, outbox, inputs, archive, API jobs, signals |
//! | [`config`] | engine, kandinsky, moderation | clap | settings from flags and environment |
//! | [`engine`] | kandinsky, ops, pictures, recipe, translation | candle | from a recipe to pixels: stages, batches, noise, memory, previews, larger pictures, descriptions of pictures, the safety checker |
//! | [`pictures`] | recipe | – | decoding within limits, resampling as Pillow does it, masks, canvases, PNG with the recipe inside |
//! | [`recipe`] | kandinsky, styles | – | everything that decides a picture: one type through the whole program |
//! | [`translation`] | kandinsky, ops | candle | Russian texts to English, for models that do not read Russian |
//! | [`kandinsky`] | ops | candle | the networks, samplers, tokenizers and weights; a library by itself |
//! | [`ops`] | – | candle | the few hot operations over channels-last maps: `ops::cpu` for processors, `ops::cuda` for GPUs |
//! | [`styles`] | – | – | the style presets |
//! | [`examples`] | i18n | – | prompts to suggest |
//! | [`playground`] | i18n | tokio, axum | a Bot API server for one machine, and its chat page |
//! | [`fetch`] | – | tokio, reqwest | downloads the published model from the Hugging Face hub |
//! | [`moderation`] | – | clap | what is not drawn, by lists of words |
//! | [`limits`] | – | – | how many jobs there may be |
//! | [`i18n`] | – | – | the words of chat and page, from `locales/` |
//! | [`telemetry`] | – | – | the log |
//!
//! # As a library
//!
//! Without the feature `bot` the crate is [`engine`], [`translation`], [`kandinsky`], [`ops`], [`pictures`], [`recipe`] and
//! [`styles`]: a library that draws, without Telegram, database, web server or asynchronous runtime. The feature `miniature` compiles a small model
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
//! `tests/architecture` holds these as well:
//!
//! - `conversation` knows neither teloxide nor sqlx and does no I/O. `engine` and `kandinsky` know neither tokio nor sqlx nor clap
//!   nor teloxide. The playground is reached only over HTTP.
//! - Files of a module do not import each other in a circle.
//! - Unsafe code is only in `ops` and where weights are mapped.
//! - The words of the chat are only in `locales/`.
//!
//! # Three walkthroughs
//!
//! **From a prompt to a picture.** [`telegram`] stores an update before it confirms it, turns it into an event and asks
//! [`conversation`] what to do, with the chat's state from [`chats`]. For the action *enqueue* [`orders`] checks the owner's rules:
//! what is not drawn ([`moderation`]), how many jobs there may be ([`limits`], [`policy`]). One transaction of the [`store`] writes
//! the chat's state, the job, the messages of the answer and the end of the update. The worker claims jobs in a fair order and draws
//! them: jobs of one size share steps, and join and leave between them. Each heartbeat renews the lease and stores the progress. The
//! pictures are stored and the job is *drawn*; delivery sends them and marks it *delivered*.
//!
//! **Cancel.** A waiting job ends at once. For a running one a flag is set in its row; the next report, which follows at once,
//! reads it, and the worker drops the job before its next step and writes nothing.
//!
//! **The first seconds.** The chat answers at once; the model is loaded meanwhile, and users who wait are notified. If the model
//! can not be loaded, the program ends.
//!
//! **After a crash.** One process serves one data folder (a lock file), so at start every running job is queued again; in PostgreSQL
//! those of processes that fell silent are. Stored
//! messages are sent, updates that were not handled are handled, and jobs that were drawn but not delivered are delivered. The
//! fencing number of a claim keeps a worker that comes back late from writing.

#[cfg(feature = "bot")]
pub mod chats;
#[cfg(feature = "bot")]
pub mod cli;
#[cfg(feature = "bot")]
pub mod config;
#[cfg(feature = "bot")]
pub mod conversation;
pub mod engine;
#[cfg(feature = "bot")]
pub mod examples;
#[cfg(feature = "bot")]
pub mod fetch;
#[cfg(feature = "bot")]
pub mod gallery;
#[cfg(feature = "bot")]
pub mod i18n;
#[cfg(feature = "bot")]
pub mod jobs;
pub mod kandinsky;
#[cfg(feature = "bot")]
pub mod keys;
#[cfg(feature = "bot")]
pub mod limits;
#[cfg(feature = "bot")]
pub mod moderation;
#[cfg(feature = "bot")]
pub mod monitoring;
pub mod ops;
#[cfg(feature = "bot")]
pub mod orders;
pub mod pictures;
#[cfg(feature = "bot")]
pub mod playground;
#[cfg(feature = "bot")]
pub mod policy;
pub mod recipe;
#[cfg(feature = "bot")]
pub mod store;
pub mod styles;
#[cfg(feature = "bot")]
pub mod telegram;
#[cfg(feature = "bot")]
pub mod telemetry;
pub mod translation;
#[cfg(feature = "bot")]
pub mod web;
#[cfg(feature = "bot")]
pub mod worker;
