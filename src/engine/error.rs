//! Errors of the engine.

#[cfg(doc)]
use std::ops::ControlFlow;

use crate::kandinsky::{ModelError, without_backtrace};
use crate::pictures::{MaskError, PIXELS_LIMIT, PictureError, SIDE_LIMIT};
use crate::recipe::RecipeError;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The model can not be loaded, or a computation failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The device can not be used.
    #[error(
        "the GPU can not be used: {0}; compute on the CPU (--device cpu), or build with the feature cuda on a machine with an NVIDIA driver"
    )]
    Device(candle_core::Error),
    /// 8-bit weights on a GPU.
    #[error("q8_0 runs on a CPU only; choose bf16 (--dtype bf16), or compute on the CPU (--device cpu)")]
    Q8OnGpu,
    /// A computation failed, for instance for want of memory.
    #[error("the computation failed: {0}")]
    Compute(#[source] candle_core::Error),
    /// Another number of input pictures than the recipe takes.
    #[error("the recipe takes {expected} input pictures, and {given} were given")]
    Inputs {
        /// How many it takes.
        expected: usize,
        /// How many were given.
        given: usize,
    },
    /// The picture, or the extended canvas, is too large.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The mask does not fit the picture.
    #[error(transparent)]
    Mask(#[from] MaskError),
    /// The recipe is not valid.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A scale that no upscaler has.
    #[error("pictures are drawn 2 or 4 times as large, and not {scale} times")]
    Scale {
        /// The given value.
        scale: u32,
    },
    /// The larger picture would be larger than pictures that are read.
    #[error(
        "the picture would have {width}×{height} pixels; at most {} million, and {SIDE_LIMIT} on a side, are drawn: take a smaller scale or a smaller picture",
        PIXELS_LIMIT / 1_000_000
    )]
    UpscaledSize {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// The progress callback returned [`ControlFlow::Break`].
    #[error("drawing was stopped")]
    Stopped,
}

impl From<candle_core::Error> for EngineError {
    fn from(error: candle_core::Error) -> Self {
        Self::Compute(without_backtrace(error))
    }
}
