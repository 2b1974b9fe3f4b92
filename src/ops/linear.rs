//! Linear layer.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

/// `y = x · weightᵀ + bias`, weight `[out, in]`.
#[derive(Debug, Clone)]
pub struct Linear(candle_nn::Linear);

impl Linear {
    /// Reads `weight` and `bias` from `vb`.
    pub fn load(inputs: usize, outputs: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let bias = vb.get(outputs, "bias")?;
        Ok(Self(candle_nn::Linear::new(vb.get((outputs, inputs), "weight")?, Some(bias))))
    }

    /// Reads only `weight`: a layer without bias.
    pub fn load_no_bias(inputs: usize, outputs: usize, vb: VarBuilder<'_>) -> Result<Self> {
        Ok(Self(candle_nn::Linear::new(vb.get((outputs, inputs), "weight")?, None)))
    }

    /// `[.., in]` to `[.., out]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.0.forward(x)
    }
}
