//! How the decoder samples: which sampler, how many steps, by whose rules.

use serde::{Deserialize, Serialize};

use super::kind::SamplerKind;

/// Whose behaviour is followed where the two published programs differ from each other, or from what their formulas mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rules {
    /// As the formulas mean it: exactly the steps asked for, over the whole range; a picture is noised to the level that
    /// the sampler assumes; thresholds for each picture by itself.
    #[default]
    Sound,
    /// As diffusers.
    Diffusers,
    /// As the original program.
    Original,
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
