//! How text and picture embeddings enter the network: computed once per picture, used at every step.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use crate::kandinsky::config::UNetConfig;
use crate::ops::{LayerNorm, Linear};

/// What the network is told besides the noisy latent, for a batch of pictures.
#[derive(Debug, Clone)]
pub struct Conditioning {
    /// Tokens that attention looks at: picture tokens, then text tokens. `[n, tokens, context width]`.
    pub(super) context: Tensor,
    /// Added to the time embedding, `[n, time width]`, f32.
    pub(super) embedding: Tensor,
}

impl Conditioning {
    /// Several batches as one.
    pub fn cat(parts: &[&Self]) -> Result<Self> {
        let context: Vec<_> = parts.iter().map(|part| &part.context).collect();
        let embedding: Vec<_> = parts.iter().map(|part| &part.embedding).collect();
        Ok(Self { context: Tensor::cat(&context, 0)?, embedding: Tensor::cat(&embedding, 0)? })
    }

    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.context.dims()[0]
    }

    /// Whether there are no pictures.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The layers that make a [`Conditioning`]: diffusers' `add_embedding` and `encoder_hid_proj`.
#[derive(Debug)]
pub(super) struct Conditioner {
    text_proj: Linear,
    text_norm: LayerNorm,
    image_proj: Linear,
    context_image: Linear,
    context_text: Linear,
    /// Tokens made from one image embedding: 10 in the published model.
    image_tokens: usize,
}

impl Conditioner {
    pub(super) fn load(config: &UNetConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let (width, time) = (config.cross_attention_dim, config.time_width());
        let (add, context) = (vb.pp("add_embedding"), vb.pp("encoder_hid_proj"));
        let image = context.pp("image_embeds");
        // The number of tokens stands in no configuration; the weights tell it.
        let image_tokens = image.get_unchecked("bias")?.dim(0)? / width;
        Ok(Self {
            text_proj: Linear::load(width, time, add.pp("text_proj"))?,
            text_norm: LayerNorm::load(time, 1e-5, add.pp("text_norm"))?,
            image_proj: Linear::load(width, time, add.pp("image_proj"))?,
            context_image: Linear::load(width, image_tokens * width, image)?,
            context_text: Linear::load(config.text_width(), width, context.pp("text_proj"))?,
            image_tokens,
        })
    }

    /// `hidden` is `[n, tokens, text width]`, `pooled` and `image` are `[n, context width]`.
    pub(super) fn forward(&self, hidden: &Tensor, pooled: &Tensor, image: &Tensor) -> Result<Conditioning> {
        let text = self.text_norm.forward(&self.text_proj.forward(pooled)?)?;
        let image_tokens = self.context_image.forward(image)?;
        let image_tokens = image_tokens.reshape((image.dim(0)?, self.image_tokens, ()))?;
        let text_tokens = self.context_text.forward(hidden)?;
        Ok(Conditioning {
            context: Tensor::cat(&[image_tokens, text_tokens], 1)?,
            embedding: (self.image_proj.forward(image)?.to_dtype(DType::F32)? + text.to_dtype(DType::F32)?)?,
        })
    }
}
