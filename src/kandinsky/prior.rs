//! The prior: a causal transformer that turns a text's embedding into the embedding of a picture
//! (Ramesh et al., <https://arxiv.org/abs/2204.06125>, section 2.2; Kandinsky 2.1, <https://arxiv.org/abs/2310.03502>).

use candle_core::{D, DType, IndexOp, Result, Tensor};
use candle_nn::VarBuilder;

use super::config::PriorConfig;
use super::timestep_embedding::{TimestepEmbedding, sinusoid};
use crate::ops::{Activation, LayerNorm, Linear, attention, causal_mask, compute_dtype};

/// Epsilon of the layer norms: PyTorch's default, which diffusers leaves alone.
const LAYER_NORM_EPS: f64 = 1e-5;

/// `PriorTransformer` of diffusers.
#[derive(Debug)]
pub struct Prior {
    time_embedding: TimestepEmbedding,
    proj_in: Linear,
    embedding_proj: Linear,
    encoder_hidden_states_proj: Linear,
    /// `[1, tokens, width]`.
    positional_embedding: Tensor,
    /// `[1, 1, width]`, the token whose state becomes the prediction.
    prd_embedding: Tensor,
    blocks: Vec<Block>,
    norm_out: LayerNorm,
    proj_to_clip_embeddings: Linear,
    /// `[1, embedding]`, f32.
    clip_mean: Tensor,
    /// `[1, embedding]`, f32.
    clip_std: Tensor,
    embedding_dim: usize,
    width: usize,
}

/// The text input of the prior, for a batch.
#[derive(Debug, Clone)]
pub struct PriorText {
    /// CLIP text states, `[n, 77, embedding]`.
    pub hidden: Tensor,
    /// CLIP text embeddings, `[n, embedding]`.
    pub embeds: Tensor,
    /// 1 for a text's own tokens and 0 for padding, f32, `[n, 77]`.
    pub mask: Tensor,
}

impl PriorText {
    /// Whether this is the other itself, and not merely equal to it.
    pub(super) fn is(&self, other: &Self) -> bool {
        let ids = |text: &Self| [&text.hidden, &text.embeds, &text.mask].map(Tensor::id);
        ids(self) == ids(other)
    }

    /// Several batches as one.
    pub fn cat(parts: &[&Self]) -> Result<Self> {
        let cat =
            |field: fn(&Self) -> &Tensor| Tensor::cat(&parts.iter().map(|part| field(part)).collect::<Vec<_>>(), 0);
        Ok(Self { hidden: cat(|part| &part.hidden)?, embeds: cat(|part| &part.embeds)?, mask: cat(|part| &part.mask)? })
    }

    /// One text for `count` pictures.
    pub fn repeat(&self, count: usize) -> Result<Self> {
        Ok(Self {
            hidden: self.hidden.repeat((count, 1, 1))?,
            embeds: self.embeds.repeat((count, 1))?,
            mask: self.mask.repeat((count, 1))?,
        })
    }
}

impl Prior {
    /// Reads the whole part.
    pub fn load(config: &PriorConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let (width, embedding) = (config.width(), config.embedding_dim);
        let linear = |name: &str| Linear::load(embedding, width, vb.pp(name));
        let dtype = compute_dtype(vb.dtype(), vb.device());
        let statistics = vb.clone().set_dtype(DType::F32);
        let blocks = (0..config.num_layers).map(|i| Block::load(config, vb.pp("transformer_blocks").pp(i)));
        let output = vb.pp("proj_to_clip_embeddings");
        Ok(Self {
            time_embedding: TimestepEmbedding::load(width, width, vb.pp("time_embedding"))?,
            proj_in: linear("proj_in")?,
            embedding_proj: linear("embedding_proj")?,
            encoder_hidden_states_proj: linear("encoder_hidden_states_proj")?,
            positional_embedding: vb.get((1, config.sequence(), width), "positional_embedding")?.to_dtype(dtype)?,
            prd_embedding: vb.get((1, 1, width), "prd_embedding")?.to_dtype(dtype)?,
            blocks: blocks.collect::<Result<_>>()?,
            norm_out: LayerNorm::load(width, LAYER_NORM_EPS, vb.pp("norm_out"))?,
            proj_to_clip_embeddings: Linear::load(width, embedding, output)?,
            clip_mean: statistics.get((1, embedding), "clip_mean")?,
            clip_std: statistics.get((1, embedding), "clip_std")?,
            embedding_dim: embedding,
            width,
        })
    }

    /// Width of an image embedding.
    pub fn embedding_dim(&self) -> usize {
        self.embedding_dim
    }

    /// Predicts the clean image embedding in standardised space: `[n, embedding]`, f32.
    ///
    /// `sample` is `[n, embedding]`; `timestep` is a training step.
    pub fn forward(&self, sample: &Tensor, timestep: f32, text: &PriorText) -> Result<Tensor> {
        self.forward_at(sample, &vec![timestep; sample.dim(0)?], text)
    }

    /// The same with a training step for each row.
    pub fn forward_at(&self, sample: &Tensor, timesteps: &[f32], text: &PriorText) -> Result<Tensor> {
        let batch = sample.dim(0)?;
        let dtype = self.positional_embedding.dtype();
        let waves = sinusoid(timesteps, self.width, false, 0., sample.device())?;
        let row = |x: Tensor| x.unsqueeze(1);
        let tokens = [
            self.encoder_hidden_states_proj.forward(&text.hidden.to_dtype(dtype)?)?,
            row(self.embedding_proj.forward(&text.embeds.to_dtype(dtype)?)?)?,
            row(self.time_embedding.forward(&waves)?.to_dtype(dtype)?)?,
            row(self.proj_in.forward(&sample.to_dtype(dtype)?)?)?,
            self.prd_embedding.repeat((batch, 1, 1))?,
        ];
        let x = Tensor::cat(&tokens, 1)?.broadcast_add(&self.positional_embedding)?;
        let mask = self.mask(&text.mask)?;
        let x = self.blocks.iter().try_fold(x, |x, block| block.forward(&x, &mask))?;
        // Only the last token is read, so only it needs the final norm.
        let last = x.i((.., x.dim(1)? - 1))?.contiguous()?;
        self.proj_to_clip_embeddings.forward(&self.norm_out.forward(&last)?)?.to_dtype(DType::F32)
    }

    /// From standardised space to CLIP's own: `[n, embedding]`, f32.
    pub fn unstandardise(&self, sample: &Tensor) -> Result<Tensor> {
        sample.broadcast_mul(&self.clip_std)?.broadcast_add(&self.clip_mean)
    }

    /// Causal, and blind to padding: `[n, tokens, tokens]`.
    fn mask(&self, text: &Tensor) -> Result<Tensor> {
        let (batch, text_tokens) = text.dims2()?;
        let tokens = self.positional_embedding.dim(1)?;
        // −10000 for padding as in diffusers: far below any score, and its sum with the causal mask stays finite.
        let padding = ((text.to_dtype(DType::F32)? - 1.)? * 10000.)?;
        let padding = padding.pad_with_zeros(D::Minus1, 0, tokens - text_tokens)?;
        let causal = causal_mask(tokens, text.device())?.maximum(-10000f32)?;
        padding.reshape((batch, 1, tokens))?.broadcast_add(&causal)
    }
}

#[derive(Debug)]
struct Block {
    norm1: LayerNorm,
    to_q: Linear,
    to_k: Linear,
    to_v: Linear,
    to_out: Linear,
    norm3: LayerNorm,
    ff_in: Linear,
    ff_out: Linear,
    heads: usize,
}

impl Block {
    fn load(config: &PriorConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let width = config.width();
        let attention = vb.pp("attn1");
        let linear = |name: &str| Linear::load(width, width, attention.pp(name));
        let feed_forward = vb.pp("ff").pp("net");
        Ok(Self {
            norm1: LayerNorm::load(width, LAYER_NORM_EPS, vb.pp("norm1"))?,
            to_q: linear("to_q")?,
            to_k: linear("to_k")?,
            to_v: linear("to_v")?,
            to_out: linear("to_out.0")?,
            // There is no norm2: diffusers' block keeps it for cross-attention.
            norm3: LayerNorm::load(width, LAYER_NORM_EPS, vb.pp("norm3"))?,
            ff_in: Linear::load(width, 4 * width, feed_forward.pp("0.proj"))?,
            ff_out: Linear::load(4 * width, width, feed_forward.pp("2"))?,
            heads: config.num_attention_heads,
        })
    }

    fn forward(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let normed = self.norm1.forward(x)?;
        let [q, k, v] = [&self.to_q, &self.to_k, &self.to_v].map(|linear| linear.forward(&normed));
        let y = attention(&q?, &[(&k?, &v?)], self.heads, Some(mask))?;
        let x = self.to_out.forward_onto(&y, x)?;
        let hidden = self.ff_in.forward_activated(&self.norm3.forward(&x)?, Activation::Gelu)?;
        self.ff_out.forward_onto(&hidden, &x)
    }
}
