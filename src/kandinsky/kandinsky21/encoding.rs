//! Encodes texts and pictures.

use candle_core::{DType, Tensor};

use super::{Kandinsky21, Result};
use crate::kandinsky::prior::PriorText;
use crate::kandinsky::samplers::Rules;
#[cfg(doc)]
use crate::kandinsky::tokenizers::ClipTokenizer;

/// A text as both encoders read it: everything the prior and the decoder ever need of it. One row in each tensor.
#[derive(Debug, Clone)]
pub struct EncodedPrompt {
    /// For the prior.
    pub clip: PriorText,
    /// States of the multilingual encoder, `[1, 77, hidden]`.
    pub hidden: Tensor,
    /// Its pooled output, `[1, embedding]`.
    pub pooled: Tensor,
    /// Whether the end of the text did not fit CLIP's 77 tokens, and the prior does not know it.
    pub truncated_for_prior: bool,
    /// Whether the end of the text did not fit the decoder's 77 tokens.
    pub truncated_for_decoder: bool,
}

/// Whether a text fits the 77 tokens of each text encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FitsContext {
    /// The prior's.
    pub of_prior: bool,
    /// The decoder's.
    pub of_decoder: bool,
}

impl Kandinsky21 {
    /// Reads a text with both encoders. The empty text is what an absent negative prompt stands for.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn encode_text(&self, text: &str) -> Result<EncodedPrompt> {
        self.encode_text_as(text, Rules::Sound)
    }

    /// As [`Kandinsky21::encode_text`], with the prior's tokens as `rules` read them: see [`ClipTokenizer::encode`].
    ///
    /// # Errors
    /// If a computation fails.
    pub fn encode_text_as(&self, text: &str, rules: Rules) -> Result<EncodedPrompt> {
        let clip_tokens = self.clip_tokenizer.encode(text, rules)?;
        let clip = self.clip_text.get()?.forward(&[&clip_tokens.ids])?;
        let tokens = self.multilingual_tokenizer.encode(text)?;
        let multilingual = self.multilingual_clip.get()?.forward(&[&tokens.ids], &[&tokens.mask])?;
        let mask = Tensor::new(clip_tokens.mask.as_slice(), &self.device)?;
        Ok(EncodedPrompt {
            clip: PriorText {
                hidden: clip.hidden,
                embeds: clip.embeds,
                mask: mask.to_dtype(DType::F32)?.unsqueeze(0)?,
            },
            hidden: multilingual.hidden,
            pooled: multilingual.pooled,
            truncated_for_prior: clip_tokens.truncated,
            truncated_for_decoder: tokens.truncated,
        })
    }

    /// Whether a text fits the 77 tokens of the text encoders; a quick check by the tokenizers alone.
    ///
    /// # Errors
    /// If the tokenizers refuse the text.
    pub fn fits_context(&self, text: &str) -> Result<FitsContext> {
        Ok(FitsContext {
            of_prior: !self.clip_tokenizer.encode(text, Rules::Sound)?.truncated,
            of_decoder: !self.multilingual_tokenizer.encode(text)?.truncated,
        })
    }

    /// The CLIP embedding of a text, `[1, embedding]` f32, not normalised: to be compared with [`Kandinsky21::image_embedding`].
    ///
    /// # Errors
    /// If a computation fails.
    pub fn text_embedding(&self, text: &str) -> Result<Tensor> {
        let tokens = self.clip_tokenizer.encode(text, Rules::Sound)?;
        // The padding behind the end is seen by nothing before it.
        let written: Vec<u32> =
            tokens.ids.iter().zip(&tokens.mask).filter(|(_, mask)| **mask > 0).map(|(id, _)| *id).collect();
        Ok(self.clip_text.get()?.forward(&[&written])?.embeds.to_dtype(DType::F32)?)
    }

    /// The CLIP embeddings of pictures: `[n, 3, side, side]`, normalised with CLIP's mean and deviation, to `[n, embedding]` f32.
    ///
    /// # Errors
    /// If the shape does not fit or a computation fails.
    pub fn image_embedding(&self, pixels: &Tensor) -> Result<Tensor> {
        Ok(self.clip_image.get()?.forward(pixels)?.to_dtype(DType::F32)?)
    }

    /// The embedding that stands for "no picture", `[1, embedding]` f32: that of a tensor of zeros.
    ///
    /// # Errors
    /// If the image encoder can not be loaded.
    pub fn zero_image_embedding(&self) -> Result<&Tensor> {
        if let Some(zero) = self.zero_image_embedding.get() {
            return Ok(zero);
        }
        let zero = self.clip_image.get()?.zero()?.to_dtype(DType::F32)?;
        Ok(self.zero_image_embedding.get_or_init(|| zero))
    }
}
