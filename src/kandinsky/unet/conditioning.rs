//! How text and picture embeddings enter the network: computed once per picture, used at every step.

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;

use crate::kandinsky::config::UNetConfig;
use crate::ops::{LayerNorm, Linear};

/// The conditioning of the network for a batch of pictures.
#[derive(Debug, Clone)]
pub struct Conditioning {
    /// Keys and values of the image embedding and of the text for each attention, `[n, tokens, channels]`.
    pub(super) seen: Vec<(Tensor, Tensor)>,
    /// Added to the time embedding, `[n, time width]`, f32.
    pub(super) embedding: Tensor,
}

impl Conditioning {
    /// Several batches as one.
    pub fn cat(parts: &[&Self]) -> Result<Self> {
        let cat =
            |field: &dyn Fn(&Self) -> Tensor| Tensor::cat(&parts.iter().map(|part| field(part)).collect::<Vec<_>>(), 0);
        let attentions = parts.first().map_or(0, |part| part.seen.len());
        if parts.iter().any(|part| part.seen.len() != attentions) {
            candle_core::bail!("conditionings of different networks can not share a step");
        }
        let seen =
            (0..attentions).map(|i| Ok((cat(&|part| part.seen[i].0.clone())?, cat(&|part| part.seen[i].1.clone())?)));
        Ok(Self { seen: seen.collect::<Result<_>>()?, embedding: cat(&|part| part.embedding.clone())? })
    }

    /// Number of pictures.
    pub fn len(&self) -> usize {
        self.embedding.dims()[0]
    }

    /// Whether there are no pictures.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The layers on which a [`Conditioning`] rests: diffusers' `add_embedding` and `encoder_hid_proj`.
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

    /// Tokens that attention looks at, picture tokens before text tokens, `[n, tokens, context width]`; and what is added to
    /// the time embedding, `[n, time width]`, f32.
    ///
    /// `hidden` is `[n, tokens, text width]`, `pooled` and `image` are `[n, context width]`.
    pub(super) fn forward(&self, hidden: &Tensor, pooled: &Tensor, image: &Tensor) -> Result<(Tensor, Tensor)> {
        let text = self.text_norm.forward(&self.text_proj.forward(pooled)?)?;
        let image_tokens = self.context_image.forward(image)?;
        let image_tokens = image_tokens.reshape((image.dim(0)?, self.image_tokens, ()))?;
        let text_tokens = self.context_text.forward(hidden)?;
        let context = Tensor::cat(&[image_tokens, text_tokens], 1)?;
        let embedding = (self.image_proj.forward(image)?.to_dtype(DType::F32)? + text.to_dtype(DType::F32)?)?;
        Ok((context, embedding))
    }
}
