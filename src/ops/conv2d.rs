//! Two-dimensional convolution.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::cpu::{Epilogue, FeatureMap, Panels, Window, Winograd};
#[cfg(feature = "cudnn")]
use super::cuda::Filter;
use super::values::{compute_dtype, with_all, with_optional};

/// Convolution over channels-last maps, `[batch, height, width, channels]`, with a square kernel.
#[derive(Debug, Clone)]
pub struct Conv2d {
    weight: Weight,
    /// `[out]`.
    bias: Option<Tensor>,
    /// `[out]`: what negative results are multiplied with.
    slopes: Option<Tensor>,
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
        let bias = biased.then(|| vb.get(outputs, "bias")).transpose()?;
        Self::new(&weight, bias, window)
    }

    fn new(weight: &Tensor, bias: Option<Tensor>, window: Window) -> Result<Self> {
        let outputs = weight.dim(0)?;
        let weight = match weight.device() {
            Device::Cpu => Weight::Packed(Panels::pack(&weight.flatten_from(1)?)?),
            #[cfg(feature = "cudnn")]
            Device::Cuda(_) => Weight::Filter(Filter::new(weight, window)?),
            _ => Weight::Tensor(weight.clone()),
        };
        Ok(Self { weight, bias, slopes: None, window, outputs })
    }

    /// As [`Conv2d::load`], and all results are multiplied by `factor`, which costs nothing.
    pub fn load_scaled(inputs: usize, outputs: usize, kernel: usize, factor: f64, vb: VarBuilder<'_>) -> Result<Self> {
        let window = Window { kernel, stride: 1, before: kernel / 2, after: kernel / 2 };
        let weight = (vb.get((outputs, inputs, kernel, kernel), "weight")? * factor)?;
        Self::new(&weight, Some((vb.get(outputs, "bias")? * factor)?), window)
    }

    /// With a parametric ReLU after it: negative results are multiplied by their channel's slope, `[outputs]`.
    ///
    /// # Errors
    /// If there are other than `outputs` slopes.
    pub fn with_slopes(self, slopes: &Tensor) -> Result<Self> {
        if slopes.dims() != [self.outputs] {
            candle_core::bail!("{:?} slopes for {} channels", slopes.shape(), self.outputs);
        }
        let dtype = compute_dtype(slopes.dtype(), slopes.device());
        Ok(Self { slopes: Some(slopes.to_dtype(dtype)?), ..self })
    }

    /// With a leaky ReLU after it: negative results are multiplied by `slope`.
    ///
    /// # Errors
    /// If memory is short.
    pub fn with_leaky_relu(self, slope: f32) -> Result<Self> {
        let like = self.bias.as_ref().map(|bias| (bias.dtype(), bias.device().clone()));
        let (dtype, device) = like.unwrap_or((DType::F32, Device::Cpu));
        let slopes = Tensor::full(slope, self.outputs, &device)?.to_dtype(dtype)?;
        self.with_slopes(&slopes)
    }

    /// `[b, h, w, in]` to `[b, h', w', out]`.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(&[x], false, None)
    }

    /// As [`Conv2d::forward`] of the channels of several maps of one size side by side. The map that joins them is not made on a
    /// CPU where their channels fill registers.
    ///
    /// # Errors
    /// If there is no map.
    pub fn forward_joined(&self, maps: &[&Tensor]) -> Result<Tensor> {
        self.apply(maps, false, None)
    }

    /// As [`Conv2d::forward_joined`], and `residual` added.
    ///
    /// # Errors
    /// If there is no map.
    pub fn forward_joined_onto(&self, maps: &[&Tensor], residual: &Tensor) -> Result<Tensor> {
        self.apply(maps, false, Some(residual))
    }

    /// As [`Conv2d::forward`] of `x` with every pixel repeated to 2×2; the larger map itself is never made on a CPU.
    pub fn forward_enlarged(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(&[x], true, None)
    }

    /// As [`Conv2d::forward`], and `residual` added.
    pub fn forward_onto(&self, x: &Tensor, residual: &Tensor) -> Result<Tensor> {
        self.apply(&[x], false, Some(residual))
    }

    fn apply(&self, maps: &[&Tensor], enlarged: bool, residual: Option<&Tensor>) -> Result<Tensor> {
        match &self.weight {
            Weight::Packed(weight) => {
                let channels = maps.iter().map(|map| map.dim(D::Minus1)).collect::<Result<Vec<_>>>()?;
                match Winograd::can_join(&channels) {
                    true => self.apply_packed(weight, maps, enlarged, residual),
                    false => self.apply_packed(weight, &[&joined(maps)?], enlarged, residual),
                }
            }
            #[cfg(feature = "cudnn")]
            Weight::Filter(filter) => {
                self.activate(filter.convolve(&joined(maps)?, enlarged, self.bias.as_ref(), residual)?)
            }
            Weight::Tensor(weight) => self.apply_elsewhere(weight, &joined(maps)?, enlarged, residual),
        }
    }

    /// Out of candle's own operations.
    fn activate(&self, x: Tensor) -> Result<Tensor> {
        match &self.slopes {
            Some(slopes) => x.maximum(0f64)? + x.minimum(0f64)?.broadcast_mul(slopes)?,
            None => Ok(x),
        }
    }

    fn apply_packed(
        &self,
        weight: &Panels,
        maps: &[&Tensor],
        enlarged: bool,
        residual: Option<&Tensor>,
    ) -> Result<Tensor> {
        let Some(first) = maps.first() else { candle_core::bail!("a convolution was given no map") };
        let (batch, height, width, _) = first.dims4()?;
        for map in maps {
            if map.dims4()? != (batch, height, width, map.dim(D::Minus1)?) {
                candle_core::bail!("maps of other sizes: {:?} and {:?}", first.shape(), map.shape());
            }
        }
        let empty = FeatureMap { values: &[], batch, height, width, enlarged };
        let (rows, columns) = self.window.result(empty.size());
        let shape = (batch, rows, columns, self.outputs);
        let mut result = vec![0f32; batch * rows * columns * self.outputs];
        let keeps_size = self.window == Window { kernel: 3, stride: 1, before: 1, after: 1 };
        let winograd = keeps_size.then(|| Winograd::suitable(weight, empty)).flatten();
        if winograd.is_none() && maps.len() > 1 {
            return self.apply_packed(weight, &[&joined(maps)?], enlarged, residual);
        }
        with_all(maps, |values| {
            with_optional(self.bias.as_ref(), |bias| {
                with_optional(residual, |residual| {
                    with_optional(self.slopes.as_ref(), |slopes| {
                        let epilogue = Epilogue { bias, residual, slopes };
                        let maps: Vec<_> = values.iter().map(|values| FeatureMap { values, ..empty }).collect();
                        match winograd {
                            Some(winograd) => winograd.forward(&maps, epilogue, &mut result),
                            None => {
                                maps.iter().for_each(|&map| self.window.convolve(map, weight, epilogue, &mut result))
                            }
                        }
                    })
                })
            })
        })????;
        Tensor::from_vec(result, shape, first.device())
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
            Some(residual) => self.activate((y + residual)?),
            None => self.activate(y),
        }
    }
}

/// The channels of maps side by side.
fn joined(maps: &[&Tensor]) -> Result<Tensor> {
    match maps {
        [map] => Ok((*map).clone()),
        maps => Tensor::cat(maps, D::Minus1),
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
    pub(in crate::ops) fn negative_results_are_multiplied_by_their_channels_slope() {
        let slopes = Tensor::rand(-1f32, 1., 20, &Device::Cpu).unwrap();
        for side in [4, 40] {
            let (x, residual) = (random(&[1, side, side, 32]), random(&[1, side, side, 20]));
            let plain = Conv2d::load(32, 20, 3, weights(32, 20, 3, DType::F32)).unwrap();
            let plain_sum = plain.forward_onto(&x, &residual).unwrap();
            let expected = (plain_sum.maximum(0f64).unwrap()
                + plain_sum.minimum(0f64).unwrap().broadcast_mul(&slopes).unwrap())
            .unwrap();
            let sloped = plain.clone().with_slopes(&slopes).unwrap();
            assert!(relative_error(&sloped.forward_onto(&x, &residual).unwrap(), &expected) < 1e-6);
            let leaky = plain.clone().with_leaky_relu(0.2).unwrap().forward(&x).unwrap();
            let plain = plain.forward(&x).unwrap();
            let expected = plain.maximum(&(&plain * 0.2).unwrap()).unwrap();
            assert!(relative_error(&leaky, &expected) < 1e-6);
        }
        let conv = Conv2d::load(32, 20, 3, weights(32, 20, 3, DType::F32)).unwrap();
        assert!(conv.with_slopes(&random(&[19])).is_err());
    }

    #[test]
    pub(in crate::ops) fn joined_maps_need_not_be_made() {
        // Channels that fill registers and such that do not; large maps (Winograd) and small ones (patches).
        for channels in [[32, 16, 16], [30, 18, 16]] {
            for side in [4, 40] {
                let maps: Vec<Tensor> = channels.iter().map(|&count| random(&[2, side, side + 1, count])).collect();
                let maps: Vec<&Tensor> = maps.iter().collect();
                let conv = Conv2d::load(64, 20, 3, weights(64, 20, 3, DType::F32)).unwrap();
                let expected = conv.forward(&Tensor::cat(&maps, 3).unwrap()).unwrap();
                assert!(relative_error(&conv.forward_joined(&maps).unwrap(), &expected) < 1e-6);
            }
        }
        let conv = Conv2d::load(64, 20, 3, weights(64, 20, 3, DType::F32)).unwrap();
        assert!(conv.forward_joined(&[]).is_err());
        assert!(conv.forward_joined(&[&random(&[1, 40, 40, 32]), &random(&[1, 40, 41, 32])]).is_err());
    }

    #[test]
    fn a_factor_counts_for_all_results() {
        let vb = weights(16, 9, 3, DType::F32);
        let x = random(&[1, 8, 8, 16]);
        let expected = (Conv2d::load(16, 9, 3, vb.clone()).unwrap().forward(&x).unwrap() * 0.2).unwrap();
        let scaled = Conv2d::load_scaled(16, 9, 3, 0.2, vb).unwrap().forward(&x).unwrap();
        assert!(relative_error(&scaled, &expected) < 1e-6);
    }

    #[test]
    fn the_path_of_other_devices_gives_the_same() {
        let (x, residual) = (random(&[2, 10, 12, 16]), random(&[2, 20, 24, 9]));
        let vb = weights(16, 9, 3, DType::F32);
        let conv = Conv2d::load(16, 9, 3, vb.clone()).unwrap().with_leaky_relu(0.1).unwrap();
        let weight = vb.get((9, 16, 3, 3), "weight").unwrap();
        let elsewhere = conv.apply_elsewhere(&weight, &x, true, Some(&residual)).unwrap();
        assert!(relative_error(&conv.apply(&[&x], true, Some(&residual)).unwrap(), &elsewhere) < 1e-5);
        let halving = Conv2d::load_halving(16, 9, 3, vb).unwrap();
        let elsewhere = halving.apply_elsewhere(&weight, &x, false, None).unwrap();
        assert!(relative_error(&halving.forward(&x).unwrap(), &elsewhere) < 1e-5);
    }
}
