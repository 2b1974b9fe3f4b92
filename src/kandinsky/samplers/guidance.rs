//! Classifier-free guidance (Ho and Salimans, <https://arxiv.org/abs/2207.12598>).

use candle_core::{Result, Tensor};

/// Whether a scale asks for the unconditional pass at all: at 1 and below the conditional prediction is taken as it is.
pub(super) fn is_guided(scale: f64) -> bool {
    scale > 1.
}

/// `unconditional + scale · (conditional − unconditional)`.
pub(super) fn guide(unconditional: &Tensor, conditional: &Tensor, scale: f64) -> Result<Tensor> {
    unconditional + ((conditional - unconditional)? * scale)?
}
