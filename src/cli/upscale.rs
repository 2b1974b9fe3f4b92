//! `kandinsky-bot upscale`: a picture drawn larger.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::output::Output;
use super::picture_files::{decoded, progress_bar, read_bytes};
use crate::config::{ModelArgs, UpscalerArgs};
use crate::engine::{PictureUpscaler, UpscalerOptions, Upscaling};
use crate::pictures::read_recipe;
use crate::recipe::{Recipe, Task};

/// Said where no network draws.
const NO_NETWORK: &str = "note: no upscaler network: enlarged by plain resampling; `model fetch` brings one";

/// Arguments of `upscale`.
#[derive(Debug, Args)]
pub(super) struct UpscaleArgs {
    /// Picture to draw larger
    file: PathBuf,
    /// How many times as large: 2 or 4
    #[arg(long, value_name = "N", default_value_t = 2)]
    scale: u32,
    /// File to write; by default FILE-x2.png or FILE-x4.png beside the picture
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    upscaler: UpscalerArgs,
    #[command(flatten)]
    model: ModelArgs,
}

impl From<&UpscaleArgs> for UpscalerOptions {
    fn from(args: &UpscaleArgs) -> Self {
        let ModelArgs { model, device, threads, .. } = &args.model;
        Self { file: args.upscaler.upscaler.clone(), model: model.clone(), device: *device, threads: *threads }
    }
}

pub(super) fn run(args: &UpscaleArgs) -> Result<()> {
    let recipe = Recipe::new(Task::upscale(args.scale)?, 0);
    let bytes = read_bytes(&args.file)?;
    let picture = decoded(&args.file, &bytes)?;
    // Before anything is loaded.
    Upscaling::size_of_result(&picture, args.scale).with_context(|| args.file.display().to_string())?;
    let path = args.output.clone().unwrap_or_else(|| beside(&args.file, args.scale));
    let output = Output::open(Some(&path), &recipe)?;
    let recipe = read_recipe(&bytes).map_or(recipe.clone(), |source| recipe.with_source(source));
    let upscaler = PictureUpscaler::load(&args.into(), args.scale)?;
    if !upscaler.is_network() {
        writeln!(std::io::stderr(), "{NO_NETWORK}")?;
    }
    let bar = progress_bar();
    let upscaled = upscaler.upscale(&picture, args.scale, &mut |progress| {
        bar.set_position((progress * 100.0) as u64);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    output.write_upscaled(&recipe, upscaled?)
}

/// `cat.jpg` becomes `cat-x2.png`.
fn beside(file: &Path, scale: u32) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!("{stem}-x{scale}.png"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_picture_lies_beside_the_other() {
        assert_eq!(beside(Path::new("pictures/cat.jpg"), 2), Path::new("pictures/cat-x2.png"));
        assert_eq!(beside(Path::new("cat"), 4), Path::new("cat-x4.png"));
    }
}
