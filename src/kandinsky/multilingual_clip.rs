//! M-CLIP, the multilingual text encoder of the decoder: XLM-RoBERTa with a linear head
//! (Carlsson et al., <https://aclanthology.org/2022.lrec-1.739>).

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::config::MultilingualClipConfig;
use super::xlm_roberta::XlmRoberta;
use crate::ops::Linear;

/// `MultilingualCLIP` of diffusers.
#[derive(Debug)]
pub struct MultilingualClip {
    transformer: XlmRoberta,
    linear_transformation: Linear,
    device: Device,
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
            transformer: XlmRoberta::load(config, vb.pp("transformer"))?,
            linear_transformation: Linear::load(config.hidden_size, config.num_dims, head)?,
            device: vb.device().clone(),
        })
    }

    /// Encodes rows of equally many token ids; `masks` has 1 for a text's own tokens and 0 for padding.
    pub fn forward(&self, rows: &[&[u32]], masks: &[&[u32]]) -> Result<MultilingualClipOutput> {
        let shape = (rows.len(), rows.first().map_or(0, |row| row.len()));
        let mask = Tensor::from_vec(masks.concat(), shape, &self.device)?.to_dtype(DType::F32)?;
        let hidden = self.transformer.forward(rows, &mask)?;
        let sum = hidden.to_dtype(DType::F32)?.broadcast_mul(&mask.unsqueeze(2)?)?.sum(1)?;
        let mean = sum.broadcast_div(&mask.sum_keepdim(1)?)?;
        let pooled = self.linear_transformation.forward(&mean.to_dtype(hidden.dtype())?)?;
        Ok(MultilingualClipOutput { hidden, pooled })
    }
}
