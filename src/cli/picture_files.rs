//! Reads pictures that a command names, and draws a recipe into files.

use std::fs::File;
use std::io::{IsTerminal, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::output::Output;
use super::picture_args::PictureArgs;
use crate::engine::{Engine, TextRole};
use crate::pictures::{BYTES_LIMIT, Picture, PictureError, unreadable_kind};
use crate::recipe::Recipe;

/// Letters of a truncated text that are shown.
const SHOWN_LETTERS: usize = 60;

/// Draws all pictures of a recipe; each file is written as soon as its picture is there.
pub(super) fn draw(recipe: &Recipe, inputs: &[Picture], args: &PictureArgs) -> Result<()> {
    let output = Output::open(args.output.as_deref(), recipe)?;
    let engine = Engine::load(&(&args.model).into())?;
    let recipe = &engine.translated(recipe)?;
    for written in recipe.translation.texts.keys() {
        if let Some(english) = recipe.translation.english(written) {
            writeln!(std::io::stderr(), "note: {written} is drawn as: {english}")?;
        }
    }
    if let Some(note) = engine.enlargement(recipe, inputs)? {
        writeln!(std::io::stderr(), "note: {note}")?;
    }
    note_truncated_texts(&engine, recipe)?;
    note_unknown_words(&engine, recipe)?;
    let bar = progress_bar();
    let mut written = Ok(());
    let drawn = engine.draw_all(
        recipe,
        inputs,
        &mut |progress| {
            bar.set_position((progress.fraction * 100.0) as u64);
            ControlFlow::Continue(())
        },
        &mut |drawn| {
            if written.is_ok() {
                written = bar.suspend(|| output.write(recipe, drawn));
            }
        },
    );
    bar.finish_and_clear();
    drawn?;
    written
}

fn note_truncated_texts(engine: &Engine, recipe: &Recipe) -> Result<()> {
    for text in engine.truncated_texts(recipe)? {
        let role = match text.role {
            TextRole::Prompt => "the prompt".to_owned(),
            TextRole::Part(number) => format!("text {number} of the mix"),
            TextRole::Negative => "the negative prompt".to_owned(),
        };
        let mut start: String = text.rest.chars().take(SHOWN_LETTERS).collect();
        if start.len() < text.rest.len() {
            start.push('…');
        }
        writeln!(std::io::stderr(), "note: {role} is too long for the model; it does not read the end: {start}")?;
    }
    Ok(())
}

fn note_unknown_words(engine: &Engine, recipe: &Recipe) -> Result<()> {
    let unknown = engine.unknown_words(recipe);
    let words = unknown.words.join(", ");
    match (unknown.words.is_empty(), unknown.is_all) {
        (true, _) => {}
        (false, true) => writeln!(
            std::io::stderr(),
            "note: this small model knows nothing of this and draws at random: {words}; try \"a cat on a blue background\""
        )?,
        (false, false) => writeln!(std::io::stderr(), "note: this small model does not know: {words}")?,
    }
    Ok(())
}

/// A picture file that the user named.
pub(super) fn read_picture(path: &Path) -> Result<Picture> {
    decoded(path, &read_bytes(path)?)
}

/// The bytes of a picture file that the user named.
pub(super) fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    read(path).with_context(|| format!("the picture {} can not be read", path.display()))
}

/// The picture of such bytes.
pub(super) fn decoded(path: &Path, bytes: &[u8]) -> Result<Picture> {
    Picture::decode(bytes).map_err(|error| match (error, unreadable_kind(bytes)) {
        (PictureError::Format, Some(kind)) => {
            anyhow::anyhow!("{}: {kind} files can not be read; save it as PNG, JPEG or WebP", path.display())
        }
        (error, _) => anyhow::Error::new(error).context(path.display().to_string()),
    })
}

/// The bytes of a file, of which no more are read than a picture may have.
fn read(path: &Path) -> Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata().map_or(0, |found| found.len());
    if size > BYTES_LIMIT as u64 {
        bail!(PictureError::Bytes { bytes: usize::try_from(size).unwrap_or(usize::MAX) });
    }
    let mut bytes = Vec::new();
    // What is no regular file does not say its size.
    file.take(BYTES_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn progress_bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:30} {pos:>3} %  {elapsed}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(100).with_style(style)
}
