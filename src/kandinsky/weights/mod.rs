//! Weights: named tensors in files, whatever the format.
//!
//! Tensors are read when a network asks for them, cast, and checked for numbers that are not finite.

mod finite;
mod legacy_file;
mod pickle;
mod pickled_file;
pub(super) mod random;
mod safetensors_file;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{DType, Device, Error, Result, Shape, Tensor};
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};

use legacy_file::LegacyFile;
use pickled_file::PickledFile;
pub use random::RANDOM_WEIGHTS;
use safetensors_file::SafetensorsFile;

use crate::ops::dtype_beside_blocks;

/// How a tensor is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Type of its numbers.
    pub dtype: DType,
    /// Its sides.
    pub shape: Vec<usize>,
}

impl Stored {
    /// How many numbers it has.
    pub fn elements(&self) -> u64 {
        self.shape.iter().map(|&side| side as u64).product()
    }

    /// How many bytes they take.
    pub fn bytes(&self) -> u64 {
        self.elements() * self.dtype.size_in_bytes() as u64
    }
}

/// A file, or a set of files, with named tensors.
pub(super) trait TensorFile: Send + Sync {
    /// All names in order.
    fn tensors(&self) -> Vec<(String, Stored)>;

    /// A tensor on the CPU, as it is stored or cast to `dtype`; None if there is none of that name.
    ///
    /// # Errors
    /// If the file is damaged or can not be read.
    fn read(&self, name: &str, dtype: Option<DType>) -> Result<Option<Tensor>>;
}

/// Named tensors of one network.
#[derive(Clone)]
pub struct Weights(Arc<dyn TensorFile>);

impl std::fmt::Debug for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Weights({} tensors)", self.0.tensors().len())
    }
}

impl Weights {
    /// Opens a pickle of PyTorch, or the safetensors files of one network.
    ///
    /// # Errors
    /// If a file is damaged, or is a pickle that would run code.
    pub(super) fn open(paths: &[PathBuf]) -> Result<Self> {
        match paths {
            [path] if is_pickle(path) && LegacyFile::is_one(path) => Ok(Self::new(LegacyFile::open(path)?)),
            [path] if is_pickle(path) => Ok(Self::new(PickledFile::open(path)?)),
            paths => Ok(Self::new(SafetensorsFile::map(paths)?)),
        }
    }

    /// A safetensors file in memory.
    ///
    /// # Errors
    /// If it is damaged.
    pub(super) fn from_slice(bytes: &'static [u8]) -> Result<Self> {
        Ok(Self::new(SafetensorsFile::slice(bytes)?))
    }

    pub(super) fn new(file: impl TensorFile + 'static) -> Self {
        Self(Arc::new(file))
    }

    /// All names in order, and how the tensors are stored.
    pub fn tensors(&self) -> Vec<(String, Stored)> {
        self.0.tensors()
    }

    /// A tensor as it is stored, on the CPU.
    ///
    /// # Errors
    /// If there is none of that name, if the file is damaged, or if some numbers are not finite.
    pub fn read(&self, name: &str) -> Result<Tensor> {
        self.read_as(name, None)
    }

    /// The same, cast to `dtype`. A number that the type can not hold is infinite in it.
    pub(super) fn read_as(&self, name: &str, dtype: Option<DType>) -> Result<Tensor> {
        let tensor =
            self.0.read(name, dtype)?.ok_or_else(|| Error::CannotFindTensor { path: name.to_string() }.bt())?;
        match finite::count_others(&tensor)? {
            0 => Ok(tensor),
            count => Err(Error::Msg(format!(
                "{name}: {count} of {} numbers are not finite (NaN or infinite)",
                tensor.elem_count()
            ))),
        }
    }

    /// A builder for networks.
    pub(super) fn builder(&self, dtype: DType, device: &Device) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), dtype, device.clone())
    }
}

/// Whether a file is one of `torch.save`, by its name.
fn is_pickle(path: &Path) -> bool {
    path.extension().is_some_and(|suffix| ["bin", "ckpt", "pt", "pth", "th"].iter().any(|known| suffix == *known))
}

impl SimpleBackend for Weights {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> Result<Tensor> {
        let tensor = self.read_as(name, Some(dtype_beside_blocks(dtype)))?;
        if tensor.shape() != &shape {
            let msg = format!("shape mismatch for {name}");
            return Err(Error::UnexpectedShape { msg, expected: shape, got: tensor.shape().clone() }.bt());
        }
        tensor.to_device(device)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        self.read_as(name, Some(dtype_beside_blocks(dtype)))?.to_device(device)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.0.tensors().iter().any(|(known, _)| known == name)
    }
}
