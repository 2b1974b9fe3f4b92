//! Writes a model in the Hugging Face layout, whatever layout it is in.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use candle_core::{DType, Tensor};
use safetensors::tensor::View;
use serde_json::Value;

use super::error::ModelError;
use super::files::ModelFiles;
use super::repositories::{DECODER, INPAINT, PRIOR};
use super::weights::{Stored, Weights};

/// Files beside the networks' own.
const SIDE_FILES: [&str; 9] = [
    "model_index.json",
    "scheduler/scheduler_config.json",
    "image_processor/preprocessor_config.json",
    "tokenizer/vocab.json",
    "tokenizer/merges.txt",
    "tokenizer/tokenizer.json",
    "tokenizer/tokenizer_config.json",
    "tokenizer/special_tokens_map.json",
    "tokenizer/sentencepiece.bpe.model",
];

/// Networks of the prior's repository, and of both decoders'.
const PRIOR_PARTS: [&str; 3] = ["text_encoder", "image_encoder", "prior"];
const DECODER_PARTS: [&str; 3] = ["text_encoder", "unet", "movq"];

/// Writes every repository that the model has into `target`, weights as safetensors, in the type they are stored in or in `dtype`.
/// `progress` is called with each weight file before it is written. Existing files are replaced.
///
/// Files that both decoders have are written once and linked.
///
/// # Errors
/// [`ModelError`] that names the file at fault. A weight file that can not be completed is not left behind.
pub fn convert(
    files: &ModelFiles,
    target: &Path,
    dtype: Option<DType>,
    mut progress: impl FnMut(&Path),
) -> Result<(), ModelError> {
    let mut written: Vec<(PathBuf, PathBuf)> = Vec::new();
    for (repository, parts) in [(PRIOR, PRIOR_PARTS), (DECODER, DECODER_PARTS), (INPAINT, DECODER_PARTS)] {
        if !files.has_folder(repository) {
            continue;
        }
        for part in parts {
            let folder = format!("{repository}/{part}");
            let file = target.join(&folder).join(weight_name(part));
            copy_json(files, &format!("{folder}/config.json"), target)?;
            progress(&file);
            let source = PathBuf::from(files.weight_file(&folder));
            match written.iter().find(|(known, _)| *known == source && repository == INPAINT) {
                Some((_, twin)) => link(twin, &file)?,
                None => write(&files.weights(&folder)?, &file, dtype)?,
            }
            written.push((source, file));
        }
        for name in SIDE_FILES {
            let path = format!("{repository}/{name}");
            if files.has_file(&path) {
                copy_json(files, &path, target)?;
            }
        }
    }
    if files.has_file("kandinsky.json") {
        copy_json(files, "kandinsky.json", target)?;
    }
    Ok(())
}

/// The file name of a part's weights in diffusers and transformers.
fn weight_name(part: &str) -> &'static str {
    if part.ends_with("encoder") { "model.safetensors" } else { "diffusion_pytorch_model.safetensors" }
}

/// Copies a file; a small JSON file is laid out for reading.
fn copy_json(files: &ModelFiles, path: &str, target: &Path) -> Result<(), ModelError> {
    let bytes = files.read(path)?;
    let made = path.ends_with("config.json") || path.ends_with("index.json");
    let pretty = made.then(|| serde_json::from_slice::<Value>(&bytes).ok()).flatten();
    let bytes = match pretty {
        Some(value) => Cow::Owned(format!("{value:#}\n").into_bytes()),
        None => bytes,
    };
    let file = target.join(path);
    parent(&file)?;
    std::fs::write(&file, bytes).map_err(|source| unwritten(&file, source))
}

fn parent(file: &Path) -> Result<(), ModelError> {
    let folder = file.parent().unwrap_or(file);
    std::fs::create_dir_all(folder).map_err(|source| unwritten(folder, source))
}

fn unwritten(file: &Path, source: std::io::Error) -> ModelError {
    ModelError::Write { file: file.display().to_string(), source }
}

/// A second name for a file, or a copy where the file system has no second names.
fn link(from: &Path, to: &Path) -> Result<(), ModelError> {
    parent(to)?;
    let _ = std::fs::remove_file(to);
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    std::fs::copy(from, to).map(|_| ()).map_err(|source| unwritten(to, source))
}

/// Writes one weight file, a tensor at a time.
fn write(weights: &Weights, file: &Path, dtype: Option<DType>) -> Result<(), ModelError> {
    parent(file)?;
    let failure = Mutex::new(None);
    let views: Vec<(String, Lazy<'_>)> = weights
        .tensors()
        .into_iter()
        .map(|(name, stored)| (name.clone(), Lazy::new(weights, name, stored, dtype, &failure)))
        .collect();
    // PyTorch's own mark, without which transformers refuses the file.
    let mark = [("format".to_string(), "pt".to_string())].into();
    let written = safetensors::serialize_to_file(views, Some(mark), file);
    let failure = failure.into_inner().unwrap_or_else(PoisonError::into_inner);
    match (failure, written) {
        (Some(source), _) => {
            let _ = std::fs::remove_file(file);
            Err(ModelError::Weights { file: format!("the source of {}", file.display()), source })
        }
        (None, Err(error)) => Err(unwritten(file, std::io::Error::other(error.to_string()))),
        (None, Ok(())) => Ok(()),
    }
}

/// A tensor that is read when it is written. The writer knows no failures on the way, so the first is kept here.
struct Lazy<'a> {
    weights: &'a Weights,
    name: String,
    stored: Stored,
    failure: &'a Mutex<Option<candle_core::Error>>,
}

impl<'a> Lazy<'a> {
    fn new(
        weights: &'a Weights,
        name: String,
        stored: Stored,
        dtype: Option<DType>,
        failure: &'a Mutex<Option<candle_core::Error>>,
    ) -> Self {
        let dtype = dtype.filter(|_| stored.dtype.is_float()).unwrap_or(stored.dtype);
        Self { weights, name, stored: Stored { dtype, shape: stored.shape }, failure }
    }

    fn bytes(&self) -> candle_core::Result<Vec<u8>> {
        let tensor: Tensor = self.weights.read(&self.name)?.to_dtype(self.stored.dtype)?.contiguous()?;
        Ok(View::data(&tensor).into_owned())
    }
}

impl View for Lazy<'_> {
    fn dtype(&self) -> safetensors::Dtype {
        self.stored.dtype.into()
    }

    fn shape(&self) -> &[usize] {
        &self.stored.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if failure.is_some() {
            return Cow::Owned(vec![0; self.data_len()]);
        }
        Cow::Owned(self.bytes().unwrap_or_else(|error| {
            *failure = Some(error);
            vec![0; self.data_len()]
        }))
    }

    fn data_len(&self) -> usize {
        self.stored.bytes() as usize
    }
}
