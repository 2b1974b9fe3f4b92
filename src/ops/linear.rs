//! Linear layer.

use candle_core::{DType, Device, Module, Result, Tensor};
use candle_nn::VarBuilder;

use super::cpu::{Activation, Bf16Panels, Epilogue, Matrix, Panels, QUICK, product};
use super::values::{Q8_0, with_optional, with_values};

/// `y = x · weightᵀ + bias`, weight `[out, in]`.
#[derive(Debug, Clone)]
pub struct Linear(Layer);

#[derive(Debug, Clone)]
enum Layer {
    /// On a CPU.
    Packed { weight: Packed, bias: Option<Tensor> },
    /// Elsewhere.
    Candle(candle_nn::Linear),
}

#[derive(Debug, Clone)]
enum Packed {
    Panels(Panels),
    /// bf16 on processors that multiply it.
    Bf16(Bf16Panels),
}

impl Packed {
    fn pack(weight: &Tensor) -> Result<Self> {
        Ok(match Bf16Panels::pack(weight)? {
            Some(pairs) => Self::Bf16(pairs),
            None => Self::Panels(Panels::pack(weight)?),
        })
    }

    /// Inputs and outputs.
    fn size(&self) -> (usize, usize) {
        match self {
            Self::Panels(weight) => (weight.depth(), weight.outputs()),
            Self::Bf16(weight) => (weight.depth(), weight.outputs()),
        }
    }
}

impl Linear {
    /// Reads `weight` and `bias` from `vb`.
    pub fn load(inputs: usize, outputs: usize, vb: VarBuilder<'_>) -> Result<Self> {
        Self::load_weight((outputs, inputs), Some(vb.get(outputs, "bias")?), &vb)
    }

    /// Reads only `weight`: a layer without bias.
    pub fn load_no_bias(inputs: usize, outputs: usize, vb: VarBuilder<'_>) -> Result<Self> {
        Self::load_weight((outputs, inputs), None, &vb)
    }

    fn load_weight(shape: (usize, usize), bias: Option<Tensor>, vb: &VarBuilder<'_>) -> Result<Self> {
        if vb.dtype() != Q8_0 {
            return Self::new(&vb.get(shape, "weight")?, bias);
        }
        // Rounded once, from what the file has.
        let weight = vb.clone().set_dtype(DType::F32).get(shape, "weight")?;
        Ok(Self(Layer::Packed { weight: Packed::Panels(Panels::pack_blocks(&weight)?), bias }))
    }

    /// Reads the weights of a 1×1 convolution, `[out, in, 1, 1]`: over channels-last maps it is a linear layer.
    pub fn load_pointwise(inputs: usize, outputs: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let weight = vb.get((outputs, inputs, 1, 1), "weight")?.reshape((outputs, inputs))?;
        Self::new(&weight, Some(vb.get(outputs, "bias")?))
    }

    fn new(weight: &Tensor, bias: Option<Tensor>) -> Result<Self> {
        Ok(Self(match weight.device() {
            Device::Cpu => Layer::Packed { weight: Packed::pack(weight)?, bias },
            _ => Layer::Candle(candle_nn::Linear::new(weight.clone(), bias)),
        }))
    }

    /// `[.., in]` to `[.., out]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(x, None, None)
    }

    /// As [`Linear::forward`], and `activation` after it.
    pub fn forward_activated(&self, x: &Tensor, activation: Activation) -> Result<Tensor> {
        self.apply(x, None, Some(activation))
    }

    /// As [`Linear::forward`], and `residual` added.
    pub fn forward_onto(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        self.apply(x, Some(residual), None)
    }

    /// Rows of the weight, `[rows, in]` in f32: where one matrix is both the embedding of the tokens and the last layer, it is
    /// held once. The layer has f32 weights.
    pub fn weight_rows(&self, rows: &[u32]) -> Result<Tensor> {
        match &self.0 {
            Layer::Packed { weight: Packed::Panels(weight), .. } => {
                let (depth, outputs) = (weight.depth(), weight.outputs());
                let mut values = vec![0f32; rows.len() * depth];
                for (&row, place) in rows.iter().zip(values.chunks_exact_mut(depth)) {
                    if row as usize >= outputs {
                        candle_core::bail!("row {row} of a weight of {outputs}");
                    }
                    weight.output(row as usize, place);
                }
                Tensor::from_vec(values, (rows.len(), depth), &Device::Cpu)
            }
            Layer::Packed { weight: Packed::Bf16(_), .. } => candle_core::bail!("rows of a weight in pairs of bf16"),
            Layer::Candle(linear) => {
                let rows = Tensor::new(rows, linear.weight().device())?;
                linear.weight().index_select(&rows, 0)?.to_dtype(DType::F32)
            }
        }
    }

    fn apply(&self, x: &Tensor, residual: Option<&Tensor>, activation: Option<Activation>) -> Result<Tensor> {
        match &self.0 {
            Layer::Packed { weight, bias } => multiply(x, weight, bias.as_ref(), residual, activation),
            Layer::Candle(linear) => {
                let y = linear.forward(x)?;
                let y = residual.map_or_else(|| Ok(y.clone()), |residual| &y + residual)?;
                activation.map_or_else(|| Ok(y.clone()), |activation| activate(&y, activation))
            }
        }
    }
}

/// Out of candle's own operations.
fn activate(x: &Tensor, activation: Activation) -> Result<Tensor> {
    match activation {
        Activation::Gelu => x.gelu_erf(),
        Activation::QuickGelu => x * candle_nn::ops::sigmoid(&(x * f64::from(QUICK))?)?,
        Activation::Silu => x.silu(),
        Activation::Relu => x.relu(),
    }
}

fn multiply(
    x: &Tensor,
    weight: &Packed,
    bias: Option<&Tensor>,
    residual: Option<&Tensor>,
    activation: Option<Activation>,
) -> Result<Tensor> {
    let (depth, outputs) = weight.size();
    let mut shape = x.dims().to_vec();
    let rows = x.elem_count() / depth.max(1);
    match shape.last_mut() {
        Some(last) if *last == depth => *last = outputs,
        _ => candle_core::bail!("a linear layer of {depth} inputs was given {:?}", x.shape()),
    }
    let mut result = vec![0f32; rows * outputs];
    with_values(x, |values| {
        with_optional(bias, |bias| {
            with_optional(residual, |residual| {
                let epilogue = Epilogue { bias, residual, slopes: None };
                let left = Matrix { values, rows, stride: depth };
                let finish = |row: usize, column: usize, sums: &[f32], place: &mut [f32]| {
                    epilogue.finish(row * outputs, column, sums, place);
                };
                match weight {
                    Packed::Panels(weight) => product(left, weight, &mut result, finish),
                    Packed::Bf16(weight) => weight.product(left, &mut result, finish),
                }
            })
        })
    })???;
    if let Some(activation) = activation {
        activation.apply(&mut result);
    }
    Tensor::from_vec(result, shape, x.device())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(in crate::ops) mod tests {
    use super::*;

    #[test]
    fn rows_of_the_weight_are_those_that_were_packed() {
        // More outputs than a panel has, and a last panel that is not full.
        let weight = Tensor::randn(0f32, 1., (45, 7), &Device::Cpu).unwrap();
        let layer = Linear::new(&weight, None).unwrap();
        let rows = layer.weight_rows(&[44, 0, 32, 31, 0]).unwrap().to_vec2::<f32>().unwrap();
        let expected = weight.to_vec2::<f32>().unwrap();
        assert_eq!(rows, [44, 0, 32, 31, 0].map(|row: usize| expected[row].clone()));
        assert!(layer.weight_rows(&[45]).is_err());
    }

    #[test]
    pub(in crate::ops) fn a_16_bit_sum_is_not_rounded() {
        // 16 + 0.05 + 0.05: near 16 a bf16 has steps of 1/8, so a rounding before the bias would lose both small numbers.
        let narrow = |x: &[f32]| Tensor::new(x, &Device::Cpu).unwrap().to_dtype(DType::BF16).unwrap();
        let weight = narrow(&[16., 0.05]).unsqueeze(0).unwrap();
        let layer = Linear::new(&weight, Some(narrow(&[0.05]))).unwrap();
        let y = layer.forward(&narrow(&[1., 1.]).unsqueeze(0).unwrap()).unwrap();
        let y = y.to_vec2::<f32>().unwrap()[0][0];
        assert!((y - 16.1).abs() < 1e-3, "{y}");
    }
}
