//! Kinds of work: jobs of one kind take about as long.

use crate::recipe::Recipe;

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Pictures are drawn.
    Draw,
    /// A picture is drawn larger.
    Upscale,
}

impl Work {
    /// All kinds.
    pub const ALL: [Self; 2] = [Self::Draw, Self::Upscale];

    /// The work on a recipe.
    #[must_use]
    pub fn of(recipe: &Recipe) -> Self {
        if recipe.task.is_upscale() { Self::Upscale } else { Self::Draw }
    }

    /// The name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draw => "draw",
            Self::Upscale => "upscale",
        }
    }
}
