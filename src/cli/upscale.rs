//! `kandinsky-bot upscale`: a picture drawn larger.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use super::picture_files::{progress_bar, write_file};
use crate::config::{ModelArgs, UpscalerArgs};
use crate::engine::{PictureUpscaler, UpscalerOptions, Upscaling};
use crate::pictures::{Picture, encode_png_with_alpha, read_recipe};
use crate::recipe::{Recipe, Task};

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
    let name = args.file.display();
    let bytes = std::fs::read(&args.file).with_context(|| format!("the picture {name} can not be read"))?;
    let picture = Picture::decode(&bytes).with_context(|| name.to_string())?;
    // Before anything is loaded.
    Upscaling::size_of_result(&picture, args.scale).with_context(|| name.to_string())?;
    let recipe = read_recipe(&bytes).map_or(recipe.clone(), |source| recipe.with_source(source));
    let upscaler = PictureUpscaler::load(&args.into(), args.scale)?;
    let bar = progress_bar();
    let upscaled = upscaler.upscale(&picture, args.scale, &mut |progress| {
        bar.set_position((progress * 100.0) as u64);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let upscaled = upscaled?;
    let path = args.output.clone().unwrap_or_else(|| beside(&args.file, args.scale));
    write_file(&path, &encode_png_with_alpha(&upscaled.rgb, upscaled.alpha.as_ref(), &recipe)?)?;
    writeln!(std::io::stdout(), "{}", path.display())?;
    Ok(())
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
