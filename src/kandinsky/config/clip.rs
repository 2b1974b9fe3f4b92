//! `text_encoder/config.json` and `image_encoder/config.json` of the prior: the two towers of CLIP.
//!
//! Defaults are those of Hugging Face transformers' `CLIPTextConfig` and `CLIPVisionConfig`: a saved file may leave a
//! value out when it equals its default.

use serde::Deserialize;

use super::{Config, MAX_LAYERS, MAX_VOCABULARY, at_most, divides, narrow, positive};

/// The largest side of the image encoder's input, pixels. The published model's is 224.
const MAX_IMAGE_SIZE: usize = 2048;

/// Activation inside CLIP's MLPs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ClipActivation {
    /// `x · sigmoid(1.702 x)`, what OpenAI's models were trained with.
    #[serde(rename = "quick_gelu")]
    QuickGelu,
    /// The exact, erf-based GELU.
    #[serde(rename = "gelu")]
    Gelu,
}

/// Text tower.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the names are the file's own
pub struct ClipTextConfig {
    pub vocab_size: usize,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub projection_dim: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub max_position_embeddings: usize,
    pub hidden_act: ClipActivation,
    pub layer_norm_eps: f64,
    /// The token whose state becomes the text's embedding; 2 is a known error in old files and means "the largest id".
    pub eos_token_id: u32,
}

impl Default for ClipTextConfig {
    fn default() -> Self {
        Self {
            vocab_size: 49408,
            hidden_size: 512,
            intermediate_size: 2048,
            projection_dim: 512,
            num_hidden_layers: 12,
            num_attention_heads: 8,
            max_position_embeddings: 77,
            hidden_act: ClipActivation::QuickGelu,
            layer_norm_eps: 1e-5,
            eos_token_id: 49407,
        }
    }
}

impl Config for ClipTextConfig {
    fn check(&self) -> Result<(), String> {
        positive(&[
            ("vocab_size", self.vocab_size),
            ("intermediate_size", self.intermediate_size),
            ("projection_dim", self.projection_dim),
            ("max_position_embeddings", self.max_position_embeddings),
        ])?;
        at_most(MAX_VOCABULARY, &[("vocab_size", self.vocab_size)])?;
        at_most(MAX_LAYERS, &[("num_hidden_layers", self.num_hidden_layers)])?;
        narrow("hidden_size", &[self.hidden_size])?;
        narrow("a width", &[self.intermediate_size, self.projection_dim, self.max_position_embeddings])?;
        divides("num_attention_heads", &[self.hidden_size], self.num_attention_heads)
    }
}

/// Image tower.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the names are the file's own
pub struct ClipVisionConfig {
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub projection_dim: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub num_channels: usize,
    /// Side of the square input, pixels.
    pub image_size: usize,
    /// Side of a patch, pixels.
    pub patch_size: usize,
    pub hidden_act: ClipActivation,
    pub layer_norm_eps: f64,
}

impl Default for ClipVisionConfig {
    fn default() -> Self {
        Self {
            hidden_size: 768,
            intermediate_size: 3072,
            projection_dim: 512,
            num_hidden_layers: 12,
            num_attention_heads: 12,
            num_channels: 3,
            image_size: 224,
            patch_size: 32,
            hidden_act: ClipActivation::QuickGelu,
            layer_norm_eps: 1e-5,
        }
    }
}

impl Config for ClipVisionConfig {
    fn check(&self) -> Result<(), String> {
        positive(&[
            ("intermediate_size", self.intermediate_size),
            ("projection_dim", self.projection_dim),
            ("patch_size", self.patch_size),
        ])?;
        super::expect("num_channels", &self.num_channels, &3)?;
        at_most(MAX_LAYERS, &[("num_hidden_layers", self.num_hidden_layers)])?;
        at_most(MAX_IMAGE_SIZE, &[("image_size", self.image_size)])?;
        narrow("hidden_size", &[self.hidden_size])?;
        narrow("a width", &[self.intermediate_size, self.projection_dim])?;
        if self.image_size < self.patch_size {
            return Err(format!("image_size {} is smaller than patch_size {}", self.image_size, self.patch_size));
        }
        divides("num_attention_heads", &[self.hidden_size], self.num_attention_heads)
    }
}
