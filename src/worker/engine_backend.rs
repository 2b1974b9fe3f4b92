//! The engine as the worker's backend.

use std::sync::Arc;

use image::codecs::jpeg::JpegEncoder;

use super::backend::{Backend, DrawError, Finalize, Prepare, RenderPreview};
use crate::engine::{Drawn, Engine, Likeness, Painting};
use crate::jobs::{Failure, Remarks};
use crate::pictures::{Picture, encode_png};

/// JPEG quality of previews, which are blurred anyway.
const PREVIEW_QUALITY: u8 = 80;

impl Backend for Engine {
    type Generation = Painting;
    type BatchKey = Likeness;

    fn prepare(&self) -> Prepare<Painting> {
        let defaults = self.model().defaults().clone();
        Arc::new(move |recipe, inputs| {
            let inputs = inputs.iter().map(|bytes| Picture::decode(bytes)).collect::<Result<_, _>>();
            let unreadable = |error: &dyn std::fmt::Display| error.to_string();
            let inputs =
                inputs.map_err(|error| DrawError { failure: Failure::Unreadable, reason: unreadable(&error) })?;
            Painting::begin(recipe, inputs, &defaults).map_err(DrawError::engine)
        })
    }

    fn capacity(&self) -> usize {
        Engine::room(self)
    }

    fn batch_key(&self, painting: &Painting) -> Option<Likeness> {
        painting.likeness()
    }

    fn step(&mut self, paintings: &mut [&mut Painting]) -> Result<(), DrawError> {
        Engine::step(self, paintings).map_err(DrawError::engine)
    }

    fn shrink_capacity(&mut self, generations: usize) {
        Engine::were_too_many(self, generations);
    }

    fn progress(&self, painting: &Painting) -> f64 {
        painting.share()
    }

    fn is_finished(&self, painting: &Painting) -> bool {
        painting.is_finished()
    }

    fn preview(&self, painting: &Painting) -> Option<RenderPreview> {
        let preview = Engine::preview(self, painting).filter(|preview| self.may_be_shown(preview))?;
        Some(Box::new(move || encode_preview(&preview.enlarged())))
    }

    fn warnings(&self, painting: &Painting) -> Result<Remarks, DrawError> {
        let unread = self.unread(painting.recipe()).map_err(DrawError::engine)?.map(first_words);
        let mut warnings = Remarks { unread, ..Remarks::default() };
        if self.checks_pictures() {
            let pictures: Vec<_> = painting.drawn().iter().map(Drawn::sketch).collect();
            warnings.doubtful = self.doubtful(&pictures).map_err(DrawError::engine)?;
        }
        Ok(warnings)
    }

    fn finalize(&mut self, mut painting: Painting) -> Finalize {
        Box::new(move || {
            let drawn = painting.take_drawn();
            let encode = |drawn: &Drawn| encode_png(&drawn.finish(), &painting.recipe().single(drawn.index));
            drawn.iter().map(encode).collect::<Result<_, _>>().map_err(DrawError::engine)
        })
    }
}

/// Enough words to find the place in the prompt.
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
