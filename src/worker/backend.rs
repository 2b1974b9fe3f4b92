//! The interface between the worker and an engine.

use std::sync::Arc;

use bytes::Bytes;

use crate::jobs::{Failure, Warnings};
use crate::recipe::Recipe;

/// Draws recipes, several at a time. [`crate::engine::Engine`] is the implementation of the program; tests have others.
///
/// The worker catches panics. A panic of a method that is given one generation fails that generation's job; only
/// [`Backend::preview`] and [`Backend::warnings`] cost no more than what they return. A panic of a method that is given none ([`Backend::prepare`], [`Backend::capacity`], [`Backend::shrink_capacity`]) ends the worker.
pub trait Backend {
    /// A recipe on its way to its pictures.
    type Generation: Send + 'static;
    /// Generations with equal keys can share a step.
    type BatchKey: PartialEq;

    /// The function that starts a generation. It needs neither the device nor its thread.
    fn prepare(&self) -> Prepare<Self::Generation>;

    /// How many generations may be in flight at a time, at least 1. It may change at any step.
    fn capacity(&self) -> usize {
        1
    }

    /// The key of the generation's next step; `None` if that step can not be shared.
    fn batch_key(&self, generation: &Self::Generation) -> Option<Self::BatchKey>;

    /// Takes one step of generations with equal keys, or of a single one. A step is short: jobs join and leave between steps.
    ///
    /// # Errors
    /// [`DrawError`]. After a shared step that failed, each of its generations is stepped alone.
    fn step(&mut self, generations: &mut [&mut Self::Generation]) -> Result<(), DrawError>;

    /// A shared step of so many generations failed, and each could take it alone.
    fn shrink_capacity(&mut self, _generations: usize) {}

    /// How much of the work is done, 0 to 1.
    fn progress(&self, generation: &Self::Generation) -> f64;

    /// Whether no step is left.
    fn is_finished(&self, generation: &Self::Generation) -> bool;

    /// Starts a preview of the result; `None` while there is nothing to see.
    fn preview(&self, _generation: &Self::Generation) -> Option<RenderPreview> {
        None
    }

    /// Warnings about the pictures of a finished generation.
    ///
    /// # Errors
    /// [`DrawError`] says what to log; the pictures are sent all the same.
    fn warnings(&self, _generation: &Self::Generation) -> Result<Warnings, DrawError> {
        Ok(Warnings::default())
    }

    /// Whether Russian texts are translated: see [`Backend::drawn_recipe`].
    fn translates(&self) -> bool {
        false
    }

    /// The recipe with what was added to it on the way: the English texts by which it is drawn, which the first step adds, and what
    /// an upscaled picture comes from. Who draws it again gets the same pictures.
    fn drawn_recipe(&self, _generation: &Self::Generation) -> Option<Recipe> {
        None
    }

    /// Takes the pictures out of a finished generation.
    fn finalize(&mut self, generation: Self::Generation) -> Finalize;
}

/// Starts a generation from a recipe and its encoded input pictures; called on any thread.
pub type Prepare<G> = Arc<dyn Fn(&Recipe, &[Bytes]) -> Result<G, DrawError> + Send + Sync>;

/// Whether a recipe may be drawn by its English texts, or why not; called on the device thread.
pub type Review = Box<dyn Fn(&Recipe) -> Result<(), Failure> + Send>;

/// Encodes the pictures of a finished generation as PNG, in the order of their seeds; called on any thread.
pub type Finalize = Box<dyn FnOnce() -> Result<Vec<Vec<u8>>, DrawError> + Send>;

/// Encodes a preview as JPEG, `None` if that fails; called on any thread.
pub type RenderPreview = Box<dyn FnOnce() -> Option<Vec<u8>> + Send>;

/// Why a recipe could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct DrawError {
    /// The reason that the user gets.
    pub failure: Failure,
    /// The reason for the log; never a prompt.
    pub reason: String,
}

impl DrawError {
    /// A failure of the engine, for which the user is not to blame.
    pub fn engine(reason: impl std::fmt::Display) -> Self {
        Self { failure: Failure::Engine, reason: reason.to_string() }
    }

    /// A recipe that may not be drawn by its English texts.
    pub(super) fn refused(failure: Failure) -> Self {
        Self { failure, reason: "what its English texts say is not drawn".to_owned() }
    }
}
