//! An English text that its user puts right.

use serde::{Deserialize, Serialize};

use crate::jobs::JobId;
use crate::recipe::Recipe;

/// A recipe whose picture is drawn anew by another English text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    /// The job that it was drawn for, whose pictures it takes.
    pub job: JobId,
    /// What was drawn.
    pub recipe: Recipe,
    /// The text, as the user wrote it, that gets another English one.
    pub written: String,
}

impl Correction {
    /// The same recipe with another English text.
    #[must_use]
    pub fn recipe_with(&self, english: String) -> Recipe {
        let mut recipe = self.recipe.clone();
        recipe.translation.texts.insert(self.written.clone(), english);
        recipe
    }
}
