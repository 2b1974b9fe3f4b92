//! Two-dimensional convolution.

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::cpu::{Epilogue, FeatureMap, Panels, Window, Winograd};
#[cfg(feature = "cudnn")]
use super::cuda::Filter;
use super::values::{with_optional, with_values};

/// Convolution over channels-last maps, `[batch, height, width, channels]`, with a square kernel.
#[derive(Debug, Clone)]
pub struct Conv2d {
    weight: Weight,
    /// `[out]`.
    bias: Option<Tensor>,
    window: Window,
    outputs: usize,
}

#[derive(Debug, Clone)]
enum Weight {
    /// On a CPU.
    Packed(Panels),
    /// On a GPU with cuDNN.
    #[cfg(feature = "cudnn")]
    Filter(Filter),
    /// Elsewhere, `[out, in, k, k]`.
    Tensor(Tensor),
}

impl Conv2d {
    /// Reads `weight` and `bias` of a stride-1 convolution that keeps the size: `kernel` must be odd.
    pub fn load(inputs: usize, outputs: usize, kernel: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let window = Window { kernel, stride: 1, before: kernel / 2, after: kernel / 2 };
        Self::load_window((inputs, outputs), window, true, &vb)
    }

    /// Reads `weight` and `bias` of a convolution with stride 2 that sees zeros only at the right and the bottom.
    pub fn load_halving(inputs: usize, outputs: usize, kernel: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let window = Window { kernel, stride: 2, before: 0, after: 1 };
        Self::load_window((inputs, outputs), window, true, &vb)
    }

    /// Reads only `weight`, of a convolution that cuts its input into squares of `kernel` pixels.
    pub fn load_patches(inputs: usize, outputs: usize, kernel: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let window = Window { kernel, stride: kernel, before: 0, after: 0 };
        Self::load_window((inputs, outputs), window, false, &vb)
    }

    fn load_window(
        (inputs, outputs): (usize, usize),
        window: Window,
        biased: bool,
        vb: &VarBuilder<'_>,
    ) -> Result<Self> {
        let weight = vb.get((outputs, inputs, window.kernel, window.kernel), "weight")?;
        let weight = match weight.device() {
            Device::Cpu => Weight::Packed(Panels::pack(&weight.flatten_from(1)?)?),
            #[cfg(feature = "cudnn")]
            Device::Cuda(_) => Weight::Filter(Filter::new(&weight, window)?),
            _ => Weight::Tensor(weight),
        };
        let bias = biased.then(|| vb.get(outputs, "bias")).transpose()?;
        Ok(Self { weight, bias, window, outputs })
    }

    /// `[b, h, w, in]` to `[b, h', w', out]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(x, false, None)
    }

    /// As [`Conv2d::forward`] of `x` with every pixel repeated to 2×2; the larger map itself is never made on a CPU.
    pub fn forward_enlarged(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(x, true, None)
    }

    /// As [`Conv2d::forward`], and `residual` added.
    pub fn forward_onto(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        self.apply(x, false, Some(residual))
    }

    fn apply(&self, x: &Tensor, enlarged: bool, residual: Option<&Tensor>) -> Result<Tensor> {
        match &self.weight {
            Weight::Packed(weight) => self.apply_packed(weight, x, enlarged, residual),
            #[cfg(feature = "cudnn")]
            Weight::Filter(filter) => filter.convolve(x, enlarged, self.bias.as_ref(), residual),
            Weight::Tensor(weight) => self.apply_elsewhere(weight, x, enlarged, residual),
        }
    }

    fn apply_packed(&self, weight: &Panels, x: &Tensor, enlarged: bool, residual: Option<&Tensor>) -> Result<Tensor> {
        let (batch, height, width, _) = x.dims4()?;
        let empty = FeatureMap { values: &[], batch, height, width, enlarged };
        let (rows, columns) = self.window.result(empty.size());
        let shape = (batch, rows, columns, self.outputs);
        let mut result = vec![0f32; batch * rows * columns * self.outputs];
        with_values(x, |values| {
            with_optional(self.bias.as_ref(), |bias| {
                with_optional(residual, |residual| {
                    self.compute(weight, FeatureMap { values, ..empty }, Epilogue { bias, residual }, &mut result);
                })
            })
        })???;
        Tensor::from_vec(result, shape, x.device())
    }

    fn compute(&self, weight: &Panels, map: FeatureMap<'_>, epilogue: Epilogue<'_>, result: &mut [f32]) {
        let keeps_size = self.window == Window { kernel: 3, stride: 1, before: 1, after: 1 };
        match keeps_size.then(|| Winograd::suitable(weight, map)).flatten() {
            Some(winograd) => winograd.forward(map, epilogue, result),
            None => self.window.convolve(map, weight, epilogue, result),
        }
    }

    /// Out of candle's own operations.
    fn apply_elsewhere(
        &self,
        weight: &Tensor,
        x: &Tensor,
        enlarged: bool,
        residual: Option<&Tensor>,
    ) -> Result<Tensor> {
        let Window { before, after, stride, .. } = self.window;
        let mut x = x.permute((0, 3, 1, 2))?;
        if enlarged {
            let (_, _, height, width) = x.dims4()?;
            x = x.upsample_nearest2d(2 * height, 2 * width)?;
        }
        if before != after {
            x = x.pad_with_zeros(2, before, after)?.pad_with_zeros(3, before, after)?;
        }
        let padding = if before == after { before } else { 0 };
        let y = x.contiguous()?.conv2d(weight, padding, stride, 1, 1)?.permute((0, 2, 3, 1))?.contiguous()?;
        let y = match &self.bias {
            Some(bias) => y.broadcast_add(bias)?,
            None => y,
        };
        match residual {
            Some(residual) => y + residual,
            None => Ok(y),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(in crate::ops) mod tests {
    use super::*;
    use crate::ops::{enlarge, from_maps, to_maps};
    use candle_core::DType;
    use std::collections::HashMap;

    fn random(shape: &[usize]) -> Tensor {
        Tensor::randn(0f32, 1., shape, &Device::Cpu).unwrap()
    }

    fn weights(inputs: usize, outputs: usize, kernel: usize, dtype: DType) -> VarBuilder<'static> {
        let weight = (random(&[outputs, inputs, kernel, kernel]) / (inputs as f64).sqrt()).unwrap();
        let tensors = [("weight".to_string(), weight), ("bias".to_string(), random(&[outputs]))];
        let narrow = tensors.map(|(name, tensor)| (name, tensor.to_dtype(dtype).unwrap()));
        VarBuilder::from_tensors(HashMap::from(narrow), dtype, &Device::Cpu)
    }

    /// Candle's own convolution of the picture with zeros around it.
    fn expected(x: &Tensor, window: Window, inputs: usize, outputs: usize, vb: &VarBuilder<'_>) -> Tensor {
        let get = |name: &str| vb.get_unchecked(name).unwrap().to_dtype(DType::F32).unwrap();
        let weight = get("weight").reshape((outputs, inputs, window.kernel, window.kernel)).unwrap();
        let x = from_maps(x).unwrap().pad_with_zeros(2, window.before, window.after).unwrap();
        let x = x.pad_with_zeros(3, window.before, window.after).unwrap();
        let y = x.conv2d(&weight, 0, window.stride, 1, 1).unwrap();
        to_maps(&y.broadcast_add(&get("bias").reshape((1, outputs, 1, 1)).unwrap()).unwrap()).unwrap()
    }

    fn relative_error(a: &Tensor, b: &Tensor) -> f32 {
        let norm = |x: &Tensor| x.sqr().unwrap().sum_all().unwrap().to_scalar::<f32>().unwrap().sqrt();
        norm(&(a - b).unwrap()) / norm(b)
    }

    #[test]
    pub(in crate::ops) fn every_way_of_computing_gives_the_same() {
        // Odd sizes, few and many inputs, outputs that fill no panel, large maps (Winograd) and small ones (patches).
        let sizes = [(1, 5), (2, 12), (3, 33), (1, 50)];
        for (inputs, outputs) in [(4, 5), (16, 8), (48, 33), (80, 70)] {
            for (batch, side) in sizes {
                for dtype in [DType::F32, DType::BF16, DType::F16] {
                    let vb = weights(inputs, outputs, 3, dtype);
                    let conv = Conv2d::load(inputs, outputs, 3, vb.clone()).unwrap();
                    let x = random(&[batch, side, side + 3, inputs]);
                    let expected = expected(&x, conv.window, inputs, outputs, &vb);
                    let error = relative_error(&conv.forward(&x).unwrap(), &expected);
                    assert!(error < 1e-5, "{inputs} to {outputs} at {side}, {dtype:?}: {error}");
                }
            }
        }
    }

    #[test]
    fn strides_and_one_sided_borders_are_kept() {
        let x = random(&[2, 28, 42, 12]);
        let vb = weights(12, 7, 3, DType::F32);
        let halving = Conv2d::load_halving(12, 7, 3, vb.clone()).unwrap();
        let y = halving.forward(&x).unwrap();
        assert_eq!(y.dims(), [2, 14, 21, 7]);
        assert!(relative_error(&y, &expected(&x, halving.window, 12, 7, &vb)) < 1e-5);
        let vb = weights(12, 7, 14, DType::F32);
        let patches = Conv2d::load_patches(12, 7, 14, vb.clone()).unwrap();
        let zero = [
            ("weight", vb.get_unchecked("weight").unwrap()),
            ("bias", Tensor::zeros(7, DType::F32, &Device::Cpu).unwrap()),
        ];
        let zero = HashMap::from(zero.map(|(name, tensor)| (name.to_string(), tensor)));
        let zero = VarBuilder::from_tensors(zero, DType::F32, &Device::Cpu);
        assert!(relative_error(&patches.forward(&x).unwrap(), &expected(&x, patches.window, 12, 7, &zero)) < 1e-5);
    }

    #[test]
    fn an_enlarged_map_need_not_be_made() {
        for side in [4, 20] {
            let x = random(&[2, side, side + 1, 32]);
            let conv = Conv2d::load(32, 20, 3, weights(32, 20, 3, DType::F32)).unwrap();
            let expected = conv.forward(&enlarge(&x).unwrap()).unwrap();
            assert!(relative_error(&conv.forward_enlarged(&x).unwrap(), &expected) < 1e-6);
        }
    }

    #[test]
    pub(in crate::ops) fn a_residual_is_added() {
        for side in [4, 40] {
            let (x, residual) = (random(&[1, side, side, 32]), random(&[1, side, side, 20]));
            let conv = Conv2d::load(32, 20, 3, weights(32, 20, 3, DType::F32)).unwrap();
            let expected = (conv.forward(&x).unwrap() + &residual).unwrap();
            assert!(relative_error(&conv.forward_onto(&x, &residual).unwrap(), &expected) < 1e-6);
        }
    }

    #[test]
    fn the_path_of_other_devices_gives_the_same() {
        let (x, residual) = (random(&[2, 10, 12, 16]), random(&[2, 20, 24, 9]));
        let vb = weights(16, 9, 3, DType::F32);
        let conv = Conv2d::load(16, 9, 3, vb.clone()).unwrap();
        let weight = vb.get((9, 16, 3, 3), "weight").unwrap();
        let elsewhere = conv.apply_elsewhere(&weight, &x, true, Some(&residual)).unwrap();
        assert!(relative_error(&conv.apply(&x, true, Some(&residual)).unwrap(), &elsewhere) < 1e-5);
        let halving = Conv2d::load_halving(16, 9, 3, vb).unwrap();
        let elsewhere = halving.apply_elsewhere(&weight, &x, false, None).unwrap();
        assert!(relative_error(&halving.forward(&x).unwrap(), &elsewhere) < 1e-5);
    }
}
