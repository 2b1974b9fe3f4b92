//! Words of a prompt that a small model has not learned.

use super::Engine;
use super::vocabulary::UnknownWords;
use crate::recipe::Recipe;

impl Engine {
    /// What of a recipe's texts the model has not learned; nothing where it has no list of words.
    #[must_use]
    pub fn unknown_words(&self, recipe: &Recipe) -> UnknownWords {
        let texts = recipe.task.texts().join(" ");
        self.vocabulary.as_ref().map(|vocabulary| vocabulary.unknown(&texts)).unwrap_or_default()
    }
}
