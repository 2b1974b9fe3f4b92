//! Whether the parts of a model belong together.

use super::config::{ClipTextConfig, ClipVisionConfig, MovqConfig, MultilingualClipConfig, PriorConfig, UNetConfig};

/// Widths of one part that another depends on.
pub(super) struct Widths<'a> {
    pub(super) clip_text: &'a ClipTextConfig,
    pub(super) clip_image: &'a ClipVisionConfig,
    pub(super) prior: &'a PriorConfig,
    pub(super) multilingual: &'a MultilingualClipConfig,
    pub(super) unet: &'a UNetConfig,
    pub(super) movq: &'a MovqConfig,
}

impl Widths<'_> {
    /// Whether the parts belong together.
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        let embedding = self.prior.embedding_dim;
        let pairs = [
            ("hidden_size of the prior's text encoder", self.clip_text.hidden_size, embedding),
            ("projection_dim of the prior's text encoder", self.clip_text.projection_dim, embedding),
            ("projection_dim of the image encoder", self.clip_image.projection_dim, embedding),
            ("cross_attention_dim of the UNet", self.unet.cross_attention_dim, embedding),
            ("numDims of the decoder's text encoder", self.multilingual.num_dims, embedding),
            ("encoder_hid_dim of the UNet", self.unet.text_width(), self.multilingual.hidden_size),
            ("vq_embed_dim of MoVQ", self.movq.latent_width(), self.unet.latent_channels()),
        ];
        match pairs.iter().find(|(_, value, expected)| value != expected) {
            Some((name, value, expected)) => {
                Err(format!("{name} is {value} where the other parts need {expected}: the parts are not of one model"))
            }
            None => Ok(()),
        }
    }
}
