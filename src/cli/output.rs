//! Where the pictures of a command go. Everything that can be wrong with the place is found before anything is drawn.

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use image::DynamicImage;

use crate::engine::{DrawnPicture, Upscaled};
use crate::pictures::FileFormat;
use crate::recipe::Recipe;

/// The name that stands for stdout.
const STDOUT: &str = "-";

/// A place that pictures can be written to.
#[derive(Debug)]
pub(super) struct Output {
    /// `None` for stdout.
    paths: Option<Vec<PathBuf>>,
    format: FileFormat,
}

impl Output {
    /// The place that `-o` names, by default `kandinsky-SEED.png`. Folders are made.
    pub(super) fn open(named: Option<&Path>, recipe: &Recipe) -> Result<Self> {
        if named == Some(Path::new(STDOUT)) {
            return Self::stdout(recipe);
        }
        let format = named.map_or(Ok(FileFormat::Png), format_of)?;
        let paths: Vec<PathBuf> = (0..recipe.count).map(|index| path(named, recipe, index)).collect();
        paths.iter().try_for_each(|path| check_writable(path))?;
        Ok(Self { paths: Some(paths), format })
    }

    fn stdout(recipe: &Recipe) -> Result<Self> {
        if recipe.count > 1 {
            bail!("stdout takes one picture, and {} are asked for; name a file with -o", recipe.count);
        }
        if std::io::stdout().is_terminal() {
            bail!("a terminal shows no pictures; send stdout to a file or a program, or name a file with -o");
        }
        Ok(Self { paths: None, format: FileFormat::Png })
    }

    /// Writes a picture. A file is named on stdout.
    pub(super) fn write(&self, recipe: &Recipe, drawn: &DrawnPicture) -> Result<()> {
        let picture = match self.format.has_transparency() {
            true => drawn.finish_with_transparency(),
            false => drawn.finish().into(),
        };
        self.write_picture(recipe, drawn.index, &picture)
    }

    /// The same of an upscaled picture.
    pub(super) fn write_upscaled(&self, recipe: &Recipe, upscaled: Upscaled) -> Result<()> {
        let picture = match self.format.has_transparency() {
            true => upscaled.with_transparency(),
            false => upscaled.rgb.into(),
        };
        self.write_picture(recipe, 0, &picture)
    }

    fn write_picture(&self, recipe: &Recipe, index: u32, picture: &DynamicImage) -> Result<()> {
        let bytes = self.format.encode(picture, &recipe.single(index))?;
        let mut stdout = std::io::stdout();
        match self.paths.as_ref().map(|paths| &paths[index as usize]) {
            None => stdout.write_all(&bytes).and_then(|()| stdout.flush()).context("stdout can not be written")?,
            Some(path) => {
                std::fs::write(path, bytes).with_context(|| unwritable(path))?;
                writeln!(stdout, "{}", path.display())?;
            }
        }
        Ok(())
    }
}

/// What the name's ending promises; a name without an ending promises nothing.
fn format_of(path: &Path) -> Result<FileFormat> {
    let Some(suffix) = path.extension() else {
        return Ok(FileFormat::Png);
    };
    FileFormat::of_name(path).with_context(|| {
        let (path, suffix) = (path.display(), suffix.to_string_lossy());
        format!("{path}: pictures are not written as .{suffix}; end the name in .png, .jpg or .webp")
    })
}

/// `kandinsky-SEED.png`, or the given name, numbered from 1 when there are several pictures.
fn path(named: Option<&Path>, recipe: &Recipe, index: u32) -> PathBuf {
    let Some(named) = named else {
        return PathBuf::from(format!("kandinsky-{}.png", recipe.seed_of(index)));
    };
    if recipe.count == 1 {
        return named.to_owned();
    }
    let stem = named.file_stem().unwrap_or_default().to_string_lossy();
    let suffix = named.extension().map_or("png".into(), |suffix| suffix.to_string_lossy());
    named.with_file_name(format!("{stem}-{}.{suffix}", index + 1))
}

/// Opens the file for writing, and leaves everything as it was but for new folders.
fn check_writable(path: &Path) -> Result<()> {
    let is_folder = path.is_dir() || path.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
    if is_folder || path.file_name().is_none() {
        bail!("{} is a folder; name a file in it, such as {}", path.display(), path.join("picture.png").display());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {} can not be made", folder.display()))?;
    }
    match std::fs::metadata(path) {
        // A device or a pipe is written to once, and not for a try.
        Ok(found) if !found.is_file() => Ok(()),
        Ok(_) => OpenOptions::new().append(true).open(path).map(drop).with_context(|| unwritable(path)),
        Err(_) => {
            OpenOptions::new().write(true).create_new(true).open(path).with_context(|| unwritable(path))?;
            std::fs::remove_file(path).with_context(|| unwritable(path))
        }
    }
}

fn unwritable(path: &Path) -> String {
    format!("the picture {} can not be written", path.display())
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
            path(output.map(Path::new), &recipe(count), index).to_string_lossy().into_owned()
        };
        assert_eq!(name(None, 1, 0), "kandinsky-41.png");
        assert_eq!(name(None, 2, 1), "kandinsky-42.png");
        assert_eq!(name(Some("out/a.png"), 1, 0), "out/a.png");
        assert_eq!(name(Some("out/a.webp"), 3, 2), "out/a-3.webp");
        assert_eq!(name(Some("a"), 2, 0), "a-1.png");
    }

    #[test]
    fn a_place_is_tried_without_leaving_anything() {
        let folder = tempfile::tempdir().unwrap();
        let output = |name: &str, count| Output::open(Some(&folder.path().join(name)), &recipe(count));
        assert_eq!(output("new/a.jpg", 2).unwrap().format, FileFormat::Jpeg);
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
        std::fs::write(folder.path().join("old.png"), "mine").unwrap();
        output("old.png", 1).unwrap();
        assert_eq!(std::fs::read(folder.path().join("old.png")).unwrap(), b"mine");
        std::fs::create_dir(folder.path().join("a-2.png")).unwrap();
        for (name, count, words) in
            [("a.png", 2, "a-2.png is a folder"), ("later/", 1, "is a folder"), ("a.gif", 1, "not written as .gif")]
        {
            let error = format!("{:#}", output(name, count).unwrap_err());
            assert!(error.contains(words), "{error}");
        }
    }
}
