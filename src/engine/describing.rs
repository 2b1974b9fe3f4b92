//! Takes the steps of a description.

use super::generation::Generation;
use super::pipeline::Watch;
use super::preview::Progress;
use super::{Engine, EngineError};
use crate::kandinsky::PartName;
use crate::pictures::Picture;
use crate::recipe::{Description, Recipe, Task};

impl Engine {
    /// Describes a picture. `report` is called with the progress before every step.
    ///
    /// # Errors
    /// [`EngineError::Stopped`] if `report` returned [`std::ops::ControlFlow::Break`], else what failed.
    pub fn describe(&self, picture: &Picture, report: Watch<'_>) -> Result<Description, EngineError> {
        let mut generation = self.begin(&Recipe::new(Task::Describe, 0), std::slice::from_ref(picture))?;
        while !generation.is_finished() {
            if report(Progress::with_preview(generation.progress(), &|| None)).is_break() {
                return Err(EngineError::Stopped);
            }
            self.step(&mut [&mut generation])?;
        }
        generation.description().cloned().ok_or(EngineError::Stopped)
    }

    /// Encodes some of the names, or, once all are encoded, compares the picture with them. If that fails, the same step can be
    /// taken again.
    pub(super) fn step_description(&self, generation: &mut Generation) -> Result<(), EngineError> {
        let Some(run) = generation.describing() else { return Ok(()) };
        if let Some(labels) = self.description_labels.get() {
            let embedding = self.image_embedding_of(run.picture())?;
            self.release(&[PartName::ClipImage]);
            generation.add_description(labels.describe(&embedding)?);
        } else if let Some(labels) = run.encode_labels(self.model(), self.vocabulary.as_ref())? {
            self.description_labels.get_or_init(|| labels);
            self.release(&[PartName::ClipText]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
