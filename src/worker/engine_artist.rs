//! The engine as the worker's artist.

use image::codecs::jpeg::JpegEncoder;

use super::{Artist, DrawError, Drawing, Progress};
use crate::engine::{Engine, EngineError, Flow};
use crate::jobs::{Failure, Remarks, Verdict};
use crate::pictures::{Picture, encode_png};
use crate::recipe::Recipe;

/// JPEG quality of previews, which are blurred anyway.
const PREVIEW_QUALITY: u8 = 80;

impl Artist for Engine {
    fn draw(
        &mut self,
        recipe: &Recipe,
        inputs: &[Vec<u8>],
        report: &mut dyn FnMut(Progress<'_>) -> Verdict,
    ) -> Result<Drawing, DrawError> {
        let inputs = inputs.iter().map(|bytes| Picture::decode(bytes));
        let inputs: Vec<Picture> = inputs
            .collect::<Result<_, _>>()
            .map_err(|error| DrawError { failure: Failure::Unreadable, reason: error.to_string() })?;
        let mut pictures = Vec::new();
        let drawn = self.draw_each(
            recipe,
            &inputs,
            &mut |progress| {
                let shown = || progress.preview().filter(|preview| self.may_be_shown(preview));
                let preview = || encode_preview(&shown()?);
                let verdict = report(Progress { share: progress.share, preview: &preview });
                if verdict == Verdict::Continue { Flow::Continue } else { Flow::Stop }
            },
            &mut |index, picture| pictures.push(encode_png(&picture, &recipe.single(index))),
        );
        match drawn {
            Ok(()) => Ok(Drawing::Pictures(pictures.into_iter().collect::<Result<_, _>>().map_err(failure)?)),
            Err(EngineError::Stopped) => Ok(Drawing::Stopped),
            Err(error) => Err(failure(error)),
        }
    }

    fn remarks(&self, recipe: &Recipe, pictures: &[Vec<u8>]) -> Result<Remarks, DrawError> {
        let mut remarks =
            Remarks { unread: self.unread(recipe).map_err(failure)?.map(first_words), ..Remarks::default() };
        if self.checks_pictures() {
            let pictures = pictures.iter().map(|picture| Ok(Picture::decode(picture).map_err(failure)?.rgb));
            remarks.doubtful = self.doubtful(&pictures.collect::<Result<Vec<_>, _>>()?).map_err(failure)?;
        }
        Ok(remarks)
    }
}

/// Enough of a text to know its place in a longer one.
fn first_words(text: &str) -> String {
    let (words, letters) = (4, 40);
    let words: Vec<&str> = text.split_whitespace().take(words).collect();
    words.join(" ").chars().take(letters).collect()
}

fn encode_preview(picture: &image::RgbImage) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, PREVIEW_QUALITY).encode_image(picture).ok()?;
    Some(bytes)
}

fn failure(error: impl std::fmt::Display) -> DrawError {
    DrawError { failure: Failure::Engine, reason: error.to_string() }
}
