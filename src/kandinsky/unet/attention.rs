//! Self-attention over a feature map with the context's keys and values in front (diffusers' "added KV").

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::kandinsky::config::UNetConfig;
use crate::ops::{GroupNorm, Linear, attention, merge_heads, split_heads};

/// `x + out(attend(norm(x), [context; norm(x)]))`. There is no mask: padding in the context is looked at too.
#[derive(Debug)]
pub(super) struct AddedKvAttention {
    group_norm: GroupNorm,
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    add_k_proj: Linear,
    add_v_proj: Linear,
    to_out: Linear,
    heads: usize,
}

impl AddedKvAttention {
    pub(super) fn load(config: &UNetConfig, channels: usize, vb: VarBuilder<'_>) -> Result<Self> {
        let own = |name: &str| Linear::load(channels, channels, vb.pp(name));
        let added = |name: &str| Linear::load(config.cross_attention_dim, channels, vb.pp(name));
        let (groups, norm) = (config.norm_num_groups, vb.pp("group_norm"));
        Ok(Self {
            // diffusers leaves this norm at PyTorch's epsilon whatever `norm_eps` says.
            group_norm: GroupNorm::load(groups, channels, 1e-5, norm)?,
            to_q: own("to_q")?,
            to_k: own("to_k")?,
            to_v: own("to_v")?,
            add_k_proj: added("add_k_proj")?,
            add_v_proj: added("add_v_proj")?,
            to_out: own("to_out.0")?,
            heads: channels / config.head_width(),
        })
    }

    /// `x` is `[n, h, w, channels]`; `context` is `[n, tokens, context width]`.
    pub(super) fn forward(&self, x: &Tensor, context: &Tensor) -> Result<Tensor> {
        let pixels = self.group_norm.forward(x)?.flatten(1, 2)?;
        let q = split_heads(&self.to_q.forward(&pixels)?, self.heads)?;
        let k = self.with_context(&self.add_k_proj, context, &self.to_k, &pixels)?;
        let v = self.with_context(&self.add_v_proj, context, &self.to_v, &pixels)?;
        let scale = (q.dim(3)? as f64).powf(-0.5);
        let y = merge_heads(&attention(&q, &k, &v, scale, None)?)?;
        self.to_out.forward_onto(&y, &x.flatten(1, 2)?)?.reshape(x.shape())
    }

    /// Keys or values: the context's first, then the map's own.
    fn with_context(&self, added: &Linear, context: &Tensor, own: &Linear, pixels: &Tensor) -> Result<Tensor> {
        let all = Tensor::cat(&[added.forward(context)?, own.forward(pixels)?], 1)?;
        split_heads(&all, self.heads)
    }
}
