//! Names, number formats and progress of the parts that are loaded.

use candle_core::DType;

#[cfg(doc)]
use super::Kandinsky21;

/// Parts that [`Kandinsky21::load_all`] reports, in order.
pub(super) const PARTS: [&str; 6] =
    ["text encoder of the prior", "image encoder", "prior", "text encoder of the decoder", "UNet", "MoVQ"];

/// How far loading has come: reported before each part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadProgress {
    /// What is being loaded now.
    pub part: &'static str,
    /// Parts loaded before it.
    pub done: usize,
    /// Parts in all.
    pub total: usize,
}

/// The parts that can be released.
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

/// Types that the parts compute in.
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
