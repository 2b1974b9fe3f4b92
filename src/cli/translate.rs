//! `translate`: the English text by which a model that reads no Russian draws a Russian one.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use candle_core::Device;
use clap::Args;

use crate::engine::translator_folder;
use crate::translation::{TRANSLATOR_FOLDER, Translator};

/// Arguments of `translate`.
#[derive(Debug, Args)]
pub(super) struct TranslateArgs {
    /// Text to translate. What is in quotes, hashtags and names in Latin letters stay as they are
    text: String,
    /// Folder of the translator from Russian; by default opus-mt-ru-en in the model folder
    #[arg(long, value_name = "DIR", env = "KANDINSKY_TRANSLATOR")]
    translator: Option<PathBuf>,
    /// Folder of the model
    #[arg(long, value_name = "DIR", env = "KANDINSKY_MODEL")]
    model: Option<PathBuf>,
}

/// Prints the English text.
pub(super) fn run(args: &TranslateArgs) -> Result<()> {
    let folder = translator_folder(args.translator.as_deref(), args.model.as_deref()).with_context(|| {
        let place = args.model.as_deref().unwrap_or(Path::new("kandinsky")).join(TRANSLATOR_FOLDER);
        format!(
            "there is no translator in {}; `kandinsky-bot model fetch` brings it, or name its folder with --translator DIR",
            place.display()
        )
    })?;
    let english = Translator::load(&folder, &Device::Cpu)?.translate(&args.text)?;
    writeln!(std::io::stdout(), "{english}")?;
    Ok(())
}
