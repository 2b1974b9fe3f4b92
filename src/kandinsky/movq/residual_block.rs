//! Residual block of MoVQ.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::norm::{Norm, NormKind};
use crate::kandinsky::config::MovqConfig;
use crate::ops::{Conv2d, Linear};

/// `x + conv(silu(norm(conv(silu(norm(x))))))`.
#[derive(Debug)]
pub(super) struct ResidualBlock {
    norm1: Norm,
    conv1: Conv2d,
    norm2: Norm,
    conv2: Conv2d,
    conv_shortcut: Option<Linear>,
}

impl ResidualBlock {
    pub(super) fn load(
        kind: NormKind,
        config: &MovqConfig,
        inputs: usize,
        outputs: usize,
        vb: VarBuilder<'_>,
    ) -> Result<Self> {
        let shortcut =
            (inputs != outputs).then(|| Linear::load_pointwise(inputs, outputs, vb.pp("conv_shortcut"))).transpose()?;
        Ok(Self {
            norm1: Norm::load(kind, config, inputs, vb.pp("norm1"))?,
            conv1: Conv2d::load(inputs, outputs, 3, vb.pp("conv1"))?,
            norm2: Norm::load(kind, config, outputs, vb.pp("norm2"))?,
            conv2: Conv2d::load(outputs, outputs, 3, vb.pp("conv2"))?,
            conv_shortcut: shortcut,
        })
    }

    /// `x` is overwritten where that saves memory: the largest maps are more than half a gigabyte.
    pub(super) fn forward(&self, x: Tensor, latent: Option<&Tensor>) -> Result<Tensor> {
        let (skip, normed) = match &self.conv_shortcut {
            Some(conv) => (conv.forward(&x)?, self.norm1.forward_silu(x, latent)?),
            None => {
                let normed = self.norm1.forward_silu(&x, latent)?;
                (x, normed)
            }
        };
        let hidden = self.conv1.forward(&normed)?;
        drop(normed);
        self.conv2.forward_onto(&self.norm2.forward_silu(hidden, latent)?, &skip)
    }
}
