//! The two norms of MoVQ behind one face.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::NORM_EPS;
use crate::kandinsky::config::{MovqConfig, SPATIAL_NORM_GROUPS};
use crate::ops::{GroupNorm, Linear, Source};

/// Which norm a half of the autoencoder uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NormKind {
    /// Plain group norm: the encoder.
    Group,
    /// Modulated by the latent: the decoder.
    Spatial,
}

#[derive(Debug)]
pub(super) enum Norm {
    Group(GroupNorm),
    Spatial(SpatialNorm),
}

impl Norm {
    pub(super) fn load(kind: NormKind, config: &MovqConfig, channels: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let groups = config.norm_num_groups;
        Ok(match kind {
            NormKind::Group => Self::Group(GroupNorm::load(groups, channels, NORM_EPS, vb)?),
            NormKind::Spatial => Self::Spatial(SpatialNorm::load(channels, config.latent_channels, vb)?),
        })
    }

    /// The norm alone. `latent` is what the spatial norm is modulated by.
    pub(super) fn forward<'a>(&self, x: impl Into<Source<'a>>, latent: Option<&Tensor>) -> Result<Tensor> {
        match self {
            Self::Group(norm) => norm.forward(x),
            Self::Spatial(norm) => norm.forward(x, latent, false),
        }
    }

    /// The norm, then SiLU.
    pub(super) fn forward_silu<'a>(&self, x: impl Into<Source<'a>>, latent: Option<&Tensor>) -> Result<Tensor> {
        match self {
            Self::Group(norm) => norm.forward_silu(x),
            Self::Spatial(norm) => norm.forward(x, latent, true),
        }
    }
}

/// `norm(x) · conv_y(latent↑) + conv_b(latent↑)`, the latent enlarged to the map by nearest neighbour.
#[derive(Debug)]
pub(super) struct SpatialNorm {
    norm_layer: GroupNorm,
    conv_y: Linear,
    conv_b: Linear,
}

impl SpatialNorm {
    fn load(channels: usize, latent: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let norm = vb.pp("norm_layer");
        Ok(Self {
            norm_layer: GroupNorm::load(SPATIAL_NORM_GROUPS, channels, NORM_EPS, norm)?,
            conv_y: Linear::load_pointwise(latent, channels, vb.pp("conv_y"))?,
            conv_b: Linear::load_pointwise(latent, channels, vb.pp("conv_b"))?,
        })
    }

    fn forward<'a>(&self, x: impl Into<Source<'a>>, latent: Option<&Tensor>, silu: bool) -> Result<Tensor> {
        let Some(latent) = latent else {
            candle_core::bail!("a spatial norm needs the latent");
        };
        // A 1×1 convolution commutes with repeating pixels: applied first, it works on the small latent.
        let (gain, offset) = (self.conv_y.forward(latent)?, self.conv_b.forward(latent)?);
        self.norm_layer.forward_spatial(x, &gain, &offset, silu)
    }
}
