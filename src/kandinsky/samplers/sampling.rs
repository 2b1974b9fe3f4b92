//! How prior and decoder sample: which sampler, how many steps, by whose rules.

use super::kind::{PriorSamplerKind, SamplerKind};
use super::rules::Rules;

/// How the prior gets from noise to an image embedding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorOptions {
    /// The sampler.
    pub kind: PriorSamplerKind,
    /// Steps over the whole range.
    pub steps: usize,
    /// Guidance scale.
    pub guidance: f64,
    /// Whose step lists and coefficients.
    pub rules: Rules,
}

/// How the decoder's noise is removed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecoderSampling {
    /// The sampler.
    pub kind: SamplerKind,
    /// Steps over the whole range.
    pub steps: usize,
    /// Share of a picture that changes, 0 < s ≤ 1: that share of the steps is taken, from the noised picture. None: from
    /// pure noise.
    pub strength: Option<f64>,
    /// Whose step lists and noise levels.
    pub rules: Rules,
}

impl Default for DecoderSampling {
    /// DDIM, 100 steps, from noise.
    fn default() -> Self {
        Self { kind: SamplerKind::Ddim, steps: 100, strength: None, rules: Rules::Sound }
    }
}
