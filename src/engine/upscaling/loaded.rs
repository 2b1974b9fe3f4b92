//! The upscalers of an engine, loaded when a picture asks for them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use candle_core::Device;

use super::file::{open_upscaler, upscaler_file};
use crate::engine::error::EngineError;
use crate::engine::options::EngineOptions;
use crate::kandinsky::Upscaler;

/// The upscalers of an engine.
#[derive(Debug)]
pub(in crate::engine) struct Upscalers {
    named: Option<PathBuf>,
    model: Option<PathBuf>,
    /// By the scale that they were asked for.
    loaded: Mutex<BTreeMap<u32, Arc<Upscaler>>>,
}

impl Upscalers {
    pub(in crate::engine) fn new(options: &EngineOptions) -> Self {
        let EngineOptions { upscaler, model, .. } = options;
        Self { named: upscaler.clone(), model: model.clone(), loaded: Mutex::default() }
    }

    /// The file of the upscaler for a scale; `None` where there is none.
    ///
    /// # Errors
    /// Those of [`upscaler_file`].
    pub(in crate::engine) fn file(&self, scale: u32) -> Result<Option<PathBuf>, EngineError> {
        upscaler_file(self.model.as_deref(), self.named.as_deref(), scale)
    }

    /// The upscaler for a scale, loaded at the first call; `None` where there is none.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(in crate::engine) fn get(&self, scale: u32, device: &Device) -> Result<Option<Arc<Upscaler>>, EngineError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(upscaler) = loaded.get(&scale) {
            return Ok(Some(Arc::clone(upscaler)));
        }
        let Some(file) = self.file(scale)? else { return Ok(None) };
        let upscaler = Arc::new(open_upscaler(&file, device, scale)?);
        loaded.insert(scale, Arc::clone(&upscaler));
        Ok(Some(upscaler))
    }

    /// Unloads all of them.
    pub(in crate::engine) fn unload(&self) {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
