//! Self-attention over a feature map with the context's keys and values in front (diffusers' "added KV").

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::kandinsky::config::UNetConfig;
use crate::ops::{GroupNorm, Linear, attention};

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

    /// Keys and values of a context, `[n, tokens, context width]`, which are the same at every step: `[n, tokens, channels]`.
    pub(super) fn look_at(&self, context: &Tensor) -> Result<(Tensor, Tensor)> {
        Ok((self.add_k_proj.forward(context)?, self.add_v_proj.forward(context)?))
    }

    /// `x` is `[n, h, w, channels]`; the context's keys and values are those of [`AddedKvAttention::look_at`].
    pub(super) fn forward(&self, x: &Tensor, (keys, values): &(Tensor, Tensor)) -> Result<Tensor> {
        let pixels = self.group_norm.forward(x)?.flatten(1, 2)?;
        let [q, k, v] = [&self.to_q, &self.to_k, &self.to_v].map(|linear| linear.forward(&pixels));
        let y = attention(&q?, &[(keys, values), (&k?, &v?)], self.heads, None)?;
        self.to_out.forward_onto(&y, &x.flatten(1, 2)?)?.reshape(x.shape())
    }
}
