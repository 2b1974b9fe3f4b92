//! The commands that make a picture without a chat, one for each mode.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::picture_args::PictureArgs;
use super::picture_files::{draw, read_picture};
use crate::pictures::{Mask, Picture, check_extended, is_picture_name};
use crate::recipe::{Margins, PartContent, Task, Window};

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
    /// Mask of the same proportions: what is white, or erased, is redrawn
    #[arg(long, value_name = "FILE", required_unless_present = "window")]
    mask: Option<PathBuf>,
    /// Redraw only in this part of the picture, in its pixels; it may lie beyond the edges, and what is missing there is drawn.
    /// The network sees that part alone, and so in detail
    #[arg(long, value_name = "X,Y,WxH", allow_hyphen_values = true)]
    window: Option<Window>,
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
    check_prompt(&args.prompt)?;
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
    check_prompt(&args.prompt)?;
    let recipe = args.picture.recipe(Task::change(&args.prompt, args.strength)?)?;
    draw(&recipe, &[read_picture(&args.file)?], &args.picture)
}

pub(super) fn run_inpaint(args: &InpaintArgs) -> Result<()> {
    check_prompt(&args.prompt)?;
    let recipe = args.picture.recipe(match args.window {
        Some(window) => Task::inpaint_window(&args.prompt, window)?,
        None => Task::inpaint(&args.prompt)?,
    })?;
    let picture = read_picture(&args.file)?;
    let (width, height) = picture.rgb.dimensions();
    let mask = match &args.mask {
        Some(file) => {
            let mask = read_picture(file)?;
            Mask::from_picture(&mask)
                .and_then(|mask| mask.fit(width, height))
                .with_context(|| file.display().to_string())?;
            mask
        }
        // Nothing of the picture itself is redrawn.
        None => Mask::from_fn(width, height, |_, _| false).picture().into(),
    };
    draw(&recipe, &[picture, mask], &args.picture)
}

pub(super) fn run_outpaint(args: &OutpaintArgs) -> Result<()> {
    check_prompt(&args.prompt)?;
    let margins = Margins { left: args.left, right: args.right, top: args.top, bottom: args.bottom };
    let recipe = args.picture.recipe(Task::outpaint(&args.prompt, margins)?)?;
    let picture = read_picture(&args.file)?;
    check_extended(picture.rgb.dimensions(), (args.left, args.top, args.right, args.bottom))?;
    draw(&recipe, &[picture], &args.picture)
}

/// A file's name in the place of a prompt would be drawn as words.
fn check_prompt(prompt: &str) -> Result<()> {
    let is_one_word = !prompt.trim().contains(char::is_whitespace);
    if is_one_word && is_picture_name(prompt) {
        bail!(
            "{prompt} is the name of a picture, in the place of the prompt: say what to draw (-o names the file to write)"
        );
    }
    Ok(())
}

/// The picture, if the part is a file. A text that is spelt like a file's name is more likely a typing error.
fn picture_part(part: &str) -> Result<Option<Picture>> {
    let path = Path::new(part);
    let is_path = path.is_absolute() || ["./", "../", "~/"].iter().any(|start| part.starts_with(start));
    if path.is_file() || is_path && path.exists() {
        return read_picture(path).map(Some);
    }
    if is_path || is_picture_name(part) {
        bail!("there is no picture {part}");
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_spelt_like_a_file_and_is_none_is_no_text() {
        for part in
            ["a.png", "IMG_1234.HEIC", "photo.avif", "x.heif", "x.jfif", "x.NEF", "my cat.png", "/nowhere", "./cat"]
        {
            let error = picture_part(part).unwrap_err().to_string();
            assert!(error.contains("there is no picture") && error.contains(part), "{error}");
        }
        for text in ["a cat", "a cat.", "cats and/or dogs", "3.5 lemons"] {
            assert!(picture_part(text).unwrap().is_none(), "{text}");
        }
    }

    #[test]
    fn a_file_in_the_place_of_the_prompt_is_told() {
        for prompt in ["out.png", " photo.HEIC", "masks/m.webp"] {
            assert!(check_prompt(prompt).is_err(), "{prompt}");
        }
        for prompt in ["", "a cat", "a poster of cat.png", "a cat.", "image"] {
            assert!(check_prompt(prompt).is_ok(), "{prompt}");
        }
    }
}
