//! Where upscalers are.

use std::path::{Path, PathBuf};

use candle_core::Device;

use crate::engine::error::EngineError;
use crate::kandinsky::{ModelError, Upscaler};

/// The folder of upscalers inside a model folder; it has the name of the published repository.
pub(crate) const FOLDER: &str = "Real-ESRGAN";
/// Endings of files that may hold one.
const SUFFIXES: [&str; 2] = ["pth", "safetensors"];

/// Reads an upscaler for pictures `scale` times as large.
///
/// # Errors
/// [`ModelError::Upscaler`], also where it draws less than `scale` times as large.
pub(in crate::engine) fn open_upscaler(path: &Path, device: &Device, scale: u32) -> Result<Upscaler, EngineError> {
    let upscaler = Upscaler::open(path, device)?;
    if upscaler.scale() < scale as usize {
        let reason = format!("it is {} and ×{scale} is asked for; name one of ×{scale}, or take ×2", upscaler.shape());
        return Err(ModelError::Upscaler { file: path.display().to_string(), reason }.into());
    }
    Ok(upscaler)
}

/// The upscaler for a scale: the named file, else one in the model folder; `None` where there is none.
///
/// # Errors
/// What is wrong with the only ones in the model folder.
pub fn upscaler_file(model: Option<&Path>, named: Option<&Path>, scale: u32) -> Result<Option<PathBuf>, EngineError> {
    if let Some(path) = named {
        return Ok(Some(path.to_owned()));
    }
    let (mut larger, mut broken) = (None, None);
    for path in model.map_or_else(Vec::new, upscaler_files) {
        match Upscaler::contents(&path).map(|contents| contents.shape.scale()) {
            Ok(found) if found == scale as usize => return Ok(Some(path)),
            Ok(found) if found > scale as usize => larger = larger.or(Some(path)),
            Ok(_) => {}
            Err(error) => broken = broken.or(Some(error)),
        }
    }
    match (larger, broken) {
        (None, Some(error)) => Err(error.into()),
        (larger, _) => Ok(larger),
    }
}

/// The files in a model folder that may be upscalers, by name.
#[must_use]
pub fn upscaler_files(model: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(model.join(FOLDER)).into_iter().flatten();
    let is_weights =
        |path: &PathBuf| path.extension().is_some_and(|suffix| SUFFIXES.iter().any(|known| suffix == *known));
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_weights).collect();
    files.sort();
    files
}
