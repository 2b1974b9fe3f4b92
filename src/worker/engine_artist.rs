//! The engine as the worker's artist.

use super::{Artist, DrawError, Drawing};
use crate::engine::{Engine, EngineError, Flow};
use crate::jobs::{Failure, Verdict};
use crate::pictures::encode_png;
use crate::recipe::Recipe;

impl Artist for Engine {
    fn draw(
        &mut self,
        recipe: &Recipe,
        _inputs: &[Vec<u8>],
        report: &mut dyn FnMut(f64) -> Verdict,
    ) -> Result<Drawing, DrawError> {
        let mut pictures = Vec::new();
        for index in 0..recipe.count {
            let single = recipe.single(index);
            let drawn = Engine::draw(self, &single, &mut |share| {
                let share = (f64::from(index) + share) / f64::from(recipe.count);
                if report(share) == Verdict::Continue { Flow::Continue } else { Flow::Stop }
            });
            match drawn {
                Ok(picture) => pictures.push(encode_png(&picture, &single).map_err(failure)?),
                Err(EngineError::Stopped) => return Ok(Drawing::Stopped),
                Err(error) => return Err(failure(error)),
            }
        }
        Ok(Drawing::Pictures(pictures))
    }
}

fn failure(error: impl std::fmt::Display) -> DrawError {
    DrawError { failure: Failure::Engine, reason: error.to_string() }
}
