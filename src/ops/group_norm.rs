//! Group normalisation with FiLM and SiLU folded into the same pass.

use candle_core::{CpuStorage, DType, InplaceOp1, Layout, Result, Tensor};
use candle_nn::VarBuilder;

use super::cpu::{Maps, Modulation, Spatial};
#[cfg(feature = "cuda")]
use super::cuda;
use super::values::{with_all, with_values};

/// A factor and what is then added.
type Pair<'a> = (&'a Tensor, &'a Tensor);

/// A map to normalise. One that is given away is overwritten on a CPU, which spares its memory once more: no other tensor may
/// share its numbers.
#[derive(Debug)]
pub enum Source<'a> {
    /// It is needed afterwards.
    Kept(&'a Tensor),
    /// It is not.
    Spent(Tensor),
}

impl Source<'_> {
    fn tensor(&self) -> &Tensor {
        match self {
            Self::Kept(x) => x,
            Self::Spent(x) => x,
        }
    }
}

impl<'a> From<&'a Tensor> for Source<'a> {
    fn from(x: &'a Tensor) -> Self {
        Self::Kept(x)
    }
}

impl From<Tensor> for Source<'_> {
    fn from(x: Tensor) -> Self {
        Self::Spent(x)
    }
}

/// Steps after the division by the deviation: a gain and an offset for each picture and channel, those of each place, SiLU.
#[derive(Clone, Copy)]
struct After<'a> {
    gain: &'a Tensor,
    offset: &'a Tensor,
    spatial: Option<Pair<'a>>,
    silu: bool,
}

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
    pub fn forward<'a>(&self, x: impl Into<Source<'a>>) -> Result<Tensor> {
        self.apply(&x.into(), None, None, false)
    }

    /// The norm, then SiLU.
    pub fn forward_silu<'a>(&self, x: impl Into<Source<'a>>) -> Result<Tensor> {
        self.apply(&x.into(), None, None, true)
    }

    /// The norm, then `· (1 + scale) + shift` for each picture and channel (`[batch, channels]` both), then SiLU.
    pub fn forward_film_silu<'a>(&self, x: impl Into<Source<'a>>, scale: &Tensor, shift: &Tensor) -> Result<Tensor> {
        self.apply(&x.into(), Some((scale, shift)), None, true)
    }

    /// The norm, then `· gain + offset` for each place, then SiLU if asked. Both are smaller maps
    /// `[batch, h, w, channels]` that are enlarged by repeating their pixels.
    pub fn forward_spatial<'a>(
        &self,
        x: impl Into<Source<'a>>,
        gain: &Tensor,
        offset: &Tensor,
        silu: bool,
    ) -> Result<Tensor> {
        self.apply(&x.into(), None, Some((gain, offset)), silu)
    }

    fn apply(
        &self,
        source: &Source<'_>,
        film: Option<Pair<'_>>,
        spatial: Option<Pair<'_>>,
        silu: bool,
    ) -> Result<Tensor> {
        let x = source.tensor();
        #[cfg(feature = "cuda")]
        if x.device().is_cuda() {
            let modulation = cuda::Modulation { weight: &self.weight, bias: &self.bias, film, spatial, silu };
            return cuda::group_norm(x, self.groups, self.eps, modulation);
        }
        let (gain, offset) = match film {
            Some((scale, shift)) => self.film(scale, shift)?,
            None => self.own(x.dim(0)?)?,
        };
        let after = After { gain: &gain, offset: &offset, spatial, silu };
        if x.device().is_cpu() { self.fused(source, after) } else { self.composed(x, after) }
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

    /// One pass for the statistics and one for the result, on a CPU.
    fn fused(&self, source: &Source<'_>, after: After<'_>) -> Result<Tensor> {
        let x = source.tensor();
        let (_, height, width, channels) = x.dims4()?;
        let maps = Maps { channels, pixels: height * width, groups: self.groups, eps: self.eps };
        let size =
            after.spatial.map(|(gain, _)| Ok::<_, candle_core::Error>((gain.dim(1)?, gain.dim(2)?))).transpose()?;
        let (spatial_gain, spatial_offset) = after.spatial.unwrap_or((after.gain, after.offset));
        with_all(&[after.gain, after.offset, spatial_gain, spatial_offset], |slices| {
            let spatial = |size| Spatial { gain: slices[2], offset: slices[3], size, map: (height, width) };
            let modulation =
                Modulation { gain: slices[0], offset: slices[1], spatial: size.map(spatial), silu: after.silu };
            match source {
                Source::Spent(x) if x.dtype() == DType::F32 => {
                    x.inplace_op1(&Normalise { maps, modulation })?;
                    Ok(x.clone())
                }
                _ => {
                    let mut result = vec![0f32; x.elem_count()];
                    with_values(x, |values| maps.normalise(Some(values), modulation, &mut result))?;
                    Tensor::from_vec(result, x.shape(), x.device())
                }
            }
        })?
    }

    /// The same out of candle's own operations: other devices.
    fn composed(&self, x: &Tensor, After { gain, offset, spatial, silu }: After<'_>) -> Result<Tensor> {
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

/// In the place of what is normalised.
struct Normalise<'a> {
    maps: Maps,
    modulation: Modulation<'a>,
}

impl InplaceOp1 for Normalise<'_> {
    fn name(&self) -> &'static str {
        "group-norm"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        match (storage, layout.contiguous_offsets()) {
            (CpuStorage::F32(values), Some((start, end))) => {
                self.maps.normalise(None, self.modulation, &mut values[start..end]);
                Ok(())
            }
            _ => candle_core::bail!("only contiguous f32 maps are normalised in their place"),
        }
    }
}

/// A channels-last map with its pixels repeated, f32.
fn enlarge(map: &Tensor, height: usize, width: usize) -> Result<Tensor> {
    let map = map.to_dtype(DType::F32)?.permute((0, 3, 1, 2))?;
    map.upsample_nearest2d(height, width)?.permute((0, 2, 3, 1))?.contiguous()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
pub(in crate::ops) mod tests {
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
    pub(in crate::ops) fn the_fused_pass_equals_the_composed_one() {
        let (norm, x) = (norm(), map());
        let scale = Tensor::randn(0f32, 1., (3, CHANNELS), &Device::Cpu).unwrap();
        let shift = Tensor::randn(0f32, 1., (3, CHANNELS), &Device::Cpu).unwrap();
        let (gain, offset) = norm.film(&scale, &shift).unwrap();
        let composed =
            norm.composed(&centred(&x), After { gain: &gain, offset: &offset, spatial: None, silu: true }).unwrap();
        assert_close(&norm.forward_film_silu(&x, &scale, &shift).unwrap(), &composed);
    }

    #[test]
    pub(in crate::ops) fn small_maps_modulate_large_ones() {
        let (norm, x) = (norm(), map());
        let small = || Tensor::randn(0f32, 1., (3, 7, 5, CHANNELS), &Device::Cpu).unwrap();
        let (gain, offset) = (small(), small());
        let (weight, bias) = norm.own(3).unwrap();
        for silu in [false, true] {
            let after = After { gain: &weight, offset: &bias, spatial: Some((&gain, &offset)), silu };
            let composed = norm.composed(&centred(&x), after).unwrap();
            assert_close(&norm.forward_spatial(&x, &gain, &offset, silu).unwrap(), &composed);
        }
    }

    #[test]
    fn a_map_that_is_given_away_is_normalised_in_its_place() {
        let (norm, x) = (norm(), map());
        let scale = Tensor::randn(0f32, 1., (3, CHANNELS), &Device::Cpu).unwrap();
        let kept = norm.forward_film_silu(&x, &scale, &scale).unwrap();
        let (given, witness) = (x.copy().unwrap(), x.copy().unwrap());
        assert_close(&norm.forward_film_silu(given, &scale, &scale).unwrap(), &kept);
        assert_close(&x, &witness);
    }

    #[test]
    fn groups_that_do_not_fit_are_an_error() {
        let vb = VarBuilder::zeros(DType::F32, &Device::Cpu);
        assert!(GroupNorm::load(32, 48, 1e-5, vb).is_err());
    }
}
