//! The modes: what a draft becomes.

use serde::{Deserialize, Serialize};

/// The most pictures in one mix.
pub(super) const PICTURES_MOST: usize = 4;

/// What a draft becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A picture from a description.
    Draw,
    /// A mix of pictures and a text.
    Mix,
    /// Variations of a picture.
    Vary,
    /// A picture changed by a text.
    Change,
    /// A part of a picture drawn anew.
    Inpaint,
    /// A picture continued beyond its edges.
    Outpaint,
    /// A picture drawn larger.
    Upscale,
    /// What a picture shows, in words.
    Describe,
    /// No picture: what is typed becomes the chat's own setting.
    Settings,
}

impl Mode {
    /// The modes of the menu.
    pub const OFFERED: [Self; 8] =
        [Self::Draw, Self::Mix, Self::Vary, Self::Change, Self::Inpaint, Self::Outpaint, Self::Upscale, Self::Describe];

    /// A word for buttons' data and the names of texts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draw => "draw",
            Self::Mix => "mix",
            Self::Vary => "vary",
            Self::Change => "change",
            Self::Inpaint => "inpaint",
            Self::Outpaint => "outpaint",
            Self::Upscale => "upscale",
            Self::Describe => "describe",
            Self::Settings => "settings",
        }
    }

    /// Whether pictures that are too small or too thin to be drawn from are taken.
    #[must_use]
    pub fn takes_any_size(self) -> bool {
        matches!(self, Self::Upscale | Self::Describe)
    }

    /// Whether proportions can be chosen; where a picture is worked on, they are its own.
    #[must_use]
    pub fn takes_size(self) -> bool {
        matches!(self, Self::Draw | Self::Mix | Self::Vary)
    }

    /// The most pictures that it works on.
    #[must_use]
    pub fn pictures(self) -> usize {
        match self {
            Self::Draw | Self::Settings => 0,
            Self::Mix => PICTURES_MOST,
            _ => 1,
        }
    }
}
