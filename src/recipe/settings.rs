//! Numbers and names that the model's folder has defaults for.

use serde::{Deserialize, Serialize};

use super::Size;
use crate::kandinsky::{PriorSamplerKind, SamplerKind};

/// Numbers that the model's folder has defaults for; `None` takes the default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Width and height in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// Denoising steps of the decoder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// Classifier-free guidance of the decoder; up to 1 means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guidance: Option<f64>,
    /// Steps of the diffusion prior.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior_steps: Option<u32>,
    /// Classifier-free guidance of the diffusion prior; up to 1 means none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior_guidance: Option<f64>,
    /// The decoder's sampler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampler: Option<SamplerKind>,
    /// The prior's sampler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior_sampler: Option<PriorSamplerKind>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_version_before_are_read() {
        let text = r#"{"steps":20,"sampler":"dpm_solver","prior_sampler":"fast"}"#;
        let settings: Settings = serde_json::from_str(text).unwrap();
        assert_eq!(settings.sampler, Some(SamplerKind::DpmSolver));
        assert_eq!(settings.prior_sampler, Some(PriorSamplerKind::Fast));
        let again = serde_json::to_string(&settings).unwrap();
        assert_eq!(again, r#"{"steps":20,"sampler":"dpm++","prior_sampler":"fast"}"#);
    }
}
