//! A model as named files: in a folder, or embedded in the program.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use candle_core::{DType, Device};
use candle_nn::VarBuilder;
use serde::de::DeserializeOwned;

use super::config::Config;
use super::error::ModelError;
use super::random_weights::RANDOM_WEIGHTS;
use super::{mapped_weights, pickled_weights, random_weights};

/// Weight files of one part, in order of preference.
const WEIGHT_FILES: [&str; 6] = [
    "diffusion_pytorch_model.safetensors",
    "model.safetensors",
    "diffusion_pytorch_model.fp16.safetensors",
    "model.fp16.safetensors",
    "diffusion_pytorch_model.bin",
    "pytorch_model.bin",
];

/// Indices of weights that are split over several files.
const WEIGHT_INDICES: [&str; 2] = ["diffusion_pytorch_model.safetensors.index.json", "model.safetensors.index.json"];

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
    Embedded(EmbeddedFiles),
}

impl ModelFiles {
    /// A model in a folder of the file system.
    ///
    /// # Errors
    /// [`ModelError::NoFolder`] if there is no such folder.
    pub fn folder(path: impl Into<PathBuf>) -> Result<Self, ModelError> {
        let path = path.into();
        if !path.is_dir() {
            return Err(ModelError::NoFolder { path });
        }
        Ok(Self { source: Source::Folder(path) })
    }

    /// A model compiled into the program.
    pub fn embedded(files: EmbeddedFiles) -> Self {
        Self { source: Source::Embedded(files) }
    }

    /// How to call the model in messages: its folder, or "the embedded model".
    pub fn name(&self) -> String {
        match &self.source {
            Source::Folder(path) => path.display().to_string(),
            Source::Embedded(_) => "the embedded model".to_string(),
        }
    }

    /// Whether the model has the file.
    pub fn has_file(&self, path: &str) -> bool {
        match &self.source {
            Source::Folder(root) => root.join(path).is_file(),
            Source::Embedded(files) => content(files, path).is_some(),
        }
    }

    /// Whether the model has the folder.
    pub fn has_folder(&self, path: &str) -> bool {
        match &self.source {
            Source::Folder(root) => root.join(path).is_dir(),
            Source::Embedded(files) => files.iter().any(|(file, _)| Path::new(file).starts_with(path) && *file != path),
        }
    }

    /// The whole content of a file.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`] or [`ModelError::Read`].
    pub fn read(&self, path: &str) -> Result<Cow<'static, [u8]>, ModelError> {
        match &self.source {
            Source::Embedded(files) => content(files, path)
                .map(Cow::Borrowed)
                .ok_or_else(|| self.missing(path, "the program was built without it")),
            Source::Folder(root) => match std::fs::read(root.join(path)) {
                Ok(bytes) => Ok(Cow::Owned(bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                    Err(self.missing(path, "fetch the model again, or copy the file there"))
                }
                Err(source) => Err(ModelError::Read { file: self.describe(path), source }),
            },
        }
    }

    /// A JSON file.
    ///
    /// # Errors
    /// Those of [`ModelFiles::read`], and [`ModelError::Config`] if it does not parse.
    pub fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ModelError> {
        serde_json::from_slice(&self.read(path)?)
            .map_err(|error| ModelError::Config { file: self.describe(path), reason: error.to_string() })
    }

    /// A configuration file, read and checked.
    ///
    /// # Errors
    /// Those of [`ModelFiles::json`], and [`ModelError::Config`] if it describes something unknown.
    pub fn config<T: Config>(&self, path: &str) -> Result<T, ModelError> {
        let config: T = self.json(path)?;
        match config.check() {
            Ok(()) => Ok(config),
            Err(reason) => Err(ModelError::Config { file: self.describe(path), reason }),
        }
    }

    /// Reads one part of the model: opens the weights in `folder` and hands them, cast to `dtype`, to `load`.
    ///
    /// # Errors
    /// [`ModelError::MissingFile`] if there are no weights, [`ModelError::Weights`] if they are damaged or if a tensor
    /// is missing or has another shape.
    pub fn part<T>(
        &self,
        folder: &str,
        dtype: DType,
        device: &Device,
        load: impl FnOnce(VarBuilder<'static>) -> candle_core::Result<T>,
    ) -> Result<T, ModelError> {
        if self.is_random(folder) {
            let file = self.describe(folder);
            return load(random_weights::builder(dtype, device)).map_err(|source| ModelError::Weights { file, source });
        }
        let files = self.weight_files(folder)?;
        let file = self.describe(files.first().map_or(folder, String::as_str));
        self.open(&files, dtype, device).and_then(load).map_err(|source| ModelError::Weights { file, source })
    }

    /// Whether the weights in a folder are to be made, not read.
    fn is_random(&self, folder: &str) -> bool {
        let random = |(path, content): &(&str, &[u8])| path.starts_with(folder) && *content == RANDOM_WEIGHTS;
        matches!(&self.source, Source::Embedded(files) if files.iter().any(random))
    }

    /// How many numbers the weights in a folder hold, by the size of its files; 16-bit numbers are assumed where the
    /// files can not be read. For plans of memory.
    pub(super) fn parameters(&self, folder: &str) -> u64 {
        let files = self.weight_files(folder).unwrap_or_default();
        files.iter().map(|file| self.file_size(file) / 2).sum()
    }

    fn file_size(&self, path: &str) -> u64 {
        match &self.source {
            Source::Folder(root) => std::fs::metadata(root.join(path)).map_or(0, |metadata| metadata.len()),
            Source::Embedded(files) => content(files, path).map_or(0, |content| content.len() as u64),
        }
    }

    /// The safetensors files of a folder: one, or several that an index lists.
    fn weight_files(&self, folder: &str) -> Result<Vec<String>, ModelError> {
        let present = |name: &&str| self.has_file(&format!("{folder}/{name}"));
        if let Some(name) = WEIGHT_FILES.iter().copied().find(present) {
            return Ok(vec![format!("{folder}/{name}")]);
        }
        if let Some(name) = WEIGHT_INDICES.iter().copied().find(present) {
            return self.indexed_files(folder, name);
        }
        let name = if folder.ends_with("encoder") { WEIGHT_FILES[1] } else { WEIGHT_FILES[0] };
        let hint = "fetch the model again, or copy the file there";
        Err(self.missing(&format!("{folder}/{name}"), hint))
    }

    fn indexed_files(&self, folder: &str, index: &str) -> Result<Vec<String>, ModelError> {
        #[derive(serde::Deserialize)]
        struct Index {
            weight_map: std::collections::BTreeMap<String, String>,
        }
        let index: Index = self.json(&format!("{folder}/{index}"))?;
        let mut files: Vec<String> = index.weight_map.into_values().collect();
        files.sort();
        files.dedup();
        let files: Vec<String> = files.into_iter().map(|file| format!("{folder}/{file}")).collect();
        match files.iter().find(|file| !self.has_file(file)) {
            Some(file) => Err(self.missing(file, "the index beside it lists it; fetch it again")),
            None => Ok(files),
        }
    }

    /// Opens weights without reading them all: tensors are read, and cast, when a network asks for them.
    fn open(&self, files: &[String], dtype: DType, device: &Device) -> candle_core::Result<VarBuilder<'static>> {
        match &self.source {
            Source::Folder(root) => {
                let paths: Vec<PathBuf> = files.iter().map(|file| root.join(file)).collect();
                if let [path] = &*paths
                    && path.extension().is_some_and(|suffix| suffix == "bin")
                {
                    return pickled_weights::open(path, dtype, device);
                }
                mapped_weights::open(&paths, dtype, device)
            }
            Source::Embedded(embedded) => {
                let [file] = files else {
                    candle_core::bail!("embedded weights must be one file each");
                };
                VarBuilder::from_slice_safetensors(content(embedded, file).unwrap_or_default(), dtype, device)
            }
        }
    }

    /// A file's path for messages.
    pub fn describe(&self, path: &str) -> String {
        match &self.source {
            Source::Folder(root) => root.join(Path::new(path)).display().to_string(),
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
        assert_eq!(error.to_string(), "the model folder /no/such/model does not exist");
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
