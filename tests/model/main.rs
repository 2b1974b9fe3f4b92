//! The model: compared with the reference implementation, and measured.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[cfg(feature = "bot")]
mod bench;
mod full_size;
#[cfg(feature = "bot")]
mod miniature;
mod odd_pictures;
mod parity;
mod pictures;
#[cfg(feature = "bot")]
mod precision;
#[cfg(feature = "bot")]
mod previews;
#[cfg(feature = "bot")]
mod samplers;
mod statistics;
mod tokens;
mod translation;
mod upscaling;
