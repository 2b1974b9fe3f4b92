//! M-CLIP, the multilingual text encoder of the decoder: XLM-RoBERTa with a linear head
//! (Carlsson et al., <https://aclanthology.org/2022.lrec-1.739>).

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{Activation, VarBuilder};
use candle_transformers::models::xlm_roberta::{Config, XLMRobertaModel};

use super::config::MultilingualClipConfig;
use super::xlm_roberta::XlmRoberta;
use crate::ops::Linear;

/// `MultilingualCLIP` of diffusers.
pub struct MultilingualClip {
    transformer: Transformer,
    linear_transformation: Linear,
    device: Device,
}

enum Transformer {
    /// On a CPU: packed weights.
    Packed(XlmRoberta),
    /// Elsewhere, or where the configuration asks for another activation.
    Candle(XLMRobertaModel),
}

impl Transformer {
    fn load(config: &MultilingualClipConfig, vb: VarBuilder<'_>) -> Result<Self> {
        Ok(match (vb.device(), config.hidden_act) {
            (Device::Cpu, Activation::Gelu) => Self::Packed(XlmRoberta::load(config, vb)?),
            _ => Self::Candle(XLMRobertaModel::new(&roberta(config), vb)?),
        })
    }

    /// Last states of all tokens, `[n, tokens, hidden]`.
    fn forward(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor> {
        match self {
            Self::Packed(transformer) => transformer.forward(ids, mask),
            Self::Candle(transformer) => transformer.forward(ids, mask, &ids.zeros_like()?, None, None, None),
        }
    }
}

/// The encoder's output for a batch of texts.
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
            transformer: Transformer::load(config, vb.pp("transformer"))?,
            linear_transformation: Linear::load(config.hidden_size, config.num_dims, head)?,
            device: vb.device().clone(),
        })
    }

    /// Encodes rows of equally many token ids; `masks` has 1 for a text's own tokens and 0 for padding.
    pub fn forward(&self, rows: &[&[u32]], masks: &[&[u32]]) -> Result<MultilingualClipOutput> {
        let shape = (rows.len(), rows.first().map_or(0, |row| row.len()));
        let ids = Tensor::from_vec(rows.concat(), shape, &self.device)?;
        let mask = Tensor::from_vec(masks.concat(), shape, &self.device)?;
        let hidden = self.transformer.forward(&ids, &mask)?;
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use candle_nn::VarMap;

    #[test]
    fn packed_weights_say_what_candles_own_model_says() {
        let config = MultilingualClipConfig {
            vocab_size: 50,
            hidden_size: 24,
            intermediate_size: 40,
            num_hidden_layers: 3,
            num_attention_heads: 3,
            max_position_embeddings: 20,
            ..MultilingualClipConfig::default()
        };
        let weights = VarMap::new();
        let vb = VarBuilder::from_varmap(&weights, DType::F32, &Device::Cpu);
        let candle = Transformer::Candle(XLMRobertaModel::new(&roberta(&config), vb.clone()).unwrap());
        // Norms and biases begin as ones and zeros, which would hide what is left out.
        for variable in weights.all_vars() {
            variable.set(&Tensor::randn(0.1f32, 0.5, variable.shape(), &Device::Cpu).unwrap()).unwrap();
        }
        let packed = Transformer::load(&config, vb).unwrap();
        assert!(matches!(packed, Transformer::Packed(_)));
        let ids = Tensor::new(&[[0u32, 7, 9, 33, 2, 1, 1, 1], [0, 4, 5, 6, 8, 11, 40, 2]], &Device::Cpu).unwrap();
        let mask = Tensor::new(&[[1u32, 1, 1, 1, 1, 0, 0, 0], [1; 8]], &Device::Cpu).unwrap();
        let [a, b] = [&packed, &candle].map(|transformer| transformer.forward(&ids, &mask).unwrap());
        let worst = (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap();
        assert!(worst.to_scalar::<f32>().unwrap() < 1e-4, "{worst}");
    }
}
