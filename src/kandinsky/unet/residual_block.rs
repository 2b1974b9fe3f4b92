//! Residual block with scale-shift conditioning and, in some places, resampling.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use crate::kandinsky::config::UNetConfig;
use crate::ops::{Conv2d, GroupNorm, Linear, enlarge, halve};

/// How a block changes the size of its map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resample {
    None,
    /// 2×2 means, taken in f32.
    Down,
    /// Nearest neighbour, ×2.
    Up,
}

impl Resample {
    fn apply(self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::None => Ok(x.clone()),
            Self::Down => halve(x),
            Self::Up => enlarge(x),
        }
    }

    /// The convolution of the resampled map.
    fn convolve(self, conv: &Conv2d, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::None => conv.forward(x),
            Self::Down => conv.forward(&halve(x)?),
            Self::Up => conv.forward_enlarged(x),
        }
    }
}

/// `x + conv(silu(film(norm(conv(resample(silu(norm(x))))))))`, with the skip resampled too.
#[derive(Debug)]
pub(super) struct ResidualBlock {
    norm1: GroupNorm,
    conv1: Conv2d,
    /// In f32, as the embedding it reads.
    time_emb_proj: Linear,
    norm2: GroupNorm,
    conv2: Conv2d,
    conv_shortcut: Option<Linear>,
    resample: Resample,
    outputs: usize,
}

impl ResidualBlock {
    pub(super) fn load(
        config: &UNetConfig,
        inputs: usize,
        outputs: usize,
        resample: Resample,
        vb: VarBuilder<'_>,
    ) -> Result<Self> {
        let (groups, eps) = (config.norm_num_groups, config.norm_eps);
        let shortcut =
            (inputs != outputs).then(|| Linear::load_pointwise(inputs, outputs, vb.pp("conv_shortcut"))).transpose()?;
        let film = vb.pp("time_emb_proj").set_dtype(DType::F32);
        Ok(Self {
            norm1: GroupNorm::load(groups, inputs, eps, vb.pp("norm1"))?,
            conv1: Conv2d::load(inputs, outputs, 3, vb.pp("conv1"))?,
            time_emb_proj: Linear::load(config.time_width(), 2 * outputs, film)?,
            norm2: GroupNorm::load(groups, outputs, eps, vb.pp("norm2"))?,
            conv2: Conv2d::load(outputs, outputs, 3, vb.pp("conv2"))?,
            conv_shortcut: shortcut,
            resample,
            outputs,
        })
    }

    /// `x` is `[n, h, w, in]`; `embedding` is `[n, time width]`, f32, already through SiLU.
    pub(super) fn forward(&self, x: &Tensor, embedding: &Tensor) -> Result<Tensor> {
        let hidden = self.resample.convolve(&self.conv1, &self.norm1.forward_silu(x)?)?;
        let film = self.time_emb_proj.forward(embedding)?;
        let scale = film.narrow(1, 0, self.outputs)?;
        let shift = film.narrow(1, self.outputs, self.outputs)?;
        let hidden = self.norm2.forward_film_silu(hidden, &scale, &shift)?;
        let skip = self.resample.apply(x)?;
        let skip = match &self.conv_shortcut {
            Some(conv) => conv.forward(&skip)?,
            None => skip,
        };
        self.conv2.forward_onto(&hidden, &skip)
    }
}
