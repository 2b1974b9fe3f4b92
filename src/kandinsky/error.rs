//! Errors of models.

use std::path::PathBuf;

/// Why a model could not be loaded or did not run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The model folder does not exist or is not a folder.
    #[error("the model folder {} does not exist; `kandinsky-bot model fetch` downloads the model", path.display())]
    NoFolder {
        /// The folder asked for.
        path: PathBuf,
    },
    /// No folder was named, and the program was built without the miniature.
    #[error("this build has no embedded model: name a model folder")]
    NotEmbedded,
    /// A file of the model is not there.
    #[error("{model}: {file} is missing: {hint}")]
    MissingFile {
        /// Folder or name of the model.
        model: String,
        /// Path inside the model.
        file: String,
        /// What to do about it.
        hint: String,
    },
    /// A file is there but cannot be read.
    #[error("{file} cannot be read: {source}")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A clone without Git LFS: a file of two lines is in the place of the real one.
    #[error(
        "{file} is only a pointer of Git LFS, not the file itself; install git-lfs and run `git lfs pull` in that repository, or \
         fetch the model with `kandinsky-bot model fetch`"
    )]
    LfsPointer {
        /// The file.
        file: String,
    },
    /// A file of a converted model cannot be written.
    #[error("{file} cannot be written: {source}")]
    Write {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A configuration file is not JSON, lacks a value, or describes a network that this program does not know.
    #[error("{file}: {reason}")]
    Config {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Weights are damaged, incomplete, or of other shapes than the configuration says.
    #[error("{file} does not fit its configuration or is damaged; fetch it again: {source}")]
    Weights {
        /// The file.
        file: String,
        /// What candle said: usually the tensor and its shape.
        source: candle_core::Error,
    },
    /// A file that is no upscaler, or not a whole one.
    #[error("{file} can not be used as an upscaler: {reason}")]
    Upscaler {
        /// The file.
        file: String,
        /// What it is, and what is expected.
        reason: String,
    },
    /// A tokenizer file cannot be used.
    #[error("{file} is not a usable tokenizer: {reason}")]
    Tokenizer {
        /// The file.
        file: String,
        /// What the tokenizer library said.
        reason: String,
    },
    /// A text could not be cut into tokens.
    #[error("the text cannot be cut into tokens: {0}")]
    Tokens(String),
    /// A number of steps that the sampler cannot take.
    #[error("{steps} steps: the sampler takes from 1 to {most}")]
    Steps {
        /// Steps asked for.
        steps: usize,
        /// Most steps there are.
        most: usize,
    },
    /// A computation failed, for instance for want of memory.
    #[error("the computation failed: {0}")]
    Compute(#[source] candle_core::Error),
}

impl From<candle_core::Error> for ModelError {
    fn from(error: candle_core::Error) -> Self {
        Self::Compute(without_backtrace(error))
    }
}

/// The error alone. With `RUST_BACKTRACE` set, candle writes the backtrace into the message.
pub fn without_backtrace(error: candle_core::Error) -> candle_core::Error {
    use candle_core::Error;
    match error {
        Error::WithBacktrace { inner, .. } => without_backtrace(*inner),
        Error::WithPath { inner, path } => Error::WithPath { inner: Box::new(without_backtrace(*inner)), path },
        Error::Context { inner, context } => Error::Context { inner: Box::new(without_backtrace(*inner)), context },
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_ends_before_the_backtrace() {
        let inner = Box::new(candle_core::Error::Msg("no memory".to_string()));
        let backtrace = Box::new(std::backtrace::Backtrace::force_capture());
        let error = candle_core::Error::WithBacktrace { inner, backtrace };
        let path = candle_core::Error::WithPath { inner: Box::new(error), path: "a.bin".into() };
        let line = ModelError::from(path).to_string();
        assert!(line.contains("no memory") && line.contains("a.bin") && line.lines().count() == 1, "{line}");
    }
}
