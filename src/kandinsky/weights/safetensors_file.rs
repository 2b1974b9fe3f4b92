//! Weights as safetensors, <https://huggingface.co/docs/safetensors>.

use std::path::PathBuf;

use candle_core::safetensors::{Load, MmapedSafetensors, SliceSafetensors};
use candle_core::{DType, Device, Result, Tensor};

use super::{Stored, TensorFile};

/// Maps the files of one network into memory.
///
/// # Errors
/// If a file can not be read or is damaged.
#[allow(unsafe_code)]
pub(super) fn map(paths: &[PathBuf]) -> Result<impl TensorFile + use<>> {
    // SAFETY: a mapped file must not be cut short or rewritten while it is mapped. The map lives only while a part is
    // loading (every tensor is copied out of it), and nothing in this program writes to a weight file in place.
    unsafe { MmapedSafetensors::multi(paths) }
}

/// A file compiled into the program.
///
/// # Errors
/// If it is damaged.
pub(super) fn slice(bytes: &'static [u8]) -> Result<impl TensorFile> {
    SliceSafetensors::new(bytes)
}

impl TensorFile for MmapedSafetensors {
    fn tensors(&self) -> Vec<(String, Stored)> {
        sorted(MmapedSafetensors::tensors(self))
    }

    fn read(&self, name: &str) -> Result<Option<Tensor>> {
        self.get(name).ok().map(|view| view.load(&Device::Cpu)).transpose()
    }
}

impl TensorFile for SliceSafetensors<'static> {
    fn tensors(&self) -> Vec<(String, Stored)> {
        sorted(SliceSafetensors::tensors(self))
    }

    fn read(&self, name: &str) -> Result<Option<Tensor>> {
        self.get(name).ok().map(|view| view.load(&Device::Cpu)).transpose()
    }
}

fn sorted(views: Vec<(String, safetensors::tensor::TensorView<'_>)>) -> Vec<(String, Stored)> {
    let stored = |view: &safetensors::tensor::TensorView<'_>| {
        // Types that candle can not read are refused when the tensor is.
        let dtype = DType::try_from(view.dtype()).unwrap_or(DType::U8);
        Stored { dtype, shape: view.shape().to_vec() }
    };
    let mut tensors: Vec<_> = views.iter().map(|(name, view)| (name.clone(), stored(view))).collect();
    tensors.sort_by(|(a, _), (b, _)| a.cmp(b));
    tensors
}
