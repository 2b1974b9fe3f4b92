//! A model as named files: in a folder, or embedded in the program.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use serde::de::DeserializeOwned;

use super::config::Config;
use super::error::{ModelError, without_backtrace};
use super::file_reading::{CONFIG_LIMIT, FILE_LIMIT, is_lfs_pointer, names_in, read_file};
use super::original::{self, OriginalFolder};
use super::weight_names::{WeightFiles, choose, is_plain_name};
use super::weights::{RANDOM_WEIGHTS, Weights, random};

/// Files compiled into the program: path inside the model, content.
pub type EmbeddedFiles = &'static [(&'static str, &'static [u8])];

/// Where the files of a model are. Paths inside a model always have forward slashes.
#[derive(Debug, Clone)]
pub struct ModelFiles {
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    Folder(PathBuf),
    /// A folder with original checkpoints, answering as if it were one of the Hugging Face layout.
    Original(OriginalFolder),
    Embedded(EmbeddedFiles),
}

impl ModelFiles {
    /// A model in a folder of the file system, in either of the published layouts.
    ///
    /// # Errors
    /// [`ModelError::NoFolder`] if there is no such folder.
    pub fn folder(path: impl Into<PathBuf>) -> Result<Self, ModelError> {
        let path = path.into();
        if !path.is_dir() {
            return Err(ModelError::NoFolder { path });
        }
        let source = OriginalFolder::find(&path).map_or(Source::Folder(path), Source::Original);
        Ok(Self { source })
    }

    /// A model compiled into the program.
    pub fn embedded(files: EmbeddedFiles) -> Self {
        Self { source: Source::Embedded(files) }
    }

    /// How to call the model in messages: its folder, or "the embedded model".
    pub fn name(&self) -> String {
        match &self.source {
            Source::Folder(path) => path.display().to_string(),
            Source::Original(original) => original.root().display().to_string(),
            Source::Embedded(_) => "the embedded model".to_string(),
        }
    }

    /// Whether the folder holds original checkpoints.
    pub fn is_original(&self) -> bool {
        matches!(self.source, Source::Original(_))
    }

    /// Whether the model has the file.
    pub fn has_file(&self, path: &str) -> bool {
        match &self.source {
            Source::Folder(root) => root.join(path).is_file(),
            Source::Original(original) => original.source(path).is_some(),
            Source::Embedded(files) => content(files, path).is_some(),
        }
    }

    /// Whether the model has the folder.
    pub fn has_folder(&self, path: &str) -> bool {
        match &self.source {
            Source::Folder(root) => root.join(path).is_dir(),
            Source::Original(original) => original.has_folder(path),
            Source::Embedded(files) => files.iter().any(|(file, _)| Path::new(file).starts_with(path) && *file != path),
        }
    }

    /// The names of the files in a folder; none where there is no such folder.
    fn names_in(&self, folder: &str) -> Vec<String> {
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
        match &self.source {
            Source::Embedded(files) => {
                let inside = files.iter().map(|(file, _)| Path::new(*file));
                inside.filter(|file| file.parent() == Some(Path::new(folder))).filter_map(name).collect()
            }
            Source::Folder(root) => names_in(&root.join(folder)),
            Source::Original(_) => Vec::new(),
        }
    }

    /// The whole content of a file, of at most 48 MB, without a byte order mark.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`], [`ModelError::LfsPointer`] or [`ModelError::Read`].
    pub fn read(&self, path: &str) -> Result<Cow<'static, [u8]>, ModelError> {
        self.read_within(path, FILE_LIMIT)
    }

    fn read_within(&self, path: &str, limit: u64) -> Result<Cow<'static, [u8]>, ModelError> {
        match &self.source {
            Source::Embedded(files) => content(files, path)
                .map(Cow::Borrowed)
                .ok_or_else(|| self.missing(path, "the program was built without it")),
            Source::Folder(root) => self.read_file(&root.join(path), path, limit),
            Source::Original(original) => match original.source(path) {
                Some(original::Source::File(file)) => self.read_file(&file, path, limit),
                Some(original::Source::Made(file)) => {
                    self.check_no_pointer(&file)?;
                    let broken = |source| self.broken_file(self.describe(path), source);
                    let value = original.make(path).map_err(broken)?;
                    Ok(Cow::Owned(value.to_string().into_bytes()))
                }
                None => Err(self.missing(path, &original.hint(path))),
            },
        }
    }

    fn read_file(&self, file: &Path, path: &str, limit: u64) -> Result<Cow<'static, [u8]>, ModelError> {
        self.check_no_pointer(file)?;
        match read_file(file, limit) {
            Ok(bytes) => Ok(Cow::Owned(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(self.missing(path, "fetch the model again, or copy the file there"))
            }
            Err(source) => Err(ModelError::Read { file: self.describe(path), source }),
        }
    }

    fn check_no_pointer(&self, file: &Path) -> Result<(), ModelError> {
        match is_lfs_pointer(file) {
            true => Err(ModelError::LfsPointer { file: file.display().to_string() }),
            false => Ok(()),
        }
    }

    /// A JSON file.
    ///
    /// # Errors
    /// Those of [`ModelFiles::read`], and [`ModelError::Config`] if it does not parse.
    pub fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ModelError> {
        self.json_within(path, FILE_LIMIT)
    }

    fn json_within<T: DeserializeOwned>(&self, path: &str, limit: u64) -> Result<T, ModelError> {
        serde_json::from_slice(&self.read_within(path, limit)?)
            .map_err(|error| ModelError::Config { file: self.describe(path), reason: error.to_string() })
    }

    /// A configuration file, read and checked.
    ///
    /// # Errors
    /// Those of [`ModelFiles::json`], and [`ModelError::Config`] if it describes something unknown.
    pub fn config<T: Config>(&self, path: &str) -> Result<T, ModelError> {
        let config: T = self.json_within(path, CONFIG_LIMIT)?;
        match config.check() {
            Ok(()) => Ok(config),
            Err(reason) => Err(ModelError::Config { file: self.describe(path), reason }),
        }
    }

    /// Reads one part of the model: opens the weights in `folder` and hands them, cast to `dtype`, to `load`.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`] if there are no weights, [`ModelError::Weights`] if they are damaged, if a tensor
    /// is missing or has another shape, or if a number in one is not finite.
    pub fn part<T>(
        &self,
        folder: &str,
        dtype: DType,
        device: &Device,
        load: impl FnOnce(VarBuilder<'static>) -> candle_core::Result<T>,
    ) -> Result<T, ModelError> {
        if self.is_random(folder) {
            return load(random::builder(dtype, device)).map_err(|source| self.broken(folder, source));
        }
        let weights = self.weights(folder)?;
        load(weights.builder(dtype, device)).map_err(|source| self.broken(folder, source))
    }

    /// Whether the weights in a folder are to be made, not read.
    fn is_random(&self, folder: &str) -> bool {
        let random = |(path, content): &(&str, &[u8])| path.starts_with(folder) && *content == RANDOM_WEIGHTS;
        matches!(&self.source, Source::Embedded(files) if files.iter().any(random))
    }

    /// The weights in a folder. Only their names are read; tensors are when they are asked for.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`] if there are none, [`ModelError::Weights`] if a file is damaged or a pickle that would run
    /// code.
    pub fn weights(&self, folder: &str) -> Result<Weights, ModelError> {
        let broken = |source| self.broken(folder, source);
        match &self.source {
            Source::Original(original) => {
                let files = original.weight_files(folder);
                if files.is_empty() {
                    return Err(self.missing(folder, &original.hint(folder)));
                }
                files.iter().try_for_each(|file| self.check_no_pointer(file))?;
                original
                    .weights(folder, &files)
                    .map_err(|unreadable| self.broken_file(unreadable.file.display().to_string(), unreadable.source))
            }
            Source::Folder(root) => {
                let files = self.weight_files(folder)?;
                let paths: Vec<PathBuf> = files.iter().map(|file| root.join(file)).collect();
                paths.iter().try_for_each(|path| self.check_no_pointer(path))?;
                Weights::open(&paths).map_err(broken)
            }
            Source::Embedded(embedded) => match &*self.weight_files(folder)? {
                [file] => Weights::from_slice(content(embedded, file).unwrap_or_default()).map_err(broken),
                _ => Err(broken(candle_core::Error::Msg("embedded weights must be one file each".to_string()))),
            },
        }
    }

    /// The error for weights that can not be used; it names their file.
    pub(super) fn broken(&self, folder: &str, source: candle_core::Error) -> ModelError {
        self.broken_file(self.weight_file(folder), source)
    }

    fn broken_file(&self, file: String, source: candle_core::Error) -> ModelError {
        ModelError::Weights { file, source: without_backtrace(source) }
    }

    /// The file with the weights in a folder, for messages; the first where there are several.
    pub fn weight_file(&self, folder: &str) -> String {
        match &self.source {
            Source::Original(original) => {
                original.weight_files(folder).first().map_or(folder.to_string(), |path| path.display().to_string())
            }
            _ => self.describe(self.weight_files(folder).unwrap_or_default().first().map_or(folder, String::as_str)),
        }
    }

    /// How many numbers the weights in a folder hold; 0 where they can not be read. For plans of memory.
    pub(super) fn parameters(&self, folder: &str) -> u64 {
        let tensors = self.weights(folder).map(|weights| weights.tensors()).unwrap_or_default();
        tensors.iter().map(|(_, stored)| stored.elements()).sum()
    }

    /// The weight files of a folder: one, or several.
    fn weight_files(&self, folder: &str) -> Result<Vec<String>, ModelError> {
        let hint = "fetch the model again, or copy the file there";
        let is_whole = |index: &str| self.indexed_files(folder, index).is_ok();
        match choose(&self.names_in(folder), is_whole) {
            Some(WeightFiles::Files(names)) => Ok(names.iter().map(|name| format!("{folder}/{name}")).collect()),
            Some(WeightFiles::Indexed(index)) => self.indexed_files(folder, &index),
            Some(WeightFiles::MissingShard(name)) => Err(self.missing(&format!("{folder}/{name}"), hint)),
            None => {
                let is_encoder = folder.ends_with("encoder");
                let name = if is_encoder { "model.safetensors" } else { "diffusion_pytorch_model.safetensors" };
                Err(self.missing(&format!("{folder}/{name}"), hint))
            }
        }
    }

    fn indexed_files(&self, folder: &str, index: &str) -> Result<Vec<String>, ModelError> {
        #[derive(serde::Deserialize)]
        struct Index {
            weight_map: std::collections::BTreeMap<String, String>,
        }
        let index = format!("{folder}/{index}");
        let Index { weight_map } = self.json(&index)?;
        let files: std::collections::BTreeSet<String> = weight_map.into_values().collect();
        if let Some(file) = files.iter().find(|file| !is_plain_name(file)) {
            let reason = format!("it lists {file:?}, which is no name of a file beside it");
            return Err(ModelError::Config { file: self.describe(&index), reason });
        }
        let files: Vec<String> = files.into_iter().map(|file| format!("{folder}/{file}")).collect();
        match files.iter().find(|file| !self.has_file(file)) {
            Some(file) => Err(self.missing(file, "the index beside it lists it; fetch it again")),
            None => Ok(files),
        }
    }

    /// A file's path for messages.
    pub fn describe(&self, path: &str) -> String {
        match &self.source {
            Source::Folder(root) => root.join(Path::new(path)).display().to_string(),
            Source::Original(original) => match original.source(path) {
                Some(original::Source::File(file) | original::Source::Made(file)) => file.display().to_string(),
                None => original.root().join(path).display().to_string(),
            },
            Source::Embedded(_) => format!("{path} of the embedded model"),
        }
    }

    /// The error for a missing file.
    pub(super) fn missing(&self, path: &str, hint: &str) -> ModelError {
        ModelError::MissingFile { model: self.name(), file: path.to_string(), hint: hint.to_string() }
    }
}

fn content(files: EmbeddedFiles, path: &str) -> Option<&'static [u8]> {
    files.iter().find(|(file, _)| *file == path).map(|(_, content)| *content)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use crate::kandinsky::config::UNetConfig;

    #[test]
    fn a_missing_folder_is_named() {
        let error = ModelFiles::folder("/no/such/model").unwrap_err();
        assert!(error.to_string().starts_with("the model folder /no/such/model does not exist; "), "{error}");
    }

    #[test]
    fn a_missing_weight_file_says_which_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("unet")).unwrap();
        let files = ModelFiles::folder(folder.path()).unwrap();
        let error = files.part("unet", DType::F32, &Device::Cpu, |_| Ok(())).unwrap_err().to_string();
        assert!(error.contains("unet/diffusion_pytorch_model.safetensors is missing"));
        std::fs::write(folder.path().join("unet/diffusion_pytorch_model.bin"), "pickle").unwrap();
        let error = files.part("unet", DType::F32, &Device::Cpu, |_| Ok(())).unwrap_err().to_string();
        assert!(error.contains("unet/diffusion_pytorch_model.bin") && error.contains("torch.save"), "{error}");
    }

    #[test]
    fn damaged_weights_name_their_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("model.safetensors"), "short").unwrap();
        let files = ModelFiles::folder(folder.path()).unwrap();
        let error = files.part(".", DType::F32, &Device::Cpu, |_| Ok(())).unwrap_err();
        assert!(matches!(&error, ModelError::Weights { file, .. } if file.contains("model.safetensors")));
    }

    #[test]
    fn a_config_that_is_not_json_names_its_file() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.json"), "{").unwrap();
        let files = ModelFiles::folder(folder.path()).unwrap();
        let error = files.config::<UNetConfig>("config.json").unwrap_err();
        assert!(error.to_string().contains("config.json: EOF"), "{error}");
    }
}
