//! Small files of a translator's folder.

use std::fmt::Display;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::kandinsky::ModelError;

/// The largest file beside the weights that is read; the published ones have at most 2.6 MB.
const LIMIT: u64 = 32 * 1024 * 1024;

/// The whole content of a file.
///
/// # Errors
/// [`ModelError`] that names the file: it is missing, larger than any there should be, or can not be read.
pub(super) fn read_bounded(file: &Path) -> Result<Vec<u8>, ModelError> {
    let unreadable = |source: std::io::Error| ModelError::Read { file: file.display().to_string(), source };
    let open = File::open(file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => missing(file),
        _ => unreadable(error),
    })?;
    let mut bytes = Vec::new();
    open.take(LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LIMIT {
        return Err(refused(file, format!("it is larger than {} MB", LIMIT >> 20)));
    }
    Ok(bytes)
}

/// A JSON file.
///
/// # Errors
/// Those of [`read_bounded`], and [`ModelError::Config`] if it does not parse.
pub(super) fn read_json<T: DeserializeOwned>(file: &Path) -> Result<T, ModelError> {
    serde_json::from_slice(&read_bounded(file)?).map_err(|error| refused(file, error))
}

/// The error for a file that can not be used.
pub(super) fn refused(file: &Path, reason: impl Display) -> ModelError {
    ModelError::Config { file: file.display().to_string(), reason: reason.to_string().replace('\n', " ") }
}

/// The error for a file that is not there.
pub(super) fn missing(file: &Path) -> ModelError {
    let (folder, name) = (file.parent().unwrap_or(file), file.file_name().unwrap_or_default());
    ModelError::MissingFile {
        model: folder.display().to_string(),
        file: name.to_string_lossy().into_owned(),
        hint: "fetch the translator again (`kandinsky-bot model fetch`), or copy the file there".to_owned(),
    }
}
