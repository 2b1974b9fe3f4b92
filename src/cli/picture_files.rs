//! Draws a recipe into files and names each on stdout.

use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};

use super::picture_args::PictureArgs;
use crate::engine::Engine;
use crate::pictures::{Picture, encode_png};
use crate::recipe::Recipe;

/// Draws all pictures of a recipe; each file is written as soon as its picture is there.
pub(super) fn draw(recipe: &Recipe, inputs: &[Picture], args: &PictureArgs) -> Result<()> {
    let engine = Engine::load(&(&args.model).into())?;
    if let Some(note) = engine.enlargement(recipe, inputs)? {
        writeln!(std::io::stderr(), "note: {note}")?;
    }
    let bar = progress_bar();
    let mut written = Ok(());
    let drawn = engine.draw_each(
        recipe,
        inputs,
        &mut |progress| {
            bar.set_position((progress.fraction * 100.0) as u64);
            ControlFlow::Continue(())
        },
        &mut |index, picture| {
            if written.is_ok() {
                written = bar.suspend(|| write_picture(recipe, index, &picture, args.output.as_deref()));
            }
        },
    );
    bar.finish_and_clear();
    drawn?;
    written
}

/// A picture file that the user named.
pub(super) fn read_picture(path: &Path) -> Result<Picture> {
    let bytes = std::fs::read(path).with_context(|| format!("the picture {} can not be read", path.display()))?;
    Picture::decode(&bytes).with_context(|| path.display().to_string())
}

fn write_picture(recipe: &Recipe, index: u32, picture: &image::RgbImage, output: Option<&Path>) -> Result<()> {
    let path = output_path(output, recipe, index);
    write_file(&path, &encode_png(picture, &recipe.single(index))?)?;
    writeln!(std::io::stdout(), "{}", path.display())?;
    Ok(())
}

pub(super) fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:30} {pos:>3} %  {elapsed}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(100).with_style(style)
}

/// `kandinsky-SEED.png`, or the given name, numbered from 1 when there are several pictures.
fn output_path(output: Option<&Path>, recipe: &Recipe, index: u32) -> PathBuf {
    let Some(output) = output else {
        return PathBuf::from(format!("kandinsky-{}.png", recipe.seed_of(index)));
    };
    if recipe.count == 1 {
        return output.to_owned();
    }
    let stem = output.file_stem().unwrap_or_default().to_string_lossy();
    let suffix = output.extension().map_or("png".into(), |suffix| suffix.to_string_lossy());
    output.with_file_name(format!("{stem}-{}.{suffix}", index + 1))
}

pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {} can not be made", folder.display()))?;
    }
    std::fs::write(path, bytes).with_context(|| format!("the picture {} can not be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe(count: u32) -> Recipe {
        Recipe::text_to_image("cat", 41).unwrap().with_count(count).unwrap()
    }

    #[test]
    fn files_are_named_after_the_seed_or_numbered() {
        let name = |output: Option<&str>, count, index| {
            output_path(output.map(Path::new), &recipe(count), index).to_string_lossy().into_owned()
        };
        assert_eq!(name(None, 1, 0), "kandinsky-41.png");
        assert_eq!(name(None, 2, 1), "kandinsky-42.png");
        assert_eq!(name(Some("out/a.png"), 1, 0), "out/a.png");
        assert_eq!(name(Some("out/a.png"), 3, 2), "out/a-3.png");
        assert_eq!(name(Some("a"), 2, 0), "a-1.png");
    }
}
