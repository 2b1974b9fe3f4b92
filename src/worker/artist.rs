//! What the worker needs of an engine.

use crate::jobs::{Failure, Remarks, Verdict};
use crate::recipe::Recipe;

/// How far drawing is.
#[derive(Clone, Copy)]
pub struct Progress<'a> {
    /// The share that is done, 0 to 1.
    pub share: f64,
    /// Makes a small picture (JPEG) of what the result will be like; `None` while there is nothing to see.
    pub preview: &'a dyn Fn() -> Option<Vec<u8>>,
}

impl Progress<'_> {
    /// Progress of which there is nothing to see.
    #[must_use]
    pub fn unseen(share: f64) -> Self {
        Self { share, preview: &|| None }
    }
}

impl std::fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress").field("share", &self.share).finish_non_exhaustive()
    }
}

/// Draws recipes. [`crate::engine::Engine`] is the one that people run.
pub trait Artist {
    /// Draws all pictures of a recipe, encoded as PNG, in the order of their seeds.
    ///
    /// `report` is told between the steps how far it is; drawing ends with [`Drawing::Stopped`] as soon as it answers
    /// anything but [`Verdict::Continue`].
    ///
    /// # Errors
    /// [`DrawError`] says what to log and what the person is told.
    fn draw(
        &mut self,
        recipe: &Recipe,
        inputs: &[Vec<u8>],
        report: &mut dyn FnMut(Progress<'_>) -> Verdict,
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
