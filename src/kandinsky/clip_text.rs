//! The text tower of CLIP, whose output the prior takes.

use candle_core::{DType, Module, Result, Tensor};
use candle_nn::{Embedding, VarBuilder, embedding};

use super::clip_encoder::{ClipEncoder, Shape};
use super::config::ClipTextConfig;
use crate::ops::{LayerNorm, Linear, causal_mask, compute_dtype};

/// `CLIPTextModelWithProjection` of Hugging Face transformers.
#[derive(Debug)]
pub struct ClipText {
    token_embedding: Embedding,
    position_embedding: Tensor,
    encoder: ClipEncoder,
    final_layer_norm: LayerNorm,
    text_projection: Linear,
    eos_token_id: u32,
}

/// The tower's output for a batch of texts.
#[derive(Debug, Clone)]
pub struct ClipTextOutput {
    /// States of all tokens after the final norm, `[n, tokens, width]`.
    pub hidden: Tensor,
    /// Projected state of the end-of-text token, `[n, projection]`; not normalised.
    pub embeds: Tensor,
}

impl ClipText {
    /// Reads `text_model.*` and `text_projection`.
    pub fn load(config: &ClipTextConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let shape = Shape {
            width: config.hidden_size,
            hidden: config.intermediate_size,
            heads: config.num_attention_heads,
            layers: config.num_hidden_layers,
            eps: config.layer_norm_eps,
            activation: config.hidden_act,
        };
        let (width, model) = (shape.width, vb.pp("text_model"));
        let embeddings = model.pp("embeddings");
        let positions = (config.max_position_embeddings, width);
        let positions = embeddings.pp("position_embedding").get(positions, "weight")?;
        let projection = vb.pp("text_projection");
        Ok(Self {
            token_embedding: embedding(config.vocab_size, width, embeddings.pp("token_embedding"))?,
            position_embedding: positions.to_dtype(compute_dtype(vb.dtype(), vb.device()))?,
            encoder: ClipEncoder::load(shape, model.pp("encoder"))?,
            final_layer_norm: LayerNorm::load(width, shape.eps, model.pp("final_layer_norm"))?,
            text_projection: Linear::load_no_bias(width, config.projection_dim, projection)?,
            eos_token_id: config.eos_token_id,
        })
    }

    /// Encodes rows of equally many token ids. Only the causal mask applies: padding is seen by the tokens behind it.
    pub fn forward(&self, rows: &[&[u32]]) -> Result<ClipTextOutput> {
        let device = self.position_embedding.device();
        let tokens = rows.first().map_or(0, |row| row.len());
        let ids = Tensor::from_vec(rows.concat(), (rows.len(), tokens), device)?;
        let positions = self.position_embedding.narrow(0, 0, tokens)?;
        let x = self.token_embedding.forward(&ids)?.to_dtype(positions.dtype())?;
        let x = x.broadcast_add(&positions)?;
        let x = self.encoder.forward(&x, Some(&causal_mask(tokens, device)?))?;
        let hidden = self.final_layer_norm.forward(&x)?;
        let ends: Vec<Tensor> =
            rows.iter().enumerate().map(|(row, ids)| hidden.get(row)?.get(self.end(ids))).collect::<Result<_>>()?;
        let embeds = self.text_projection.forward(&Tensor::stack(&ends, 0)?)?;
        Ok(ClipTextOutput { hidden, embeds })
    }

    /// Type of what it says.
    pub fn dtype(&self) -> DType {
        self.position_embedding.dtype()
    }

    /// Position of the end-of-text token: the first one; for old configurations with their wrong id 2, the largest id.
    fn end(&self, ids: &[u32]) -> usize {
        let wanted = match self.eos_token_id {
            2 => ids.iter().copied().max().unwrap_or(0),
            id => id,
        };
        ids.iter().position(|&id| id == wanted).unwrap_or(0)
    }
}
