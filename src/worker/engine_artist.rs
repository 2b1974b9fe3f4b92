//! The engine as the worker's artist.

use super::{Artist, DrawError, Drawing};
use crate::engine::{Engine, EngineError, Flow};
use crate::jobs::{Failure, Verdict};
use crate::pictures::{Picture, encode_png};
use crate::recipe::Recipe;

impl Artist for Engine {
    fn draw(
        &mut self,
        recipe: &Recipe,
        inputs: &[Vec<u8>],
        report: &mut dyn FnMut(f64) -> Verdict,
    ) -> Result<Drawing, DrawError> {
        let inputs = inputs.iter().map(|bytes| Picture::decode(bytes));
        let inputs: Vec<Picture> = inputs
            .collect::<Result<_, _>>()
            .map_err(|error| DrawError { failure: Failure::Unreadable, reason: error.to_string() })?;
        let mut pictures = Vec::new();
        let drawn = self.draw_each(
            recipe,
            &inputs,
            &mut |share| if report(share) == Verdict::Continue { Flow::Continue } else { Flow::Stop },
            &mut |index, picture| pictures.push(encode_png(&picture, &recipe.single(index))),
        );
        match drawn {
            Ok(()) => Ok(Drawing::Pictures(pictures.into_iter().collect::<Result<_, _>>().map_err(failure)?)),
            Err(EngineError::Stopped) => Ok(Drawing::Stopped),
            Err(error) => Err(failure(error)),
        }
    }
}

fn failure(error: impl std::fmt::Display) -> DrawError {
    DrawError { failure: Failure::Engine, reason: error.to_string() }
}
