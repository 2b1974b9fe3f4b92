//! Linear layer.

use candle_core::{Module, Result, Tensor};
use candle_nn::VarBuilder;

use super::widen::{is_narrow, narrow, widen};

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
        if !is_narrow(x) {
            return self.0.forward(x);
        }
        let bias = self.0.bias().map(widen).transpose()?;
        let wide = candle_nn::Linear::new(widen(self.0.weight())?, bias);
        narrow(&wide.forward(&widen(x)?)?, x.dtype())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use candle_core::{DType, Device};

    #[test]
    fn a_16_bit_sum_is_rounded_once() {
        // 16 + 0.05 + 0.05: near 16 a bf16 has steps of 1/8, so a rounding before the bias would lose both small numbers.
        let narrow = |x: &[f32]| Tensor::new(x, &Device::Cpu).unwrap().to_dtype(DType::BF16).unwrap();
        let weight = narrow(&[16., 0.05]).unsqueeze(0).unwrap();
        let layer = Linear(candle_nn::Linear::new(weight, Some(narrow(&[0.05]))));
        let y = layer.forward(&narrow(&[1., 1.]).unsqueeze(0).unwrap()).unwrap();
        assert_eq!(y.to_dtype(DType::F32).unwrap().to_vec2::<f32>().unwrap(), [[16.125]]);
    }
}
