//! XLM-RoBERTa (Conneau et al., <https://arxiv.org/abs/1911.02116>): the transformer inside the multilingual text encoder.

use candle_core::{Device, Module, Result, Tensor};
use candle_nn::{Activation, Embedding, VarBuilder, embedding};

use super::config::MultilingualClipConfig;
use crate::ops::{LayerNorm, Linear, attention, merge_heads, split_heads};

/// `XLMRobertaModel` of Hugging Face transformers, without the pooler, which nothing reads.
#[derive(Debug)]
pub(super) struct XlmRoberta {
    word_embeddings: Embedding,
    position_embeddings: Embedding,
    /// Of the only type there is in use, `[width]`.
    type_embedding: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
    padding: u32,
    device: Device,
}

impl XlmRoberta {
    /// Reads `embeddings.*` and `encoder.*`.
    pub(super) fn load(config: &MultilingualClipConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let (width, embeddings, layers) = (config.hidden_size, vb.pp("embeddings"), vb.pp("encoder.layer"));
        let table = |count: usize, name: &str| embedding(count, width, embeddings.pp(name));
        let types = table(config.type_vocab_size, "token_type_embeddings")?;
        let layers = (0..config.num_hidden_layers).map(|index| Layer::load(config, layers.pp(index)));
        Ok(Self {
            word_embeddings: table(config.vocab_size, "word_embeddings")?,
            position_embeddings: table(config.max_position_embeddings, "position_embeddings")?,
            type_embedding: types.embeddings().get(0)?,
            norm: LayerNorm::load(width, config.layer_norm_eps, embeddings.pp("LayerNorm"))?,
            layers: layers.collect::<Result<_>>()?,
            padding: config.pad_token_id,
            device: vb.device().clone(),
        })
    }

    /// Last states, `[n, tokens, width]`, of rows of equally many token ids; where `mask` (`[n, tokens]`, f32) is 0, a token
    /// is not looked at.
    pub(super) fn forward(&self, rows: &[&[u32]], mask: &Tensor) -> Result<Tensor> {
        let shape = mask.dims2()?;
        let ids = Tensor::from_vec(rows.concat(), shape, &self.device)?;
        let positions: Vec<u32> = rows.iter().flat_map(|row| positions(row, self.padding)).collect();
        let positions = self.position_embeddings.forward(&Tensor::from_vec(positions, shape, &self.device)?)?;
        let x = (self.word_embeddings.forward(&ids)?.broadcast_add(&self.type_embedding)? + positions)?;
        let unseen = ((mask - 1.)? * f64::from(f32::MAX))?.reshape((shape.0, 1, 1, shape.1))?;
        self.layers.iter().try_fold(self.norm.forward(&x)?, |x, layer| layer.forward(&x, &unseen))
    }
}

/// Counted over the tokens that are no padding, from behind the padding's own number, which is its place.
fn positions(row: &[u32], padding: u32) -> Vec<u32> {
    let mut last = padding;
    let place = |&id: &u32| {
        if id == padding {
            return padding;
        }
        last += 1;
        last
    };
    row.iter().map(place).collect()
}

/// Attention and a feed-forward network, each followed by a norm.
#[derive(Debug)]
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    attention_norm: LayerNorm,
    widening: Linear,
    activation: Activation,
    narrowing: Linear,
    output_norm: LayerNorm,
    heads: usize,
}

impl Layer {
    fn load(config: &MultilingualClipConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let linear = |name: &str| Linear::load(width, width, vb.pp(name));
        let norm = |name: &str| LayerNorm::load(width, config.layer_norm_eps, vb.pp(name));
        Ok(Self {
            query: linear("attention.self.query")?,
            key: linear("attention.self.key")?,
            value: linear("attention.self.value")?,
            attended: linear("attention.output.dense")?,
            attention_norm: norm("attention.output.LayerNorm")?,
            widening: Linear::load(width, inner, vb.pp("intermediate.dense"))?,
            activation: config.hidden_act,
            narrowing: Linear::load(inner, width, vb.pp("output.dense"))?,
            output_norm: norm("output.LayerNorm")?,
            heads: config.num_attention_heads,
        })
    }

    fn forward(&self, x: &Tensor, unseen: &Tensor) -> Result<Tensor> {
        let split = |linear: &Linear| split_heads(&linear.forward(x)?, self.heads);
        let q = split(&self.query)?;
        let scale = (q.dim(3)? as f64).powf(-0.5);
        let y = merge_heads(&attention(&q, &split(&self.key)?, &split(&self.value)?, scale, Some(unseen))?)?;
        let x = self.attention_norm.forward(&(x + self.attended.forward(&y)?)?)?;
        let hidden = self.activation.forward(&self.widening.forward(&x)?)?;
        self.output_norm.forward(&(&x + self.narrowing.forward(&hidden)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_has_its_own_place_and_the_rest_is_counted() {
        assert_eq!(positions(&[0, 7, 1, 9, 2, 1, 1], 1), [2, 3, 1, 4, 5, 1, 1]);
    }
}
