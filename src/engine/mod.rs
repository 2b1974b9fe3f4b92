//! From a recipe to pixels.
//!
//! A recipe becomes a [`Generation`], which the engine advances one step at a time (`steps`): texts in English where the model reads
//! no Russian (`translating`) → text and image encoders (`encoding`) → prior (`prior_run`) → the input picture and its mask into
//! latents (`image_plan`) → denoising → decoder.
//! Generations share calls of the prior, and those with latents of one size calls of the UNet, at different timesteps; they join
//! and leave between any two steps, and `batch_limits` decides how many. On the side: previews of unfinished pictures
//! (`preview`), pictures drawn larger (`upscaling`), what a picture shows (`description`), a check of finished ones (`safety_checker`), what a prompt was too long for
//! (`truncation`), and which of its words a small model has not learned (`unknown_words`).
//!
//! All noise is drawn on the host from the recipe's seed (`noise`), so the same recipe gives the same picture whatever is drawn
//! beside it.

mod batch_key;
mod batch_limits;
mod batch_size;
mod bench;
mod clip_pixels;
mod describing;
mod description;
mod device;
mod embedded;
mod encoding;
mod error;
mod generation;
mod image_plan;
mod known_cells;
mod memory;
mod noise;
mod options;
mod pipeline;
mod preview;
mod prior_run;
mod resizing;
mod safety_checker;
mod safety_labels;
mod steps;
mod translating;
mod truncation;
mod unknown_words;
mod upscaling;
mod vocabulary;
mod window_canvas;

pub use batch_key::{BatchKey, UNetKey};
pub use batch_size::{BatchSize, BatchSizeError};
pub use bench::{Bench, BenchPart, Measurement, Workload};
pub use clip_pixels::clip_pixels;
pub use error::EngineError;
pub use generation::{DrawnPicture, Generation};
pub use known_cells::kept_cells_of;
pub use options::{DeviceKind, EngineOptions, MemoryPlan, Translate};
pub use pipeline::{Engine, model_files, native_size};
pub use preview::{Preview, Progress};
pub use resizing::{prepared, resized, to_tensor};
pub use translating::translator_folder;
pub use truncation::{TextRole, TruncatedText};
pub use upscaling::{PictureUpscaler, Upscaled, UpscalerOptions, Upscaling, upscaler_file, upscaler_files};
pub use vocabulary::UnknownWords;
