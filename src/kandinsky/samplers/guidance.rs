//! Classifier-free guidance (Ho and Salimans, <https://arxiv.org/abs/2207.12598>).

use candle_core::{Result, Tensor};

/// `unconditional + scale · (conditional − unconditional)`.
pub(super) fn guide(unconditional: &Tensor, conditional: &Tensor, scale: f64) -> Result<Tensor> {
    unconditional + ((conditional - unconditional)? * scale)?
}
