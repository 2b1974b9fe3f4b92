//! XLM-RoBERTa (Conneau et al., <https://arxiv.org/abs/1911.02116>), a post-norm transformer, built of [`crate::ops`].

use candle_core::{DType, Result, Tensor};
use candle_nn::{Embedding, Module, VarBuilder, embedding};

use super::config::MultilingualClipConfig;
use crate::ops::{Activation, LayerNorm, Linear, attention};

/// `XLMRobertaModel` of transformers without its pooler.
#[derive(Debug)]
pub(super) struct XlmRoberta {
    embeddings: Embeddings,
    layers: Vec<Layer>,
}

impl XlmRoberta {
    /// Reads `embeddings` and `encoder.layer`.
    pub(super) fn load(config: &MultilingualClipConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let layers = vb.pp("encoder.layer");
        let layers = (0..config.num_hidden_layers).map(|i| Layer::load(config, layers.pp(i)));
        Ok(Self { embeddings: Embeddings::load(config, vb.pp("embeddings"))?, layers: layers.collect::<Result<_>>()? })
    }

    /// Last states of all tokens, `[n, tokens, hidden]`; `ids` and `mask` are u32, `[n, tokens]`.
    pub(super) fn forward(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor> {
        // Padding is far below any score; its sum with one stays finite.
        let mask = ((mask.to_dtype(DType::F32)? - 1.)? * f64::from(f32::MAX / 2.))?.unsqueeze(1)?;
        let x = self.embeddings.forward(ids)?;
        self.layers.iter().try_fold(x, |x, layer| layer.forward(&x, &mask))
    }
}

#[derive(Debug)]
struct Embeddings {
    word_embeddings: Embedding,
    position_embeddings: Embedding,
    /// `[1, hidden]`: there is one type of tokens.
    token_type: Tensor,
    layer_norm: LayerNorm,
    pad_token_id: u32,
}

impl Embeddings {
    fn load(config: &MultilingualClipConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let width = config.hidden_size;
        let types = embedding(config.type_vocab_size, width, vb.pp("token_type_embeddings"))?;
        Ok(Self {
            word_embeddings: embedding(config.vocab_size, width, vb.pp("word_embeddings"))?,
            position_embeddings: embedding(config.max_position_embeddings, width, vb.pp("position_embeddings"))?,
            token_type: types.embeddings().narrow(0, 0, 1)?,
            layer_norm: LayerNorm::load(width, config.layer_norm_eps, vb.pp("LayerNorm"))?,
            pad_token_id: config.pad_token_id,
        })
    }

    fn forward(&self, ids: &Tensor) -> Result<Tensor> {
        let wide = |x: Tensor| x.to_dtype(DType::F32);
        let words = wide(self.word_embeddings.forward(ids)?)?;
        let places = wide(self.position_embeddings.forward(&self.positions(ids)?)?)?;
        self.layer_norm.forward(&(words + places)?.broadcast_add(&wide(self.token_type.clone())?)?)
    }

    /// Places are counted from the number of the padding token on, which itself stays at the padding's.
    fn positions(&self, ids: &Tensor) -> Result<Tensor> {
        let pad = self.pad_token_id;
        let rows = ids.to_vec2::<u32>()?.into_iter().flat_map(|row| {
            row.into_iter().scan(pad, move |place, id| {
                *place += u32::from(id != pad);
                Some(if id == pad { pad } else { *place })
            })
        });
        Tensor::from_iter(rows, ids.device())?.reshape(ids.shape())
    }
}

#[derive(Debug)]
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    attention_output: Linear,
    attention_norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    output_norm: LayerNorm,
    heads: usize,
}

impl Layer {
    fn load(config: &MultilingualClipConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let (width, hidden, eps) = (config.hidden_size, config.intermediate_size, config.layer_norm_eps);
        let linear = |name: &str| Linear::load(width, width, vb.pp(name));
        Ok(Self {
            query: linear("attention.self.query")?,
            key: linear("attention.self.key")?,
            value: linear("attention.self.value")?,
            attention_output: linear("attention.output.dense")?,
            attention_norm: LayerNorm::load(width, eps, vb.pp("attention.output.LayerNorm"))?,
            intermediate: Linear::load(width, hidden, vb.pp("intermediate.dense"))?,
            output: Linear::load(hidden, width, vb.pp("output.dense"))?,
            output_norm: LayerNorm::load(width, eps, vb.pp("output.LayerNorm"))?,
            heads: config.num_attention_heads,
        })
    }

    fn forward(&self, x: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let [q, k, v] = [&self.query, &self.key, &self.value].map(|linear| linear.forward(x));
        let y = attention(&q?, &[(&k?, &v?)], self.heads, Some(mask))?;
        let x = self.attention_norm.forward(&self.attention_output.forward_onto(&y, x)?)?;
        let hidden = self.intermediate.forward_activated(&x, Activation::Gelu)?;
        self.output_norm.forward(&self.output.forward_onto(&hidden, &x)?)
    }
}
