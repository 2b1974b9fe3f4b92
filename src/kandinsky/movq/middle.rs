//! The coarsest resolution, common to both halves.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::attention::Attention;
use super::norm::NormKind;
use super::residual_block::ResidualBlock;
use crate::kandinsky::config::MovqConfig;

/// The coarsest resolution of either half: block, attention, block.
#[derive(Debug)]
pub(super) struct Middle {
    first: ResidualBlock,
    attention: Attention,
    second: ResidualBlock,
}

impl Middle {
    pub(super) fn load(kind: NormKind, config: &MovqConfig, channels: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let block = |name: &str| ResidualBlock::load(kind, config, channels, channels, vb.pp(name));
        Ok(Self {
            first: block("resnets.0")?,
            attention: Attention::load(kind, config, channels, vb.pp("attentions.0"))?,
            second: block("resnets.1")?,
        })
    }

    pub(super) fn forward(&self, x: Tensor, latent: Option<&Tensor>) -> Result<Tensor> {
        let x = self.first.forward(x, latent)?;
        let x = self.attention.forward(&x, latent)?;
        self.second.forward(x, latent)
    }
}
