//! The transformer inside both towers of CLIP (Radford et al., <https://arxiv.org/abs/2103.00020>).

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::config::ClipActivation;
use crate::ops::{Activation, LayerNorm, Linear, attention};

/// Sizes of one tower.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) width: usize,
    pub(super) hidden: usize,
    pub(super) heads: usize,
    pub(super) layers: usize,
    pub(super) eps: f64,
    pub(super) activation: ClipActivation,
}

/// Layers of pre-norm attention and MLP.
#[derive(Debug)]
pub(super) struct ClipEncoder(Vec<Layer>);

impl ClipEncoder {
    /// Reads `layers.0`, `layers.1`, ….
    pub(super) fn load(shape: Shape, vb: VarBuilder<'_>) -> Result<Self> {
        let vb = vb.pp("layers");
        let layers = (0..shape.layers).map(|i| Layer::load(shape, vb.pp(i)));
        Ok(Self(layers.collect::<Result<_>>()?))
    }

    /// `[n, tokens, width]` to the same; `mask` as in [`attention`].
    pub(super) fn forward(&self, x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        self.0.iter().try_fold(x.clone(), |x, layer| layer.forward(&x, mask))
    }
}

#[derive(Debug)]
struct Layer {
    layer_norm1: LayerNorm,
    attention: SelfAttention,
    layer_norm2: LayerNorm,
    fc1: Linear,
    fc2: Linear,
    activation: Activation,
}

impl Layer {
    fn load(shape: Shape, vb: VarBuilder<'_>) -> Result<Self> {
        let (width, mlp) = (shape.width, vb.pp("mlp"));
        Ok(Self {
            layer_norm1: LayerNorm::load(width, shape.eps, vb.pp("layer_norm1"))?,
            attention: SelfAttention::load(width, shape.heads, vb.pp("self_attn"))?,
            layer_norm2: LayerNorm::load(width, shape.eps, vb.pp("layer_norm2"))?,
            fc1: Linear::load(width, shape.hidden, mlp.pp("fc1"))?,
            fc2: Linear::load(shape.hidden, width, mlp.pp("fc2"))?,
            activation: shape.activation.into(),
        })
    }

    fn forward(&self, x: &Tensor, mask: Option<&Tensor>) -> Result<Tensor> {
        let x = self.attention.forward_onto(&self.layer_norm1.forward(x)?, mask, x)?;
        let hidden = self.fc1.forward_activated(&self.layer_norm2.forward(&x)?, self.activation)?;
        self.fc2.forward_onto(&hidden, &x)
    }
}

impl From<ClipActivation> for Activation {
    fn from(activation: ClipActivation) -> Self {
        match activation {
            ClipActivation::QuickGelu => Self::QuickGelu,
            ClipActivation::Gelu => Self::Gelu,
        }
    }
}

#[derive(Debug)]
struct SelfAttention {
    q_proj: Linear,
    k_proj: Linear,
    v_proj: Linear,
    out_proj: Linear,
    heads: usize,
}

impl SelfAttention {
    fn load(width: usize, heads: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let linear = |name: &str| Linear::load(width, width, vb.pp(name));
        Ok(Self {
            q_proj: linear("q_proj")?,
            k_proj: linear("k_proj")?,
            v_proj: linear("v_proj")?,
            out_proj: linear("out_proj")?,
            heads,
        })
    }

    fn forward_onto(&self, x: &Tensor, mask: Option<&Tensor>, residual: &Tensor) -> Result<Tensor> {
        let [q, k, v] = [&self.q_proj, &self.k_proj, &self.v_proj].map(|linear| linear.forward(x));
        let y = attention(&q?, &[(&k?, &v?)], self.heads, mask)?;
        self.out_proj.forward_onto(&y, residual)
    }
}
