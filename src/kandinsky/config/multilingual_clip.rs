//! `text_encoder/config.json` of the decoder: XLM-RoBERTa with a linear head (M-CLIP).

use candle_nn::Activation;
use serde::Deserialize;

use super::{Config, MAX_LAYERS, MAX_VOCABULARY, at_most, divides, expect, narrow, positive};

/// M-CLIP: an XLM-RoBERTa configuration and the widths of the head.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the names are the file's own
pub struct MultilingualClipConfig {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub max_position_embeddings: usize,
    pub type_vocab_size: usize,
    pub hidden_act: Activation,
    pub layer_norm_eps: f64,
    pub pad_token_id: u32,
    pub position_embedding_type: String,
    /// Input width of the head; equals `hidden_size`.
    #[serde(rename = "transformerDimensions")]
    pub transformer_dimensions: usize,
    /// Output width of the head.
    #[serde(rename = "numDims")]
    pub num_dims: usize,
}

impl Default for MultilingualClipConfig {
    /// Defaults of transformers' `XLMRobertaConfig`, whose `layer_norm_eps` is 1e-12, and of the M-CLIP head.
    fn default() -> Self {
        Self {
            vocab_size: 30522,
            hidden_size: 768,
            intermediate_size: 3072,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            max_position_embeddings: 512,
            type_vocab_size: 2,
            hidden_act: Activation::Gelu,
            layer_norm_eps: 1e-12,
            pad_token_id: 1,
            position_embedding_type: "absolute".to_string(),
            transformer_dimensions: 1024,
            num_dims: 768,
        }
    }
}

impl Config for MultilingualClipConfig {
    fn check(&self) -> Result<(), String> {
        expect("position_embedding_type", &self.position_embedding_type.as_str(), &"absolute")?;
        expect("transformerDimensions", &self.transformer_dimensions, &self.hidden_size)?;
        positive(&[
            ("vocab_size", self.vocab_size),
            ("intermediate_size", self.intermediate_size),
            ("type_vocab_size", self.type_vocab_size),
            ("numDims", self.num_dims),
        ])?;
        at_most(MAX_VOCABULARY, &[("vocab_size", self.vocab_size), ("type_vocab_size", self.type_vocab_size)])?;
        at_most(MAX_LAYERS, &[("num_hidden_layers", self.num_hidden_layers)])?;
        narrow("hidden_size", &[self.hidden_size])?;
        narrow("a width", &[self.intermediate_size, self.num_dims, self.max_position_embeddings])?;
        divides("num_attention_heads", &[self.hidden_size], self.num_attention_heads)
    }
}
