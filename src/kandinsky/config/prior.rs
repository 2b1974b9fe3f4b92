//! `prior/config.json`: diffusers' `PriorTransformer` as Kandinsky 2.1 uses it.

use serde::Deserialize;

use super::{Config, MAX_LAYERS, at_most, expect, narrow, positive};

/// The prior transformer. Defaults are those of diffusers.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the names are the file's own
pub struct PriorConfig {
    pub num_attention_heads: usize,
    pub attention_head_dim: usize,
    pub num_layers: usize,
    /// Width of the image embedding, and of the text states.
    pub embedding_dim: usize,
    /// Text tokens.
    pub num_embeddings: usize,
    /// Tokens after the text: text embedding, time, noisy image embedding and the learned one.
    pub additional_embeddings: usize,
    pub time_embed_act_fn: String,
    pub norm_in_type: Option<String>,
    pub embedding_proj_norm_type: Option<String>,
    pub encoder_hid_proj_type: Option<String>,
    pub added_emb_type: Option<String>,
    pub time_embed_dim: Option<usize>,
    pub embedding_proj_dim: Option<usize>,
    pub clip_embed_dim: Option<usize>,
}

impl Default for PriorConfig {
    fn default() -> Self {
        Self {
            num_attention_heads: 32,
            attention_head_dim: 64,
            num_layers: 20,
            embedding_dim: 768,
            num_embeddings: 77,
            additional_embeddings: 4,
            time_embed_act_fn: "silu".to_string(),
            norm_in_type: None,
            embedding_proj_norm_type: None,
            encoder_hid_proj_type: Some("linear".to_string()),
            added_emb_type: Some("prd".to_string()),
            time_embed_dim: None,
            embedding_proj_dim: None,
            clip_embed_dim: None,
        }
    }
}

impl PriorConfig {
    /// Width of the transformer.
    pub fn width(&self) -> usize {
        self.num_attention_heads * self.attention_head_dim
    }

    /// All tokens of the sequence.
    pub fn sequence(&self) -> usize {
        self.num_embeddings + self.additional_embeddings
    }
}

impl Config for PriorConfig {
    fn check(&self) -> Result<(), String> {
        positive(&[
            ("num_attention_heads", self.num_attention_heads),
            ("attention_head_dim", self.attention_head_dim),
            ("embedding_dim", self.embedding_dim),
            ("num_embeddings", self.num_embeddings),
        ])?;
        narrow("num_attention_heads", &[self.num_attention_heads])?;
        narrow("attention_head_dim", &[self.attention_head_dim])?;
        narrow("width", &[self.width(), self.embedding_dim, self.num_embeddings])?;
        at_most(MAX_LAYERS, &[("num_layers", self.num_layers)])?;
        expect("additional_embeddings", &self.additional_embeddings, &4)?;
        expect("time_embed_act_fn", &self.time_embed_act_fn.as_str(), &"silu")?;
        expect("norm_in_type", &self.norm_in_type, &None)?;
        let norm = &self.embedding_proj_norm_type;
        expect("embedding_proj_norm_type", norm, &None)?;
        let projection = self.encoder_hid_proj_type.as_deref();
        expect("encoder_hid_proj_type", &projection, &Some("linear"))?;
        expect("added_emb_type", &self.added_emb_type.as_deref(), &Some("prd"))?;
        let (width, embedding) = (self.width(), self.embedding_dim);
        for (key, value, expected) in [
            ("time_embed_dim", self.time_embed_dim, width),
            ("embedding_proj_dim", self.embedding_proj_dim, embedding),
            ("clip_embed_dim", self.clip_embed_dim, embedding),
        ] {
            expect(key, &value.unwrap_or(expected), &expected)?;
        }
        Ok(())
    }
}
