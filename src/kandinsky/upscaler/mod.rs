//! Upscalers: the two networks of Real-ESRGAN (Wang et al., <https://arxiv.org/abs/2107.10833>), which draw a picture two or four
//! times as large.
//!
//! *RRDBNet* (16.7 million numbers) is for photos and everything else, *SRVGGNetCompact* (0.3 to 1.2 million) is some fifty times
//! as fast. They are told apart and sized by their tensors, in files of `torch.save` or safetensors.

mod architecture;
mod compact;
mod rrdb;
mod shuffle;

use std::path::Path;

use candle_core::{DType, Device, Result as CandleResult, Tensor};
use candle_nn::VarBuilder;

pub use architecture::{CompactShape, RrdbShape, UpscalerShape};
use compact::Compact;
use rrdb::Rrdb;
use shuffle::padded_to_even;

use super::error::ModelError;
use super::weights::{Weights, random};
use crate::ops::{compute_dtype, from_maps, to_maps};

/// A network that draws a picture larger.
#[derive(Debug)]
pub struct Upscaler {
    network: Network,
    shape: UpscalerShape,
    dtype: DType,
    device: Device,
}

#[derive(Debug)]
enum Network {
    Rrdb(Box<Rrdb>),
    Compact(Compact),
}

/// What the file of an upscaler holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpscalerContents {
    /// Which network, and how large.
    pub shape: UpscalerShape,
    /// Tensors in the file.
    pub tensors: usize,
    /// Numbers in them.
    pub parameters: u64,
    /// Bytes that they are stored in.
    pub bytes: u64,
}

impl Upscaler {
    /// Reads the file of an upscaler, `.pth` or `.safetensors`.
    ///
    /// # Errors
    /// [`ModelError::Upscaler`] says in one line what the file is, if it is no upscaler that is known here or is not whole.
    pub fn open(path: &Path, device: &Device) -> Result<Self, ModelError> {
        let name = path.display().to_string();
        Self::read(&open_weights(path)?, &name, device)
    }

    /// Looks into the table of a file, and reads no numbers.
    ///
    /// # Errors
    /// As [`Upscaler::open`].
    pub fn contents(path: &Path) -> Result<UpscalerContents, ModelError> {
        let tensors = open_weights(path)?.tensors();
        let (shape, _) =
            UpscalerShape::find(&tensors).map_err(|reason| refused(&path.display().to_string(), reason))?;
        Ok(UpscalerContents {
            shape,
            tensors: tensors.len(),
            parameters: tensors.iter().map(|(_, stored)| stored.elements()).sum(),
            bytes: tensors.iter().map(|(_, stored)| stored.bytes()).sum(),
        })
    }

    fn read(weights: &Weights, name: &str, device: &Device) -> Result<Self, ModelError> {
        let found = UpscalerShape::find(&weights.tensors()).map_err(|reason| refused(name, reason))?;
        let (shape, prefix) = found;
        let mut builder = weights.builder(stored_dtype(device), device);
        if !prefix.is_empty() {
            builder = builder.pp(prefix);
        }
        Self::load(shape, builder).map_err(|error| unreadable(name, &error))
    }

    /// A network with random weights, for measuring.
    ///
    /// # Errors
    /// If memory is short.
    pub fn random(shape: UpscalerShape, device: &Device) -> CandleResult<Self> {
        Self::load(shape, random::builder(stored_dtype(device), device))
    }

    fn load(shape: UpscalerShape, vb: VarBuilder<'_>) -> CandleResult<Self> {
        let (dtype, device) = (compute_dtype(vb.dtype(), vb.device()), vb.device().clone());
        let network = match &shape {
            UpscalerShape::Rrdb(shape) => Network::Rrdb(Box::new(Rrdb::load(shape, &vb)?)),
            UpscalerShape::Compact(shape) => Network::Compact(Compact::load(shape, &vb)?),
        };
        Ok(Self { network, shape, dtype, device })
    }

    /// Which network it is.
    #[must_use]
    pub fn shape(&self) -> &UpscalerShape {
        &self.shape
    }

    /// How many times as large it draws.
    #[must_use]
    pub fn scale(&self) -> usize {
        self.shape.scale()
    }

    /// Pixels `[n, 3, h, w]` from 0 to 1 to `[n, 3, scale · h, scale · w]`, nominally from 0 to 1, f32, on the upscaler's device.
    ///
    /// # Errors
    /// If a computation fails, for instance for want of memory.
    pub fn forward(&self, pixels: &Tensor) -> CandleResult<Tensor> {
        let (_, _, height, width) = pixels.dims4()?;
        let pixels = pixels.to_device(&self.device)?.to_dtype(self.dtype)?;
        match &self.network {
            Network::Compact(network) => network.forward(&to_maps(&pixels)?)?.to_dtype(DType::F32),
            Network::Rrdb(network) => {
                let pixels = if network.reads_squares() { padded_to_even(&pixels)? } else { pixels };
                let maps = to_maps(&pixels)?;
                let larger = from_maps(&network.forward(&maps)?.to_dtype(DType::F32)?)?;
                larger.narrow(2, 0, self.scale() * height)?.narrow(3, 0, self.scale() * width)
            }
        }
    }
}

/// The type that weights are read in.
fn stored_dtype(device: &Device) -> DType {
    if device.is_cpu() { DType::F32 } else { DType::F16 }
}

fn open_weights(path: &Path) -> Result<Weights, ModelError> {
    let name = path.display().to_string();
    let read = |source| ModelError::Read { file: name.clone(), source };
    if !std::fs::metadata(path).map_err(read)?.is_file() {
        return Err(refused(&name, "it is a folder; name a file".to_owned()));
    }
    Weights::open(&[path.to_owned()]).map_err(|error| unreadable(&name, &error))
}

fn refused(file: &str, reason: String) -> ModelError {
    ModelError::Upscaler { file: file.to_owned(), reason }
}

/// The first line of what candle says.
fn unreadable(file: &str, error: &candle_core::Error) -> ModelError {
    let reason = error.to_string();
    let reason = reason.lines().next().unwrap_or_default();
    refused(file, format!("{reason}; it must be a whole .pth or .safetensors file of Real-ESRGAN"))
}

#[cfg(test)]
mod tests;
