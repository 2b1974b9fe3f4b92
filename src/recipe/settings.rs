//! Numbers and names that the model's folder has defaults for.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{RecipeError, Size};

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
    pub sampler: Option<SamplerName>,
    /// The prior's sampler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior_sampler: Option<PriorSamplerName>,
}

/// The decoder's sampler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplerName {
    /// Denoising diffusion implicit models, eta 0 (<https://arxiv.org/abs/2010.02502>).
    Ddim,
    /// Ancestral DDPM with the variance that the network learned: the original's `p_sampler`.
    PSampler,
    /// Pseudo linear multistep (<https://arxiv.org/abs/2202.09778>).
    Plms,
    /// DPM-Solver++ of second order, multistep: the fast one (<https://arxiv.org/abs/2211.01095>).
    DpmSolver,
}

/// The prior's sampler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorSamplerName {
    /// Ancestral DDPM, as published.
    Ancestral,
    /// DDIM, eta 0.
    Ddim,
    /// DPM-Solver++ of second order.
    Fast,
}

impl FromStr for SamplerName {
    type Err = RecipeError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "ddim" => Ok(Self::Ddim),
            "p_sampler" | "p-sampler" | "ddpm" => Ok(Self::PSampler),
            "plms" => Ok(Self::Plms),
            "dpm++" | "dpmpp" | "fast" => Ok(Self::DpmSolver),
            _ => Err(RecipeError::BadSampler { name: name.to_owned(), there_is: "ddim, p_sampler, plms, dpm++" }),
        }
    }
}

impl FromStr for PriorSamplerName {
    type Err = RecipeError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "ancestral" => Ok(Self::Ancestral),
            "ddim" => Ok(Self::Ddim),
            "fast" => Ok(Self::Fast),
            _ => Err(RecipeError::BadSampler { name: name.to_owned(), there_is: "ancestral, ddim, fast" }),
        }
    }
}
