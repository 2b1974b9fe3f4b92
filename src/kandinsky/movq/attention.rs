//! Single-headed self-attention over a feature map.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::norm::{Norm, NormKind};
use crate::kandinsky::config::MovqConfig;
use crate::ops::{Linear, attention};

/// `x + out(attend(norm(x)))` with one head as wide as the map has channels.
#[derive(Debug)]
pub(super) struct Attention {
    norm: Norm,
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    to_out: Linear,
}

impl Attention {
    pub(super) fn load(kind: NormKind, config: &MovqConfig, channels: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let norm = match kind {
            NormKind::Group => "group_norm",
            NormKind::Spatial => "spatial_norm",
        };
        let linear = |name: &str, old: &str| {
            let has = |name: &str| vb.contains_tensor(&format!("{name}.weight"));
            Linear::load(channels, channels, vb.pp(if has(old) && !has(name) { old } else { name }))
        };
        Ok(Self {
            norm: Norm::load(kind, config, channels, vb.pp(norm))?,
            to_q: linear("to_q", "query")?,
            to_k: linear("to_k", "key")?,
            to_v: linear("to_v", "value")?,
            to_out: linear("to_out.0", "proj_attn")?,
        })
    }

    pub(super) fn forward(&self, x: &Tensor, latent: Option<&Tensor>) -> Result<Tensor> {
        let pixels = self.norm.forward(x, latent)?.flatten(1, 2)?;
        let [q, k, v] = [&self.to_q, &self.to_k, &self.to_v].map(|linear| linear.forward(&pixels));
        let y = attention(&q?, &[(&k?, &v?)], 1, None)?;
        self.to_out.forward_onto(&y, &x.flatten(1, 2)?)?.reshape(x.shape())
    }
}
