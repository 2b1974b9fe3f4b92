//! M-CLIP, the multilingual text encoder of the decoder: XLM-RoBERTa with a linear head
//! (Carlsson et al., <https://aclanthology.org/2022.lrec-1.739>).

use candle_core::{DType, Result, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::xlm_roberta::{Config, XLMRobertaModel};

use super::config::MultilingualClipConfig;
use crate::ops::Linear;

/// `MultilingualCLIP` of diffusers.
pub struct MultilingualClip {
    transformer: XLMRobertaModel,
    linear_transformation: Linear,
    device: candle_core::Device,
}

/// What the encoder says about a batch of texts.
#[derive(Debug, Clone)]
pub struct MultilingualClipOutput {
    /// Last states of all tokens, padding too: the UNet looks at it without a mask. `[n, tokens, hidden]`.
    pub hidden: Tensor,
    /// The head's output for the mean over the text's own tokens, `[n, dims]`.
    pub pooled: Tensor,
}

impl MultilingualClip {
    /// Reads `transformer.*` and `LinearTransformation`.
    pub fn load(config: &MultilingualClipConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let head = vb.pp("LinearTransformation");
        Ok(Self {
            transformer: XLMRobertaModel::new(&roberta(config), vb.pp("transformer"))?,
            linear_transformation: Linear::load(config.hidden_size, config.num_dims, head)?,
            device: vb.device().clone(),
        })
    }

    /// Encodes rows of equally many token ids; `masks` has 1 for a text's own tokens and 0 for padding.
    pub fn forward(&self, rows: &[&[u32]], masks: &[&[u32]]) -> Result<MultilingualClipOutput> {
        let shape = (rows.len(), rows.first().map_or(0, |row| row.len()));
        let ids = Tensor::from_vec(rows.concat(), shape, &self.device)?;
        let mask = Tensor::from_vec(masks.concat(), shape, &self.device)?;
        let types = ids.zeros_like()?;
        let hidden = self.transformer.forward(&ids, &mask, &types, None, None, None)?;
        let mask = mask.to_dtype(DType::F32)?;
        let sum = hidden.to_dtype(DType::F32)?.broadcast_mul(&mask.unsqueeze(2)?)?.sum(1)?;
        let mean = sum.broadcast_div(&mask.sum_keepdim(1)?)?;
        let pooled = self.linear_transformation.forward(&mean.to_dtype(hidden.dtype())?)?;
        Ok(MultilingualClipOutput { hidden, pooled })
    }
}

impl std::fmt::Debug for MultilingualClip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MultilingualClip").finish_non_exhaustive()
    }
}

/// The same configuration in candle's words.
fn roberta(config: &MultilingualClipConfig) -> Config {
    Config {
        hidden_size: config.hidden_size,
        layer_norm_eps: config.layer_norm_eps,
        attention_probs_dropout_prob: 0.,
        hidden_dropout_prob: 0.,
        num_attention_heads: config.num_attention_heads,
        position_embedding_type: config.position_embedding_type.clone(),
        intermediate_size: config.intermediate_size,
        hidden_act: config.hidden_act,
        num_hidden_layers: config.num_hidden_layers,
        vocab_size: config.vocab_size,
        max_position_embeddings: config.max_position_embeddings,
        type_vocab_size: config.type_vocab_size,
        pad_token_id: config.pad_token_id,
    }
}
