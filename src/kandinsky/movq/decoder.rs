//! From latents to pixels.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use super::attention::Attention;
use super::middle::Middle;
use super::norm::{Norm, NormKind};
use super::residual_block::ResidualBlock;
use crate::kandinsky::config::MovqConfig;
use crate::ops::Conv2d;

#[derive(Debug)]
pub(super) struct Decoder {
    conv_in: Conv2d,
    middle: Middle,
    levels: Vec<Level>,
    norm_out: Norm,
    conv_out: Conv2d,
}

#[derive(Debug)]
struct Level {
    layers: Vec<(ResidualBlock, Option<Attention>)>,
    upsampler: Option<Conv2d>,
}

impl Decoder {
    pub(super) fn load(config: &MovqConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let widths: Vec<usize> = config.block_out_channels.iter().rev().copied().collect();
        let (top, base) = (widths[0], widths[widths.len() - 1]);
        let levels = (0..widths.len()).map(|level| Level::load(config, &widths, level, &vb));
        let (kind, norm) = (NormKind::Spatial, vb.pp("conv_norm_out"));
        // bf16 is too coarse for pixels.
        let head = vb.pp("conv_out").set_dtype(DType::F32);
        Ok(Self {
            conv_in: Conv2d::load(config.latent_channels, top, 3, vb.pp("conv_in"))?,
            middle: Middle::load(kind, config, top, vb.pp("mid_block"))?,
            levels: levels.collect::<Result<_>>()?,
            norm_out: Norm::load(kind, config, base, norm)?,
            conv_out: Conv2d::load(base, config.out_channels, 3, head)?,
        })
    }

    /// `hidden` is the latent after `post_quant_conv`, `latent` the one before it, which modulates the norms. The result
    /// is f32.
    pub(super) fn forward(&self, hidden: &Tensor, latent: &Tensor) -> Result<Tensor> {
        let x = self.middle.forward(self.conv_in.forward(hidden)?, Some(latent))?;
        let x = self.levels.iter().try_fold(x, |x, level| level.forward(x, latent))?;
        self.conv_out.forward(&self.norm_out.forward_silu(x, Some(latent))?.to_dtype(DType::F32)?)
    }
}

impl Level {
    fn load(config: &MovqConfig, widths: &[usize], level: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let vb = vb.pp("up_blocks").pp(level);
        let outputs = widths[level];
        let attentive = config.up_block_types[level].starts_with("Attn");
        let kind = NormKind::Spatial;
        let layer = |index: usize| {
            let inputs = match index {
                0 => widths[level.saturating_sub(1)],
                _ => outputs,
            };
            let block = vb.pp("resnets").pp(index);
            let block = ResidualBlock::load(kind, config, inputs, outputs, block)?;
            let attention =
                attentive.then(|| Attention::load(kind, config, outputs, vb.pp("attentions").pp(index))).transpose()?;
            Ok((block, attention))
        };
        let conv = vb.pp("upsamplers.0.conv");
        let upsampler = (level + 1 < widths.len()).then(|| Conv2d::load(outputs, outputs, 3, conv)).transpose()?;
        Ok(Self { layers: (0..=config.layers_per_block).map(layer).collect::<Result<_>>()?, upsampler })
    }

    fn forward(&self, mut x: Tensor, latent: &Tensor) -> Result<Tensor> {
        for (block, attention) in &self.layers {
            x = block.forward(x, Some(latent))?;
            if let Some(attention) = attention {
                x = attention.forward(&x, Some(latent))?;
            }
        }
        let Some(conv) = &self.upsampler else {
            return Ok(x);
        };
        conv.forward_enlarged(&x)
    }
}
