//! What the worker needs of an engine.

use std::sync::Arc;

use crate::jobs::{Failure, Remarks};
use crate::recipe::Recipe;

/// Draws recipes, several at a time. [`crate::engine::Engine`] is the one that people run.
pub trait Artist {
    /// A recipe on its way to its pictures.
    type Work: Send + 'static;
    /// Works of one kind can share a step.
    type Kind: PartialEq;

    /// How works are begun: from a recipe and its encoded input pictures. That needs neither the device nor its thread.
    fn beginner(&self) -> Beginner<Self::Work>;

    /// How many works may be in hand at a time.
    fn room(&self) -> usize {
        1
    }

    /// With which works the next step can be shared; `None` for one that is taken alone.
    fn kind(&self, work: &Self::Work) -> Option<Self::Kind>;

    /// Takes a step of some works of one kind, or of a single one. That takes a moment: between two steps works come and go.
    ///
    /// # Errors
    /// [`DrawError`] says what to log and what the person is told. After a shared step that failed, each of its works is
    /// stepped alone.
    fn step(&mut self, works: &mut [&mut Self::Work]) -> Result<(), DrawError>;

    /// A shared step of so many works failed, and each could take it alone.
    fn were_too_many(&mut self, _works: usize) {}

    /// The share that is done, 0 to 1.
    fn share(&self, work: &Self::Work) -> f64;

    /// Whether no step is left.
    fn is_finished(&self, work: &Self::Work) -> bool;

    /// A small picture of what the result will be like; `None` while there is nothing to see. What is left to do with it needs
    /// neither the device nor its thread.
    fn preview(&self, _work: &Self::Work) -> Option<Previewing> {
        None
    }

    /// What is to be said about the pictures of a finished work.
    ///
    /// # Errors
    /// [`DrawError`] says what to log; the pictures are sent all the same.
    fn remarks(&self, _work: &Self::Work) -> Result<Remarks, DrawError> {
        Ok(Remarks::default())
    }

    /// Hands the pictures of a finished work over. What is left to do with them needs neither the device nor its thread.
    fn finish(&mut self, work: Self::Work) -> Finishing;
}

/// Begins works; it is called on any thread.
pub type Beginner<W> = Arc<dyn Fn(&Recipe, &[Vec<u8>]) -> Result<W, DrawError> + Send + Sync>;

/// Makes the pictures of a finished work, encoded as PNG, in the order of their seeds.
pub type Finishing = Box<dyn FnOnce() -> Result<Vec<Vec<u8>>, DrawError> + Send>;

/// Makes a preview, encoded as JPEG; `None` if that fails.
pub type Previewing = Box<dyn FnOnce() -> Option<Vec<u8>> + Send>;

/// Why a recipe could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct DrawError {
    /// What the person is told.
    pub failure: Failure,
    /// What the log is told; never a prompt.
    pub reason: String,
}

impl DrawError {
    /// Something went wrong on our side.
    pub fn engine(reason: impl std::fmt::Display) -> Self {
        Self { failure: Failure::Engine, reason: reason.to_string() }
    }
}
