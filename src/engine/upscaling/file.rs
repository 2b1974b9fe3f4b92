//! Where upscalers are.

use std::path::{Path, PathBuf};

use candle_core::Device;

use crate::engine::embedded;
use crate::engine::error::EngineError;
use crate::kandinsky::{ModelError, Upscaler};

/// The folder of upscalers inside a model folder; it has the name of the published repository.
pub(crate) const FOLDER: &str = "Real-ESRGAN";
/// Endings of files that may hold one.
const SUFFIXES: [&str; 2] = ["pth", "safetensors"];

/// An upscaler that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpscalerFile {
    /// A file.
    Path(PathBuf),
    /// The small one that is compiled in.
    Embedded(&'static [u8]),
}

impl UpscalerFile {
    /// Reads it, for pictures `scale` times as large.
    ///
    /// # Errors
    /// [`ModelError::Upscaler`], also where it draws less than `scale` times as large.
    pub(in crate::engine) fn load(&self, device: &Device, scale: u32) -> Result<Upscaler, EngineError> {
        let upscaler = match self {
            Self::Path(path) => Upscaler::open(path, device)?,
            Self::Embedded(bytes) => Upscaler::embedded(bytes, device)?,
        };
        if upscaler.scale() < scale as usize {
            let file = match self {
                Self::Path(path) => path.display().to_string(),
                Self::Embedded(_) => "the embedded upscaler".to_owned(),
            };
            let reason =
                format!("it is {} and ×{scale} is asked for; name one of ×{scale}, or take ×2", upscaler.shape());
            return Err(ModelError::Upscaler { file, reason }.into());
        }
        Ok(upscaler)
    }
}

/// The upscaler for a scale: the named file, else one in the model folder, else, without a model folder, the embedded one.
///
/// # Errors
/// [`ModelError::NoUpscaler`], or what is wrong with the only ones in the model folder.
pub fn upscaler_file(model: Option<&Path>, named: Option<&Path>, scale: u32) -> Result<UpscalerFile, EngineError> {
    if let Some(path) = named {
        return Ok(UpscalerFile::Path(path.to_owned()));
    }
    let Some(model) = model else {
        return embedded::upscaler().map(UpscalerFile::Embedded).ok_or(ModelError::NotEmbedded.into());
    };
    let (mut larger, mut broken) = (None, None);
    for path in upscaler_files(model) {
        match Upscaler::contents(&path).map(|contents| contents.shape.scale()) {
            Ok(found) if found == scale as usize => return Ok(UpscalerFile::Path(path)),
            Ok(found) if found > scale as usize => larger = larger.or(Some(path)),
            Ok(_) => {}
            Err(error) => broken = broken.or(Some(error)),
        }
    }
    match (larger, broken) {
        (Some(path), _) => Ok(UpscalerFile::Path(path)),
        (None, Some(error)) => Err(error.into()),
        (None, None) => Err(ModelError::NoUpscaler { folder: model.join(FOLDER), scale }.into()),
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
