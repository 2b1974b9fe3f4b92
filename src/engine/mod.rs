//! From a recipe to pixels: text and picture encoders → prior (`meaning`), the given picture and what is to be drawn of it
//! (`scene`), denoising → decoder, with a look at what is not finished (`preview`). What came of it is looked at once more
//! (`doubt`), and what was not read is told (`unread`).
//!
//! All that is a value on its way ([`Painting`]) which the engine advances one step at a time (`steps`): paintings share calls of
//! the prior, and those whose latents have one size calls of the UNet, at different timesteps, and come and go between any two
//! steps; `room` knows how many.
//!
//! Knows candle, and neither SQL nor Telegram. All noise is drawn on the host from the recipe's seed, so the same recipe gives
//! the same picture whatever is drawn beside it.

mod batch_size;
mod bench;
mod clip_pixels;
mod device;
mod doubt;
mod embedded;
mod frame;
mod meaning;
mod memory;
mod noise;
mod options;
mod painting;
mod pipeline;
mod preview;
mod room;
mod scene;
mod steps;
mod unread;

pub use batch_size::{BatchSize, BatchSizeError};
pub use bench::{Bench, BenchPart, Measurement, Workload};
pub use clip_pixels::clip_pixels;
pub use frame::{resized, to_tensor};
pub use options::{DeviceKind, EngineOptions, MemoryPlan};
pub use painting::{Drawn, Likeness, Painting};
pub use pipeline::{Engine, EngineError, model_files, native_size};
pub use preview::{Preview, Progress};
