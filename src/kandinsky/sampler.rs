//! The seam between the denoising loop and the samplers.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::config::DdimConfig;
use super::ddim::Ddim;
use super::error::ModelError;

/// The samplers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamplerKind {
    /// Deterministic DDIM, the published default.
    Ddim,
}

impl SamplerKind {
    /// The sampler for a schedule and a number of steps.
    ///
    /// # Errors
    /// [`ModelError::Steps`] if the sampler cannot take that many.
    pub fn build(self, config: &DdimConfig, steps: usize) -> std::result::Result<Box<dyn Sampler>, ModelError> {
        match self {
            Self::Ddim => Ok(Box::new(Ddim::new(config, steps)?)),
        }
    }
}

impl std::fmt::Display for SamplerKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ddim => f.write_str("ddim"),
        }
    }
}

impl std::str::FromStr for SamplerKind {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        match name {
            "ddim" => Ok(Self::Ddim),
            _ => Err(format!("there is no sampler {name:?}; there is: ddim")),
        }
    }
}

/// What one evaluation of the network says after guidance, f32.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// Guided prediction (noise, x₀ or v as the schedule says), `[n, channels, h, w]`.
    pub value: Tensor,
    /// The conditional half's variance channels, same shape; for samplers that learn the range of the noise.
    pub variance: Tensor,
}

/// A sample after one step.
#[derive(Debug, Clone)]
pub struct Sampled {
    /// The less noisy sample.
    pub sample: Tensor,
    /// The clean sample the network foresees, for previews.
    pub predicted: Tensor,
}

/// Turns predictions into less noisy samples, step by step. Samples are f32.
pub trait Sampler: Send + std::fmt::Debug {
    /// How often the network is evaluated.
    fn steps(&self) -> usize;

    /// The training step that evaluation `index` is told, `index < steps()`.
    fn timestep(&self, index: usize) -> f32;

    /// Advances `sample` past evaluation `index`.
    ///
    /// # Errors
    /// If the shapes do not fit.
    fn step(&mut self, index: usize, prediction: &Prediction, sample: &Tensor) -> Result<Sampled>;
}
