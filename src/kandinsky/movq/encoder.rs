//! From pixels to latents.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::attention::Attention;
use super::middle::Middle;
use super::norm::{Norm, NormKind};
use super::residual_block::ResidualBlock;
use crate::kandinsky::config::MovqConfig;
use crate::ops::Conv2d;

#[derive(Debug)]
pub(super) struct Encoder {
    conv_in: Conv2d,
    levels: Vec<Level>,
    middle: Middle,
    norm_out: Norm,
    conv_out: Conv2d,
}

#[derive(Debug)]
struct Level {
    layers: Vec<(ResidualBlock, Option<Attention>)>,
    downsampler: Option<Conv2d>,
}

impl Encoder {
    pub(super) fn load(config: &MovqConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let widths = &config.block_out_channels;
        let top = widths[widths.len() - 1];
        let levels = (0..widths.len()).map(|level| Level::load(config, level, &vb));
        let (kind, norm) = (NormKind::Group, vb.pp("conv_norm_out"));
        Ok(Self {
            conv_in: Conv2d::load(config.in_channels, widths[0], 3, vb.pp("conv_in"))?,
            levels: levels.collect::<Result<_>>()?,
            middle: Middle::load(kind, config, top, vb.pp("mid_block"))?,
            norm_out: Norm::load(kind, config, top, norm)?,
            conv_out: Conv2d::load(top, config.latent_channels, 3, vb.pp("conv_out"))?,
        })
    }

    pub(super) fn forward(&self, pixels: &Tensor) -> Result<Tensor> {
        let x = self.conv_in.forward(pixels)?;
        let x = self.levels.iter().try_fold(x, |x, level| level.forward(x))?;
        let x = self.middle.forward(x, None)?;
        self.conv_out.forward(&self.norm_out.forward_silu(x, None)?)
    }
}

impl Level {
    fn load(config: &MovqConfig, level: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let widths = &config.block_out_channels;
        let vb = vb.pp("down_blocks").pp(level);
        let outputs = widths[level];
        let attentive = config.down_block_types[level].starts_with("Attn");
        let kind = NormKind::Group;
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
        let conv = vb.pp("downsamplers.0.conv");
        let downsampler =
            (level + 1 < widths.len()).then(|| Conv2d::load_halving(outputs, outputs, 3, conv)).transpose()?;
        Ok(Self { layers: (0..config.layers_per_block).map(layer).collect::<Result<_>>()?, downsampler })
    }

    fn forward(&self, mut x: Tensor) -> Result<Tensor> {
        for (block, attention) in &self.layers {
            x = block.forward(x, None)?;
            if let Some(attention) = attention {
                x = attention.forward(&x, None)?;
            }
        }
        let Some(conv) = &self.downsampler else {
            return Ok(x);
        };
        conv.forward(&x)
    }
}
