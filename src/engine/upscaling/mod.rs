//! Pictures drawn larger by an upscaler, tile by tile, so that memory is bounded, progress is shown and a job can be stopped.
//!
//! Colours go through the network, with what is transparent on white; opacity is resized by Lanczos, and white is taken out of
//! the colours again. A ×4 network makes a picture twice as large by halving what it draws. Without a network, colours are
//! resized by Lanczos, too.

mod file;
mod loaded;
mod run;
mod tiles;

use std::ops::ControlFlow;
use std::path::PathBuf;

use file::open_upscaler;
pub use file::{upscaler_file, upscaler_files};
pub(super) use loaded::Upscalers;
pub(super) use run::with_opacity;
pub use run::{Upscaled, Upscaling};

use super::device::{open_device, set_threads};
use super::error::EngineError;
use super::options::DeviceKind;
use crate::kandinsky::Upscaler;
use crate::pictures::Picture;

/// Which upscaler is loaded, and where it computes.
#[derive(Debug, Clone, Default)]
pub struct UpscalerOptions {
    /// The upscaler's file; `None`: one in the model folder, if there is one.
    pub file: Option<PathBuf>,
    /// The model folder.
    pub model: Option<PathBuf>,
    /// Where to compute.
    pub device: DeviceKind,
    /// Processor threads; 0 takes all cores.
    pub threads: usize,
}

/// A loaded upscaler, or plain resampling where there is none.
#[derive(Debug)]
pub struct PictureUpscaler(Option<Upscaler>);

impl PictureUpscaler {
    /// Loads the upscaler that the options name, for a scale of [`SCALES`](crate::recipe::SCALES).
    ///
    /// # Errors
    /// [`EngineError`] names the file and what is wrong with it, or what is wrong with the device.
    pub fn load(options: &UpscalerOptions, scale: u32) -> Result<Self, EngineError> {
        set_threads(options.threads);
        let file = upscaler_file(options.model.as_deref(), options.file.as_deref(), scale)?;
        let open = |file: PathBuf| open_upscaler(&file, &open_device(options.device)?, scale);
        Ok(Self(file.map(open).transpose()?))
    }

    /// Whether a network draws; else pictures are enlarged by plain resampling.
    #[must_use]
    pub fn is_network(&self) -> bool {
        self.0.is_some()
    }

    /// One that is to be measured.
    pub(super) fn measured(upscaler: Upscaler) -> Self {
        Self(Some(upscaler))
    }

    /// Draws a picture `scale` times as large; `report` is called with the progress, 0 to 1, before every tile.
    ///
    /// # Errors
    /// [`EngineError::Stopped`] if `report` returned [`ControlFlow::Break`]; [`EngineError::UpscaledSize`] if the result would be
    /// too large; else what failed.
    pub fn upscale(
        &self,
        picture: &Picture,
        scale: u32,
        report: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<Upscaled, EngineError> {
        let mut run = Upscaling::begin(picture, scale)?;
        while !run.is_finished() {
            if report(run.progress()).is_break() {
                return Err(EngineError::Stopped);
            }
            run.step(self.0.as_ref())?;
        }
        Ok(run.finish())
    }
}

#[cfg(test)]
mod tests;
