//! Which generations can share a step.

/// Generations with equal keys can share their next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchKey {
    /// A step of the prior.
    Prior,
    /// A call of the UNet.
    UNet(UNetKey),
    /// A tile of an upscaled picture. Nothing is shared; but so it takes turns with other steps.
    Upscale,
    /// A few of the names that pictures are described with, or a picture. Nothing is shared here either.
    Describe,
}

/// Generations with equal keys can share a call of the UNet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UNetKey {
    /// Whether it is the inpainting UNet, where that is another network.
    pub(super) is_inpaint_unet: bool,
    /// Height and width of the latents.
    pub(super) latent_size: (usize, usize),
}
