//! The network as a whole.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::attention::AddedKvAttention;
use super::conditioning::{Conditioner, Conditioning};
use super::residual_block::{Resample, ResidualBlock};
use crate::kandinsky::config::UNetConfig;
use crate::kandinsky::timestep_embedding::{TimestepEmbedding, sinusoid};
use crate::ops::{Conv2d, GroupNorm, compute_dtype, from_maps, to_maps};

/// `UNet2DConditionModel` of diffusers as Kandinsky 2.1 uses it.
///
/// In 16 bits the original keeps some parts in f32, and so does this: norms, softmax, everything between the timestep and
/// the scales and shifts of the residual blocks, and the head.
#[derive(Debug)]
pub struct UNet {
    config: UNetConfig,
    time_embedding: TimestepEmbedding,
    conditioner: Conditioner,
    conv_in: Conv2d,
    down: Vec<Level>,
    middle: Middle,
    up: Vec<Level>,
    norm_out: GroupNorm,
    conv_out: Conv2d,
    dtype: DType,
    device: Device,
}

impl UNet {
    /// Reads the whole part.
    pub fn load(config: &UNetConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let base = config.block_out_channels[0];
        let top = config.block_out_channels[config.block_out_channels.len() - 1];
        let (groups, norm) = (config.norm_num_groups, vb.pp("conv_norm_out"));
        let head = vb.pp("conv_out").set_dtype(DType::F32);
        let time = config.time_width();
        Ok(Self {
            time_embedding: TimestepEmbedding::load(base, time, vb.pp("time_embedding"))?,
            conditioner: Conditioner::load(config, vb.clone())?,
            conv_in: Conv2d::load(config.in_channels, base, 3, vb.pp("conv_in"))?,
            down: load_down(config, vb.pp("down_blocks"))?,
            middle: Middle::load(config, top, vb.pp("mid_block"))?,
            up: load_up(config, vb.pp("up_blocks"))?,
            norm_out: GroupNorm::load(groups, base, config.norm_eps, norm)?,
            conv_out: Conv2d::load(base, config.out_channels, 3, head)?,
            dtype: compute_dtype(vb.dtype(), vb.device()),
            device: vb.device().clone(),
            config: config.clone(),
        })
    }

    /// The configuration it was built from.
    pub fn config(&self) -> &UNetConfig {
        &self.config
    }

    /// Whether it takes a masked latent and a mask beside the noisy latent.
    pub fn inpaints(&self) -> bool {
        self.config.in_channels > self.config.latent_channels()
    }

    /// Conditioning for `n` pictures, computed once for all steps.
    ///
    /// `hidden` is `[n, tokens, text width]`, `pooled` and `image` are `[n, context width]`, of any float type.
    pub fn condition(&self, hidden: &Tensor, pooled: &Tensor, image: &Tensor) -> Result<Conditioning> {
        let cast = |x: &Tensor| x.to_device(&self.device)?.to_dtype(self.dtype);
        let (context, embedding) = self.conditioner.forward(&cast(hidden)?, &cast(pooled)?, &cast(image)?)?;
        let seen = self.attentions().map(|attention| attention.look_at(&context)).collect::<Result<_>>()?;
        Ok(Conditioning { seen, embedding })
    }

    /// In the order in which they are passed.
    fn attentions(&self) -> impl Iterator<Item = &AddedKvAttention> {
        let (down, up) = (self.down.iter().flat_map(Level::attentions), self.up.iter().flat_map(Level::attentions));
        down.chain([&self.middle.attention]).chain(up)
    }

    /// Prediction and variance, `[n, 2 · channels, h, w]` in f32, for latents `[n, inputs, h, w]` at a training step each.
    ///
    /// Height and width must be multiples of [`UNetConfig::latent_multiple`].
    pub fn forward(&self, latents: &Tensor, timesteps: &[f32], conditioning: &Conditioning) -> Result<Tensor> {
        let embedding = self.embed(timesteps, conditioning)?;
        let mut seen = conditioning.seen.iter();
        let mut x = self.conv_in.forward(&to_maps(&latents.to_dtype(self.dtype)?)?)?;
        let mut skips = vec![x.clone()];
        for level in &self.down {
            x = level.descend(x, &embedding, &mut seen, &mut skips)?;
        }
        x = self.middle.forward(&x, &embedding, &mut seen)?;
        for level in &self.up {
            x = level.ascend(x, &embedding, &mut seen, &mut skips)?;
        }
        from_maps(&self.conv_out.forward(&self.norm_out.forward_silu(x.to_dtype(DType::F32)?)?)?)
    }

    /// The conditioning vector of all residual blocks, through their common SiLU; f32.
    fn embed(&self, timesteps: &[f32], conditioning: &Conditioning) -> Result<Tensor> {
        let base = self.config.block_out_channels[0];
        let sine_first = !self.config.flip_sin_to_cos;
        let waves = sinusoid(timesteps, base, sine_first, self.config.freq_shift, &self.device)?;
        let time = self.time_embedding.forward(&waves)?;
        (time + &conditioning.embedding)?.silu()
    }
}

/// The context's keys and values for the attentions that are still to come.
type Seen<'a> = std::slice::Iter<'a, (Tensor, Tensor)>;

fn next<'a>(seen: &mut Seen<'a>) -> Result<&'a (Tensor, Tensor)> {
    match seen.next() {
        Some(pair) => Ok(pair),
        None => candle_core::bail!("the conditioning was made by another network"),
    }
}

/// Residual blocks of one resolution, each with or without attention behind it, and a resampling one.
#[derive(Debug)]
struct Level {
    layers: Vec<(ResidualBlock, Option<AddedKvAttention>)>,
    resampler: Option<ResidualBlock>,
}

impl Level {
    fn attentions(&self) -> impl Iterator<Item = &AddedKvAttention> {
        self.layers.iter().filter_map(|(_, attention)| attention.as_ref())
    }

    fn layer(&self, index: usize, x: &Tensor, embedding: &Tensor, seen: &mut Seen<'_>) -> Result<Tensor> {
        let (block, attention) = &self.layers[index];
        let x = block.forward(x, embedding)?;
        match attention {
            Some(attention) => attention.forward(&x, next(seen)?),
            None => Ok(x),
        }
    }

    /// On the way down each result is kept for the way up.
    fn descend(
        &self,
        mut x: Tensor,
        embedding: &Tensor,
        seen: &mut Seen<'_>,
        skips: &mut Vec<Tensor>,
    ) -> Result<Tensor> {
        for index in 0..self.layers.len() {
            x = self.layer(index, &x, embedding, seen)?;
            skips.push(x.clone());
        }
        if let Some(resampler) = &self.resampler {
            x = resampler.forward(&x, embedding)?;
            skips.push(x.clone());
        }
        Ok(x)
    }

    /// On the way up each layer reads one of the kept results, the last kept first.
    fn ascend(
        &self,
        mut x: Tensor,
        embedding: &Tensor,
        seen: &mut Seen<'_>,
        skips: &mut Vec<Tensor>,
    ) -> Result<Tensor> {
        for index in 0..self.layers.len() {
            let Some(skip) = skips.pop() else {
                candle_core::bail!("the UNet has fewer layers on the way down than on the way up");
            };
            x = self.layer(index, &Tensor::cat(&[x, skip], 3)?, embedding, seen)?;
        }
        match &self.resampler {
            Some(resampler) => resampler.forward(&x, embedding),
            None => Ok(x),
        }
    }
}

fn load_down(config: &UNetConfig, vb: VarBuilder<'_>) -> Result<Vec<Level>> {
    let widths = &config.block_out_channels;
    let load = |level: usize| {
        let outputs = widths[level];
        let inputs = widths[level.saturating_sub(1)];
        let vb = vb.pp(level);
        let attentive = config.down_block_types[level].starts_with("SimpleCrossAttn");
        let layers = (0..config.layers()).map(|index| {
            let inputs = if index == 0 { inputs } else { outputs };
            load_layer(config, inputs, outputs, attentive, index, &vb)
        });
        let down = (level + 1 < widths.len()).then_some(Resample::Down);
        Ok(Level {
            layers: layers.collect::<Result<_>>()?,
            resampler: load_resampler(config, outputs, down, vb.pp("downsamplers.0"))?,
        })
    };
    (0..widths.len()).map(load).collect()
}

fn load_up(config: &UNetConfig, vb: VarBuilder<'_>) -> Result<Vec<Level>> {
    let widths: Vec<usize> = config.block_out_channels.iter().rev().copied().collect();
    let load = |level: usize| {
        let outputs = widths[level];
        let below = widths[level.saturating_sub(1)];
        // The last layer's skip comes from the resampler of the next finer level, or from the first convolution.
        let finer = widths[(level + 1).min(widths.len() - 1)];
        let vb = vb.pp(level);
        let attentive = config.up_block_types[level].starts_with("SimpleCrossAttn");
        let count = config.layers() + 1;
        let layers = (0..count).map(|index| {
            let carried = if index == 0 { below } else { outputs };
            let skipped = if index + 1 == count { finer } else { outputs };
            load_layer(config, carried + skipped, outputs, attentive, index, &vb)
        });
        let up = (level + 1 < widths.len()).then_some(Resample::Up);
        Ok(Level {
            layers: layers.collect::<Result<_>>()?,
            resampler: load_resampler(config, outputs, up, vb.pp("upsamplers.0"))?,
        })
    };
    (0..widths.len()).map(load).collect()
}

fn load_layer(
    config: &UNetConfig,
    inputs: usize,
    outputs: usize,
    attentive: bool,
    index: usize,
    vb: &VarBuilder<'_>,
) -> Result<(ResidualBlock, Option<AddedKvAttention>)> {
    let block = vb.pp("resnets").pp(index);
    let block = ResidualBlock::load(config, inputs, outputs, Resample::None, block)?;
    let attention =
        attentive.then(|| AddedKvAttention::load(config, outputs, vb.pp("attentions").pp(index))).transpose()?;
    Ok((block, attention))
}

fn load_resampler(
    config: &UNetConfig,
    channels: usize,
    resample: Option<Resample>,
    vb: VarBuilder<'_>,
) -> Result<Option<ResidualBlock>> {
    resample.map(|resample| ResidualBlock::load(config, channels, channels, resample, vb)).transpose()
}

/// The coarsest level: block, attention, block.
#[derive(Debug)]
struct Middle {
    first: ResidualBlock,
    attention: AddedKvAttention,
    second: ResidualBlock,
}

impl Middle {
    fn load(config: &UNetConfig, channels: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let block = |name: &str| ResidualBlock::load(config, channels, channels, Resample::None, vb.pp(name));
        Ok(Self {
            first: block("resnets.0")?,
            attention: AddedKvAttention::load(config, channels, vb.pp("attentions.0"))?,
            second: block("resnets.1")?,
        })
    }

    fn forward(&self, x: &Tensor, embedding: &Tensor, seen: &mut Seen<'_>) -> Result<Tensor> {
        let x = self.first.forward(x, embedding)?;
        let x = self.attention.forward(&x, next(seen)?)?;
        self.second.forward(&x, embedding)
    }
}
