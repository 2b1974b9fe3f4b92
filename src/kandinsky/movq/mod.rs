//! MoVQ, the autoencoder between pictures and latents (Zheng et al., <https://arxiv.org/abs/2209.09002>).
//!
//! The encoder is a plain VQGAN encoder; in the decoder every norm is modulated by the latent. Nothing is quantised when
//! pictures are made, so the codebook is not even read. Latents have no scale factor: the one in published
//! configurations is dead.

mod attention;
mod decoder;
mod encoder;
mod middle;
mod norm;
mod residual_block;

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use crate::kandinsky::config::MovqConfig;
use crate::ops::{Linear, compute_dtype, from_maps, to_maps};
use decoder::Decoder;
use encoder::Encoder;

/// Epsilon of all norms.
const NORM_EPS: f64 = 1e-6;

/// `VQModel` of diffusers with spatial norms.
#[derive(Debug)]
pub struct Movq {
    encoder: Encoder,
    quant_conv: Linear,
    post_quant_conv: Linear,
    decoder: Decoder,
    config: MovqConfig,
    dtype: DType,
}

impl Movq {
    /// Reads the whole part.
    pub fn load(config: &MovqConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let (latent, width) = (config.latent_channels, config.latent_width());
        Ok(Self {
            encoder: Encoder::load(config, vb.pp("encoder"))?,
            quant_conv: Linear::load_pointwise(latent, width, vb.pp("quant_conv"))?,
            post_quant_conv: Linear::load_pointwise(width, latent, vb.pp("post_quant_conv"))?,
            decoder: Decoder::load(config, vb.pp("decoder"))?,
            config: config.clone(),
            dtype: compute_dtype(vb.dtype(), vb.device()),
        })
    }

    /// The configuration it was built from.
    pub fn config(&self) -> &MovqConfig {
        &self.config
    }

    /// Pixels `[n, 3, h, w]` from −1 to 1 to latents `[n, channels, h / scale, w / scale]`, f32.
    ///
    /// Height and width must be multiples of [`MovqConfig::scale`].
    pub fn encode(&self, pixels: &Tensor) -> Result<Tensor> {
        let hidden = self.encoder.forward(&to_maps(&pixels.to_dtype(self.dtype)?)?)?;
        from_maps(&self.quant_conv.forward(&hidden)?.to_dtype(DType::F32)?)
    }

    /// Latents `[n, channels, h, w]` to pixels `[n, 3, scale · h, scale · w]`, nominally from −1 to 1, f32.
    pub fn decode(&self, latents: &Tensor) -> Result<Tensor> {
        let latents = to_maps(&latents.to_dtype(self.dtype)?)?;
        let hidden = self.post_quant_conv.forward(&latents)?;
        from_maps(&self.decoder.forward(&hidden, &latents)?)
    }
}
