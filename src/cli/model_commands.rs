//! `model …`: fetching a model, what a folder holds, whether it is sound, and how to bring it into the Hugging Face layout.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candle_core::{DType, Device};
use clap::{Args, Subcommand, ValueEnum};

use super::model_fetch::{self, FetchArgs};
use crate::engine::{model_files, translator_folder, upscaler_files};
use crate::kandinsky::{
    Flaw, Kandinsky21, ModelFiles, PartContents, Precision, Upscaler, UpscalerContents, convert, part_folders,
};
use crate::translation::Translator;

/// The name of an upscaler in a list of networks.
const UPSCALER: &str = "upscaler";

/// Commands about model folders.
#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// Download the published model from the Hugging Face hub
    ///
    /// The sizes are printed first. After an interruption, the same command resumes the download. Files that exist are checked
    /// and downloaded again only if they are damaged. The hub's variables are used: HF_HOME (folder of the cache, by default
    /// ~/.cache/huggingface), HF_ENDPOINT (another server than https://huggingface.co), HF_TOKEN (token of an account).
    Fetch(FetchArgs),
    /// Show what a model folder contains
    Info(FolderArgs),
    /// Check a model folder: name, shape and values of every tensor
    Verify(FolderArgs),
    /// Convert original checkpoints, or any other model folder, to Hugging Face folders with safetensors
    Convert(ConvertArgs),
}

/// Which model.
#[derive(Debug, Args)]
pub(super) struct FolderArgs {
    /// Folder of a Kandinsky 2.1 model; without it, the small embedded model
    #[arg(long, value_name = "DIR", env = "KANDINSKY_MODEL")]
    model: Option<PathBuf>,
    /// Folder of the translator from Russian; by default opus-mt-ru-en in the model folder
    #[arg(long, value_name = "DIR", env = "KANDINSKY_TRANSLATOR")]
    translator: Option<PathBuf>,
}

impl FolderArgs {
    /// The upscalers in the model folder.
    fn upscalers(&self) -> Vec<PathBuf> {
        self.model.as_deref().map_or_else(Vec::new, upscaler_files)
    }
}

/// Arguments of `model convert`.
#[derive(Debug, Args)]
pub(super) struct ConvertArgs {
    /// Folder to read: decoder_fp16.ckpt, prior_fp16.ckpt and the other checkpoints, with CLIP in a folder inside
    from: PathBuf,
    /// Folder to write
    to: PathBuf,
    /// Number format to store; keep leaves each tensor as it is
    #[arg(long, value_name = "TYPE", default_value = "keep")]
    dtype: StoredType,
}

/// A number format to store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StoredType {
    Keep,
    F32,
    F16,
    Bf16,
}

impl StoredType {
    fn dtype(self) -> Option<DType> {
        match self {
            Self::Keep => None,
            Self::F32 => Some(DType::F32),
            Self::F16 => Some(DType::F16),
            Self::Bf16 => Some(DType::BF16),
        }
    }
}

pub(super) fn run(command: &ModelCommand) -> Result<()> {
    match command {
        ModelCommand::Fetch(args) => model_fetch::run(args),
        ModelCommand::Info(args) => info(args),
        ModelCommand::Verify(args) => verify(args),
        ModelCommand::Convert(args) => run_convert(args),
    }
}

fn info(args: &FolderArgs) -> Result<()> {
    let files = model_files(args.model.as_deref())?;
    let parts = part_folders(&files)?;
    let layout = if files.is_original() { "original checkpoints" } else { "Hugging Face folders" };
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}: {layout}", files.name())?;
    let (mut bytes, mut parameters) = (0, 0);
    for part in parts {
        let contents = part.contents(&files)?;
        writeln!(out, "{}", line(&contents))?;
        writeln!(out, "  {}", contents.file)?;
        parameters += contents.parameters;
        bytes += contents.bytes;
    }
    for file in args.upscalers() {
        let contents = Upscaler::contents(&file)?;
        writeln!(out, "{}\n  {}", upscaler_line(&contents), file.display())?;
        parameters += contents.parameters;
        bytes += contents.bytes;
    }
    writeln!(out, "{} parameters in all, {:.2} GB", thousands(parameters), bytes as f64 / 1e9)?;
    if let Some(folder) = translator_folder(args.translator.as_deref(), args.model.as_deref()) {
        let summary = Translator::summary(&folder)?;
        writeln!(
            out,
            "translator from Russian      {} tensors {} parameters",
            summary.tensors,
            thousands(summary.parameters)
        )?;
        writeln!(out, "  {}", folder.display())?;
    }
    Ok(())
}

fn verify(args: &FolderArgs) -> Result<()> {
    let files = model_files(args.model.as_deref())?;
    let mut out = std::io::stdout().lock();
    let mut faulty = Vec::new();
    for part in part_folders(&files)? {
        let contents = part.contents(&files)?;
        let flaws = part.flaws(&files)?;
        let is_sound = flaws.iter().all(Flaw::is_harmless);
        writeln!(out, "{}: {}", line(&contents), if is_sound { "sound" } else { "NOT SOUND" })?;
        for flaw in &flaws {
            writeln!(out, "  {flaw}")?;
        }
        out.flush()?;
        if !is_sound {
            faulty.push(contents.file);
        }
    }
    if let Some(folder) = translator_folder(args.translator.as_deref(), args.model.as_deref()) {
        // Loading reads every file and every number.
        let loaded = Translator::load(&folder, &Device::Cpu);
        writeln!(out, "translator from Russian: {}", if loaded.is_ok() { "sound" } else { "NOT SOUND" })?;
        if let Err(error) = loaded {
            writeln!(out, "  {error}")?;
            faulty.push(folder.display().to_string());
        }
    }
    for file in args.upscalers() {
        match Upscaler::open(&file, &Device::Cpu).and_then(|_| Upscaler::contents(&file)) {
            Ok(contents) => writeln!(out, "{}: sound", upscaler_line(&contents))?,
            Err(error) => {
                writeln!(out, "{UPSCALER:<28}: NOT SOUND\n  {error}")?;
                faulty.push(file.display().to_string());
            }
        }
        out.flush()?;
    }
    match &*faulty {
        // Tokenizers, schedules, and whether the networks fit each other.
        [] => Ok(Kandinsky21::open(&files, &Device::Cpu, Precision::default()).map(drop)?),
        files => bail!("{} can not be used as it is; fetch it again", files.join(" and ")),
    }
}

/// A part in one line: tensors, parameters, types.
fn line(contents: &PartContents) -> String {
    let types: Vec<String> = contents.dtypes.keys().map(ToString::to_string).collect();
    format!(
        "{:<28}{:>4} tensors {:>14} parameters  {}{}",
        contents.part.part,
        contents.tensors,
        thousands(contents.parameters),
        types.join(" and "),
        if contents.is_as_published() { ", as many as published" } else { "" },
    )
}

/// An upscaler in one line.
fn upscaler_line(contents: &UpscalerContents) -> String {
    let UpscalerContents { shape, tensors, parameters, .. } = contents;
    format!("{UPSCALER:<28}{tensors:>4} tensors {:>14} parameters  {shape}", thousands(*parameters))
}

/// A number with its thousands apart.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

fn run_convert(args: &ConvertArgs) -> Result<()> {
    let files = ModelFiles::folder(&args.from)?;
    if same(&args.from, &args.to) {
        bail!("{} would be read and written at once; name another folder to write", args.to.display());
    }
    part_folders(&files)?;
    let loud = std::io::stderr().is_terminal();
    convert(&files, &args.to, args.dtype.dtype(), |file| {
        if loud {
            let _ = writeln!(std::io::stderr(), "writing {}", file.display());
        }
    })
    .with_context(|| format!("{} is not complete", args.to.display()))?;
    writeln!(std::io::stdout(), "{}", args.to.display())?;
    Ok(())
}

fn same(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_228_661_768), "1,228,661,768");
    }
}
