//! Layer normalisation.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use super::widen::{narrow, widen};

/// Layer normalisation (Ba et al., <https://arxiv.org/abs/1607.06450>) over the last dimension, in f32 whatever the type of
/// the data.
#[derive(Debug, Clone)]
pub struct LayerNorm {
    /// `[width]`, f32.
    weight: Tensor,
    /// `[width]`, f32.
    bias: Tensor,
    eps: f64,
}

impl LayerNorm {
    /// Reads `weight` and `bias`.
    pub fn load(width: usize, eps: f64, vb: VarBuilder<'_>) -> Result<Self> {
        let vb = vb.set_dtype(DType::F32);
        Ok(Self { weight: vb.get(width, "weight")?, bias: vb.get(width, "bias")?, eps })
    }

    /// `[.., width]` to the same.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let wide = widen(x)?.contiguous()?;
        let y = candle_nn::ops::layer_norm(&wide, &self.weight, &self.bias, self.eps as f32)?;
        narrow(&y, x.dtype())
    }
}
