//! Group normalisation with FiLM and SiLU folded into the same pass.

use candle_core::{CpuStorage, CustomOp3, DType, Layout, Result, Shape, Tensor, WithDType};
use candle_nn::VarBuilder;
use half::slice::HalfFloatSliceExt;
use rayon::prelude::*;

/// Group normalisation (Wu and He, <https://arxiv.org/abs/1803.08494>) over `[batch, channels, ..]`, in f32
/// whatever the type of the data.
#[derive(Debug, Clone)]
pub struct GroupNorm {
    /// `[1, channels]`, f32.
    weight: Tensor,
    /// `[1, channels]`, f32.
    bias: Tensor,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    /// Reads `weight` and `bias`. `channels` must be a multiple of `groups`.
    pub fn load(groups: usize, channels: usize, eps: f64, vb: VarBuilder<'_>) -> Result<Self> {
        if groups == 0 || !channels.is_multiple_of(groups) {
            candle_core::bail!("{channels} channels cannot be normalised in {groups} groups");
        }
        let vb = vb.set_dtype(DType::F32);
        Ok(Self {
            weight: vb.get(channels, "weight")?.unsqueeze(0)?,
            bias: vb.get(channels, "bias")?.unsqueeze(0)?,
            groups,
            eps,
        })
    }

    /// The norm alone.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.normalise(x, &self.weight, &self.bias, false)
    }

    /// The norm, then SiLU.
    pub fn forward_silu(&self, x: &Tensor) -> Result<Tensor> {
        self.normalise(x, &self.weight, &self.bias, true)
    }

    /// The norm, then `· (1 + scale) + shift` for each picture and channel (`[batch, channels]` both), then SiLU.
    pub fn forward_film_silu(&self, x: &Tensor, scale: &Tensor, shift: &Tensor) -> Result<Tensor> {
        // (n·w + b)·(1 + s) + t = n·(w·(1 + s)) + (b·(1 + s) + t): one gain and one offset per channel.
        let scale = (scale.to_dtype(DType::F32)? + 1.)?;
        let gain = scale.broadcast_mul(&self.weight)?;
        let offset = (scale.broadcast_mul(&self.bias)? + shift.to_dtype(DType::F32)?)?;
        self.normalise(x, &gain, &offset, true)
    }

    /// Normalises, then applies `gain` and `offset` (`[1 or batch, channels]`) and, if asked, SiLU.
    fn normalise(&self, x: &Tensor, gain: &Tensor, offset: &Tensor, silu: bool) -> Result<Tensor> {
        let (batch, channels) = (x.dim(0)?, x.dim(1)?);
        let gain = gain.broadcast_as((batch, channels))?.contiguous()?;
        let offset = offset.broadcast_as((batch, channels))?.contiguous()?;
        if x.device().is_cpu() && matches!(x.dtype(), DType::F32 | DType::BF16 | DType::F16) {
            let op = FusedGroupNorm { groups: self.groups, eps: self.eps, silu };
            return x.contiguous()?.apply_op3_no_bwd(&gain, &offset, &op);
        }
        self.composed(x, &gain, &offset, silu)
    }

    /// The same out of candle's own operations: other devices.
    fn composed(&self, x: &Tensor, gain: &Tensor, offset: &Tensor, silu: bool) -> Result<Tensor> {
        let (batch, channels) = (x.dim(0)?, x.dim(1)?);
        let grouped = x.to_dtype(DType::F32)?.reshape((batch, self.groups, ()))?;
        let centred = grouped.broadcast_sub(&grouped.mean_keepdim(2)?)?;
        let deviation = (centred.sqr()?.mean_keepdim(2)? + self.eps)?.sqrt()?;
        let y = centred
            .broadcast_div(&deviation)?
            .reshape((batch, channels, ()))?
            .broadcast_mul(&gain.unsqueeze(2)?)?
            .broadcast_add(&offset.unsqueeze(2)?)?;
        let y = if silu { y.silu()? } else { y };
        y.to_dtype(x.dtype())?.reshape(x.shape())
    }
}

/// One pass for the statistics and one for the result, on the CPU.
struct FusedGroupNorm {
    groups: usize,
    eps: f64,
    silu: bool,
}

impl FusedGroupNorm {
    /// One group of one picture: `input` holds the group's channels one after another.
    fn group(&self, input: &[f32], output: &mut [f32], gain: &[f32], offset: &[f32]) {
        let (mean, inverse_deviation) = statistics(input, self.eps);
        let pixels = input.len() / gain.len();
        for (channel, (from, to)) in input.chunks_exact(pixels).zip(output.chunks_exact_mut(pixels)).enumerate() {
            let gain = gain[channel] * inverse_deviation;
            let offset = offset[channel] - mean * gain;
            for (to, from) in to.iter_mut().zip(from) {
                *to = from * gain + offset;
            }
            if self.silu {
                for value in to {
                    *value /= 1. + (-*value).exp();
                }
            }
        }
    }
}

impl FusedGroupNorm {
    /// As [`FusedGroupNorm::group`] for 16-bit numbers, which are rounded only at the end.
    fn narrow_group<T>(&self, input: &[T], output: &mut [T], gain: &[f32], offset: &[f32])
    where
        [T]: HalfFloatSliceExt,
    {
        let mut wide = vec![0f32; input.len()];
        input.convert_to_f32_slice(&mut wide);
        let mut result = vec![0f32; input.len()];
        self.group(&wide, &mut result, gain, offset);
        output.convert_from_f32_slice(&result);
    }
}

/// Mean and 1/√(variance + eps), in two passes: E[x²] − mean² would cancel where the mean is large.
fn statistics(values: &[f32], eps: f64) -> (f32, f32) {
    let count = values.len() as f64;
    let mean = sum(values, |value| value) / count;
    let centre = mean as f32;
    let variance = sum(values, |value| (value - centre) * (value - centre)) / count;
    (centre, (1. / (variance + eps).sqrt()) as f32)
}

/// Sum of `f` over the values: short runs in f32, which vectorise, and the runs in f64.
fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f64 {
    values.chunks(64).map(|run| f64::from(run.iter().map(|&value| f(value)).sum::<f32>())).sum()
}

impl CustomOp3 for FusedGroupNorm {
    fn name(&self) -> &'static str {
        "group-norm"
    }

    fn cpu_fwd(
        &self,
        input: &CpuStorage,
        layout: &Layout,
        gain: &CpuStorage,
        gain_layout: &Layout,
        offset: &CpuStorage,
        offset_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let factors = (contiguous(gain, gain_layout)?, contiguous(offset, offset_layout)?);
        let groups = layout.dims()[0] * self.groups;
        let output = match input {
            CpuStorage::BF16(_) => {
                let narrow = |input: &[_], output: &mut [_], gain: &_, offset: &_| {
                    self.narrow_group(input, output, gain, offset)
                };
                CpuStorage::BF16(each_group(contiguous(input, layout)?, groups, factors, narrow))
            }
            CpuStorage::F16(_) => {
                let narrow = |input: &[_], output: &mut [_], gain: &_, offset: &_| {
                    self.narrow_group(input, output, gain, offset)
                };
                CpuStorage::F16(each_group(contiguous(input, layout)?, groups, factors, narrow))
            }
            _ => {
                let group = |input: &[f32], output: &mut [f32], gain: &[f32], offset: &[f32]| {
                    self.group(input, output, gain, offset)
                };
                CpuStorage::F32(each_group(contiguous(input, layout)?, groups, factors, group))
            }
        };
        Ok((output, layout.shape().clone()))
    }
}

/// Applies `normalise` to all groups of all pictures at once; `gain` and `offset` have one number per picture and channel.
fn each_group<T: Clone + Default + Send + Sync>(
    input: &[T],
    groups: usize,
    (gain, offset): (&[f32], &[f32]),
    normalise: impl Fn(&[T], &mut [T], &[f32], &[f32]) + Sync,
) -> Vec<T> {
    let mut output = vec![T::default(); input.len()];
    let (length, channels) = (input.len() / groups, gain.len() / groups);
    output
        .par_chunks_exact_mut(length)
        .zip(input.par_chunks_exact(length))
        .zip(gain.par_chunks_exact(channels))
        .zip(offset.par_chunks_exact(channels))
        .for_each(|(((output, input), gain), offset)| normalise(input, output, gain, offset));
    output
}

fn contiguous<'a, T: WithDType>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
    let Some((start, end)) = layout.contiguous_offsets() else {
        candle_core::bail!("group-norm needs contiguous input");
    };
    Ok(&storage.as_slice::<T>()?[start..end])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn norm(channels: usize) -> GroupNorm {
        GroupNorm {
            weight: Tensor::randn(1f32, 0.2, (1, channels), &Device::Cpu).unwrap(),
            bias: Tensor::randn(0f32, 0.5, (1, channels), &Device::Cpu).unwrap(),
            groups: 2,
            eps: 1e-5,
        }
    }

    #[test]
    fn the_fused_pass_equals_the_composed_one() {
        let norm = norm(6);
        // A mean far above the deviation is where one-pass variances lose their digits.
        let x = Tensor::randn(50f32, 1., (3, 6, 7, 5), &Device::Cpu).unwrap();
        let scale = Tensor::randn(0f32, 1., (3, 6), &Device::Cpu).unwrap();
        let shift = Tensor::randn(0f32, 1., (3, 6), &Device::Cpu).unwrap();
        let fused = norm.forward_film_silu(&x, &scale, &shift).unwrap();
        let film = |tensor: &Tensor| tensor.reshape((3, 6, 1, 1)).unwrap();
        let expected = norm
            .composed(&x, &norm.weight.broadcast_as((3, 6)).unwrap(), &norm.bias.broadcast_as((3, 6)).unwrap(), false)
            .unwrap()
            .broadcast_mul(&film(&(scale + 1.).unwrap()))
            .unwrap()
            .broadcast_add(&film(&shift))
            .unwrap()
            .silu()
            .unwrap();
        let worst = (fused - expected).unwrap().abs().unwrap().flatten_all();
        let worst = worst.unwrap().max(0).unwrap().to_scalar::<f32>().unwrap();
        assert!(worst < 1e-4, "{worst}");
    }

    #[test]
    fn sixteen_bit_data_is_rounded_only_at_the_end() {
        let norm = norm(6);
        let x = Tensor::randn(50f32, 1., (2, 6, 7, 5), &Device::Cpu).unwrap();
        for dtype in [DType::BF16, DType::F16] {
            let x = x.to_dtype(dtype).unwrap();
            let expected = norm.forward_silu(&x.to_dtype(DType::F32).unwrap()).unwrap().to_dtype(dtype).unwrap();
            let y = norm.forward_silu(&x).unwrap();
            let values = |x: &Tensor| x.to_dtype(DType::F32).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert_eq!(values(&y), values(&expected));
        }
    }

    #[test]
    fn groups_that_do_not_fit_are_an_error() {
        let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
        assert!(GroupNorm::load(32, 48, 1e-5, vb).is_err());
    }
}
