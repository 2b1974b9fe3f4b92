//! Group normalisation with FiLM and SiLU folded into the same pass.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use super::cpu::{Maps, Modulation, Spatial};
#[cfg(feature = "cuda")]
use super::cuda;
use super::values::with_values;

/// A factor and what is then added.
type Pair<'a> = (&'a Tensor, &'a Tensor);

/// Group normalisation (Wu and He, <https://arxiv.org/abs/1803.08494>) over channels-last maps,
/// `[batch, height, width, channels]`, in f32 whatever the type of the data.
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
        self.apply(x, None, None, false)
    }

    /// The norm, then SiLU.
    pub fn forward_silu(&self, x: &Tensor) -> Result<Tensor> {
        self.apply(x, None, None, true)
    }

    /// The norm, then `· (1 + scale) + shift` for each picture and channel (`[batch, channels]` both), then SiLU.
    pub fn forward_film_silu(&self, x: &Tensor, scale: &Tensor, shift: &Tensor) -> Result<Tensor> {
        self.apply(x, Some((scale, shift)), None, true)
    }

    /// The norm, then `· gain + offset` for each place, then SiLU if asked. Both are smaller maps
    /// `[batch, h, w, channels]` that are enlarged by repeating their pixels.
    pub fn forward_spatial(&self, x: &Tensor, gain: &Tensor, offset: &Tensor, silu: bool) -> Result<Tensor> {
        self.apply(x, None, Some((gain, offset)), silu)
    }

    fn apply(&self, x: &Tensor, film: Option<Pair<'_>>, spatial: Option<Pair<'_>>, silu: bool) -> Result<Tensor> {
        #[cfg(feature = "cuda")]
        if x.device().is_cuda() {
            let modulation = cuda::Modulation { weight: &self.weight, bias: &self.bias, film, spatial, silu };
            return cuda::group_norm(x, self.groups, self.eps, modulation);
        }
        let (gain, offset) = match film {
            Some((scale, shift)) => self.film(scale, shift)?,
            None => self.own(x.dim(0)?)?,
        };
        self.normalise(x, &gain, &offset, spatial, silu)
    }

    /// The weights and biases for each picture.
    fn own(&self, batch: usize) -> Result<(Tensor, Tensor)> {
        let repeat = |x: &Tensor| x.broadcast_as((batch, x.dim(1)?))?.contiguous();
        Ok((repeat(&self.weight)?, repeat(&self.bias)?))
    }

    /// (n·w + b)·(1 + s) + t = n·(w·(1 + s)) + (b·(1 + s) + t): one gain and one offset per channel.
    fn film(&self, scale: &Tensor, shift: &Tensor) -> Result<(Tensor, Tensor)> {
        let scale = (scale.to_dtype(DType::F32)? + 1.)?;
        let offset = (scale.broadcast_mul(&self.bias)? + shift.to_dtype(DType::F32)?)?;
        Ok((scale.broadcast_mul(&self.weight)?, offset))
    }

    /// Normalises, then applies `gain` and `offset` (`[batch, channels]`), those of each place, and SiLU.
    fn normalise(
        &self,
        x: &Tensor,
        gain: &Tensor,
        offset: &Tensor,
        spatial: Option<Pair<'_>>,
        silu: bool,
    ) -> Result<Tensor> {
        if !x.device().is_cpu() {
            return self.composed(x, gain, offset, spatial, silu);
        }
        match spatial {
            None => self.fused(x, gain, offset, None, silu),
            Some((map_gain, map_offset)) => {
                let (_, height, width, _) = map_gain.dims4()?;
                let map = (x.dim(1)?, x.dim(2)?);
                let size = (height, width);
                with_values(map_gain, |map_gain| {
                    with_values(map_offset, |map_offset| {
                        let spatial = Spatial { gain: map_gain, offset: map_offset, size, map };
                        self.fused(x, gain, offset, Some(spatial), silu)
                    })
                })??
            }
        }
    }

    /// One pass for the statistics and one for the result, on a CPU.
    fn fused(
        &self,
        x: &Tensor,
        gain: &Tensor,
        offset: &Tensor,
        spatial: Option<Spatial<'_>>,
        silu: bool,
    ) -> Result<Tensor> {
        let (_, height, width, channels) = x.dims4()?;
        let mut result = vec![0f32; x.elem_count()];
        with_values(x, |values| {
            with_values(gain, |gain| {
                with_values(offset, |offset| {
                    let maps = Maps { values, channels, pixels: height * width, groups: self.groups, eps: self.eps };
                    maps.normalise(Modulation { gain, offset, spatial, silu }, &mut result);
                })
            })
        })???;
        Tensor::from_vec(result, x.shape(), x.device())
    }

    /// The same out of candle's own operations: other devices.
    fn composed(
        &self,
        x: &Tensor,
        gain: &Tensor,
        offset: &Tensor,
        spatial: Option<Pair<'_>>,
        silu: bool,
    ) -> Result<Tensor> {
        let (batch, height, width, channels) = x.dims4()?;
        let shape = (batch, height * width, self.groups, channels / self.groups);
        let grouped = x.to_dtype(DType::F32)?.reshape(shape)?;
        let centred = grouped.broadcast_sub(&grouped.mean_keepdim((1, 3))?)?;
        let deviation = (centred.sqr()?.mean_keepdim((1, 3))? + self.eps)?.sqrt()?;
        let per_channel = |x: &Tensor| x.reshape((batch, 1, 1, channels));
        let mut y = centred
            .broadcast_div(&deviation)?
            .reshape(x.shape())?
            .broadcast_mul(&per_channel(gain)?)?
            .broadcast_add(&per_channel(offset)?)?;
        if let Some((gain, offset)) = spatial {
            y = ((y * enlarge(gain, height, width)?)? + enlarge(offset, height, width)?)?;
        }
        let y = if silu { y.silu()? } else { y };
        y.to_dtype(x.dtype())
    }
}

/// A channels-last map with its pixels repeated, f32.
fn enlarge(map: &Tensor, height: usize, width: usize) -> Result<Tensor> {
    let map = map.to_dtype(DType::F32)?.permute((0, 3, 1, 2))?;
    map.upsample_nearest2d(height, width)?.permute((0, 2, 3, 1))?.contiguous()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use candle_core::Device;

    const CHANNELS: usize = 38;
    const MEAN: f32 = 1000.;

    fn norm() -> GroupNorm {
        GroupNorm {
            weight: Tensor::randn(1f32, 0.2, (1, CHANNELS), &Device::Cpu).unwrap(),
            bias: Tensor::randn(0f32, 0.5, (1, CHANNELS), &Device::Cpu).unwrap(),
            groups: 2,
            eps: 1e-5,
        }
    }

    /// A mean far above the deviation is where one-pass variances lose their digits.
    fn map() -> Tensor {
        Tensor::randn(MEAN, 1., (3, 14, 10, CHANNELS), &Device::Cpu).unwrap()
    }

    /// The same around zero, which is easy in any way.
    fn centred(map: &Tensor) -> Tensor {
        (map - f64::from(MEAN)).unwrap()
    }

    fn assert_close(a: &Tensor, b: &Tensor) {
        let worst = (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap();
        assert!(worst.to_scalar::<f32>().unwrap() < 2e-3, "{worst}");
    }

    #[test]
    fn the_fused_pass_equals_the_composed_one() {
        let (norm, x) = (norm(), map());
        let scale = Tensor::randn(0f32, 1., (3, CHANNELS), &Device::Cpu).unwrap();
        let shift = Tensor::randn(0f32, 1., (3, CHANNELS), &Device::Cpu).unwrap();
        let (gain, offset) = norm.film(&scale, &shift).unwrap();
        let composed = norm.composed(&centred(&x), &gain, &offset, None, true).unwrap();
        assert_close(&norm.forward_film_silu(&x, &scale, &shift).unwrap(), &composed);
    }

    #[test]
    fn small_maps_modulate_large_ones() {
        let (norm, x) = (norm(), map());
        let small = || Tensor::randn(0f32, 1., (3, 7, 5, CHANNELS), &Device::Cpu).unwrap();
        let (gain, offset) = (small(), small());
        let (weight, bias) = norm.own(3).unwrap();
        for silu in [false, true] {
            let composed = norm.composed(&centred(&x), &weight, &bias, Some((&gain, &offset)), silu).unwrap();
            assert_close(&norm.forward_spatial(&x, &gain, &offset, silu).unwrap(), &composed);
        }
    }

    #[test]
    fn groups_that_do_not_fit_are_an_error() {
        let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
        assert!(GroupNorm::load(32, 48, 1e-5, vb).is_err());
    }
}
