//! Kinds of work: jobs of one kind take about as long.

use crate::recipe::{Recipe, Task};

/// A kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Pictures are drawn.
    Draw,
    /// A picture is drawn larger.
    Upscale,
    /// It is said what a picture shows.
    Describe,
}

impl Work {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Draw, Self::Upscale, Self::Describe];

    /// The work on a recipe.
    #[must_use]
    pub fn of(recipe: &Recipe) -> Self {
        match recipe.task {
            Task::Upscale { .. } => Self::Upscale,
            Task::Describe => Self::Describe,
            _ => Self::Draw,
        }
    }

    /// The name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draw => "draw",
            Self::Upscale => "upscale",
            Self::Describe => "describe",
        }
    }

    /// The kind of that name; drawings for one that this version does not know.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|work| work.name() == name).unwrap_or(Self::Draw)
    }
}
