//! Names, number formats and progress of the parts that are loaded.

use std::fmt;

use candle_core::DType;

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
    /// What is being loaded now.
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

/// Types that the parts compute in. Text and image encoders and the prior can be in [`Q8_0`](crate::ops::Q8_0), too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Precision {
    /// Text and image encoders.
    pub encoders: DType,
    /// The prior.
    pub prior: DType,
    /// The UNet.
    pub unet: DType,
    /// The autoencoder.
    pub movq: DType,
}

impl From<DType> for Precision {
    /// All parts in one type.
    fn from(dtype: DType) -> Self {
        Self { encoders: dtype, prior: dtype, unet: dtype, movq: dtype }
    }
}
