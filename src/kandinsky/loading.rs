//! Names and progress of the parts that are loaded.

use std::fmt;

#[cfg(doc)]
use super::Kandinsky21;

/// Parts that [`Kandinsky21::load_all`] reports, in order.
pub(super) const PARTS: [PartName; 6] = [
    PartName::ClipText,
    PartName::ClipImage,
    PartName::Prior,
    PartName::MultilingualClip,
    PartName::UNet,
    PartName::Movq,
];

/// How far loading has come: reported before each part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadProgress {
    /// The part that is being loaded.
    pub part: PartName,
    /// Parts loaded before it.
    pub done: usize,
    /// Parts in all.
    pub total: usize,
}

/// The networks of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartName {
    /// CLIP's text encoder, which the prior reads.
    ClipText,
    /// CLIP's image encoder.
    ClipImage,
    /// The prior.
    Prior,
    /// The multilingual text encoder, which the decoder reads.
    MultilingualClip,
    /// The networks that remove noise.
    UNet,
    /// The autoencoder.
    Movq,
}

impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ClipText => "text encoder of the prior",
            Self::ClipImage => "image encoder",
            Self::Prior => "prior",
            Self::MultilingualClip => "text encoder of the decoder",
            Self::UNet => "UNet",
            Self::Movq => "MoVQ",
        })
    }
}
