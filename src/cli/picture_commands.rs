//! The commands that make a picture without a chat, one for each mode.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use super::picture_args::PictureArgs;
use super::picture_files::{draw, read_picture};
use crate::pictures::Picture;
use crate::recipe::{Margins, PartContent, Task};

/// Endings by which a part of a mix is meant to be a file.
const PICTURE_SUFFIXES: [&str; 8] = ["png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"];

/// Arguments of `draw`.
#[derive(Debug, Args)]
pub(super) struct DrawArgs {
    /// What to draw; in English for the published model, in Russian or English for the embedded one
    prompt: String,
    #[command(flatten)]
    picture: PictureArgs,
}

/// Arguments of `mix`.
#[derive(Debug, Args)]
pub(super) struct MixArgs {
    /// Pictures and texts to mix: a part is a picture if a file of that name exists, else a text
    #[arg(required = true, value_name = "PART")]
    parts: Vec<String>,
    /// One weight per part; they are divided by their sum. By default equal
    #[arg(long, value_name = "W,W,…", value_delimiter = ',')]
    weights: Option<Vec<f64>>,
    #[command(flatten)]
    picture: PictureArgs,
}

/// Arguments of `vary`.
#[derive(Debug, Args)]
pub(super) struct VaryArgs {
    /// Picture to draw variations of
    file: PathBuf,
    /// How close to stay, 0 to less than 1: 0 keeps only what the picture shows, near 1 the picture itself is kept
    #[arg(long, value_name = "C", default_value_t = 0.0)]
    closeness: f64,
    #[command(flatten)]
    picture: PictureArgs,
}

/// Arguments of `change`.
#[derive(Debug, Args)]
pub(super) struct ChangeArgs {
    /// Picture to change
    file: PathBuf,
    /// What it should become
    prompt: String,
    /// Share of the picture that changes, more than 0 and at most 1
    #[arg(long, value_name = "S", default_value_t = 0.5)]
    strength: f64,
    #[command(flatten)]
    picture: PictureArgs,
}

/// Arguments of `inpaint`.
#[derive(Debug, Args)]
pub(super) struct InpaintArgs {
    /// Picture to redraw a part of; the pixels that the mask keeps stay as they are
    file: PathBuf,
    /// Mask of the same proportions: what is white or transparent is redrawn
    #[arg(long, value_name = "FILE")]
    mask: PathBuf,
    /// What to draw there; without it, what fits the rest of the picture
    #[arg(default_value = "")]
    prompt: String,
    #[command(flatten)]
    picture: PictureArgs,
}

/// Arguments of `outpaint`.
#[derive(Debug, Args)]
pub(super) struct OutpaintArgs {
    /// Picture to extend
    file: PathBuf,
    /// What the whole picture should show; without it, what fits the given part
    #[arg(default_value = "")]
    prompt: String,
    /// Pixels to add on the left
    #[arg(long, value_name = "N", default_value_t = 0)]
    left: u32,
    /// Pixels to add on the right
    #[arg(long, value_name = "N", default_value_t = 0)]
    right: u32,
    /// Pixels to add at the top
    #[arg(long, value_name = "N", default_value_t = 0)]
    top: u32,
    /// Pixels to add at the bottom
    #[arg(long, value_name = "N", default_value_t = 0)]
    bottom: u32,
    #[command(flatten)]
    picture: PictureArgs,
}

pub(super) fn run_draw(args: &DrawArgs) -> Result<()> {
    draw(&args.picture.recipe(Task::text_to_image(&args.prompt)?)?, &[], &args.picture)
}

pub(super) fn run_mix(args: &MixArgs) -> Result<()> {
    let mut pictures = Vec::new();
    let mut contents = Vec::new();
    for part in &args.parts {
        contents.push(match picture_part(part)? {
            Some(picture) => {
                pictures.push(picture);
                PartContent::Picture
            }
            None => PartContent::Text { prompt: part.clone() },
        });
    }
    let task = Task::mix(contents, args.weights.as_deref())?;
    draw(&args.picture.recipe(task)?, &pictures, &args.picture)
}

pub(super) fn run_vary(args: &VaryArgs) -> Result<()> {
    let recipe = args.picture.recipe(Task::variation(args.closeness)?)?;
    draw(&recipe, &[read_picture(&args.file)?], &args.picture)
}

pub(super) fn run_change(args: &ChangeArgs) -> Result<()> {
    let recipe = args.picture.recipe(Task::change(&args.prompt, args.strength)?)?;
    draw(&recipe, &[read_picture(&args.file)?], &args.picture)
}

pub(super) fn run_inpaint(args: &InpaintArgs) -> Result<()> {
    let recipe = args.picture.recipe(Task::inpaint(&args.prompt)?)?;
    draw(&recipe, &[read_picture(&args.file)?, read_picture(&args.mask)?], &args.picture)
}

pub(super) fn run_outpaint(args: &OutpaintArgs) -> Result<()> {
    let margins = Margins { left: args.left, right: args.right, top: args.top, bottom: args.bottom };
    let recipe = args.picture.recipe(Task::outpaint(&args.prompt, margins)?)?;
    draw(&recipe, &[read_picture(&args.file)?], &args.picture)
}

/// The picture, if the part is a file. A text that is spelt like a picture's name is more likely a typing error.
fn picture_part(part: &str) -> Result<Option<Picture>> {
    let path = Path::new(part);
    if path.is_file() {
        return read_picture(path).map(Some);
    }
    let suffix = path.extension().map(|suffix| suffix.to_string_lossy().to_lowercase());
    if suffix.is_some_and(|suffix| PICTURE_SUFFIXES.contains(&&*suffix)) {
        bail!("there is no picture {part}");
    }
    Ok(None)
}
