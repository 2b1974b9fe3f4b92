//! What the worker needs of an engine.

use crate::jobs::{Failure, Remarks, Verdict};
use crate::recipe::Recipe;

/// Draws recipes. [`crate::engine::Engine`] is the one that people run.
pub trait Artist {
    /// Draws all pictures of a recipe, encoded as PNG, in the order of their seeds.
    ///
    /// `report` is called with the share that is done (0 to 1) between the steps; drawing ends with
    /// [`Drawing::Stopped`] as soon as it answers anything but [`Verdict::Continue`].
    ///
    /// # Errors
    /// [`DrawError`] says what to log and what the person is told.
    fn draw(
        &mut self,
        recipe: &Recipe,
        inputs: &[Vec<u8>],
        report: &mut dyn FnMut(f64) -> Verdict,
    ) -> Result<Drawing, DrawError>;

    /// What is to be said about the pictures that were drawn of a recipe.
    ///
    /// # Errors
    /// [`DrawError`] says what to log; the pictures are sent all the same.
    fn remarks(&self, _recipe: &Recipe, _pictures: &[Vec<u8>]) -> Result<Remarks, DrawError> {
        Ok(Remarks::default())
    }
}

/// What came of drawing.
#[derive(Debug)]
pub enum Drawing {
    /// Encoded PNG pictures in the order of their seeds.
    Pictures(Vec<Vec<u8>>),
    /// The report's answer was to stop.
    Stopped,
}

/// Why a recipe could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct DrawError {
    /// What the person is told.
    pub failure: Failure,
    /// What the log is told; never a prompt.
    pub reason: String,
}
