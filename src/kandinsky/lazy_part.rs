//! A part of the model that is loaded when it is first needed and can be let go again.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{DType, Device};
use candle_nn::VarBuilder;

use super::config::Config;
use super::error::ModelError;
use super::files::ModelFiles;
use crate::ops::Q8_0;

/// A folder with `config.json` and weights, and the network that comes of them.
#[derive(Debug)]
pub(super) struct LazyPart<C, N> {
    folder: String,
    config: C,
    files: ModelFiles,
    device: Device,
    dtype: DType,
    load: fn(&C, VarBuilder<'_>) -> candle_core::Result<N>,
    network: Mutex<Option<Arc<N>>>,
}

impl<C: Config, N> LazyPart<C, N> {
    /// Reads the configuration; the weights stay where they are.
    ///
    /// # Errors
    /// Those of [`ModelFiles::config`].
    pub(super) fn open(
        files: &ModelFiles,
        folder: String,
        device: &Device,
        dtype: DType,
        load: fn(&C, VarBuilder<'_>) -> candle_core::Result<N>,
    ) -> Result<Self, ModelError> {
        let config = files.config(&format!("{folder}/config.json"))?;
        let (files, device) = (files.clone(), device.clone());
        Ok(Self { folder, config, files, device, dtype, load, network: Mutex::new(None) })
    }

    pub(super) fn config(&self) -> &C {
        &self.config
    }

    /// The network, loaded now if it was not.
    ///
    /// # Errors
    /// Those of [`ModelFiles::part`].
    pub(super) fn get(&self) -> Result<Arc<N>, ModelError> {
        let mut slot = self.network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(network) = &*slot {
            return Ok(Arc::clone(network));
        }
        let network =
            Arc::new(self.files.part(&self.folder, self.dtype, &self.device, |vb| (self.load)(&self.config, vb))?);
        *slot = Some(Arc::clone(&network));
        Ok(network)
    }

    /// Lets the weights go; the next [`LazyPart::get`] loads them again.
    pub(super) fn release(&self) {
        *self.network.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Memory that the loaded weights take, bytes.
    pub(super) fn bytes(&self) -> u64 {
        // A block of Q8_0, 32 numbers, has a scale of two bytes; this leaves embeddings out, which stay in f16.
        let bytes = self.files.parameters(&self.folder) * self.dtype.size_in_bytes() as u64;
        if self.dtype == Q8_0 { bytes * 17 / 16 } else { bytes }
    }
}
