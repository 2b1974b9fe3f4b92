//! The seam between the denoising loop and the samplers.

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::ddim::Ddim;
use super::decoder_schedule::{DecoderSchedule, Start};
use super::dpm_solver::DpmSolver;
use super::p_sampler::{PSampler, Paste};
use super::plms::Plms;
use crate::kandinsky::config::DdimConfig;
use crate::kandinsky::error::ModelError;

/// The samplers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum SamplerKind {
    /// Deterministic DDIM, the published default.
    #[default]
    #[serde(rename = "ddim")]
    Ddim,
    /// Ancestral DDPM with learned variance and dynamic thresholding.
    #[serde(rename = "p_sampler")]
    PSampler,
    /// Pseudo linear multistep.
    #[serde(rename = "plms")]
    Plms,
    /// DPM-Solver++ of second order: the fast one.
    #[serde(rename = "dpm++")]
    DpmSolver,
}

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

impl DecoderSampling {
    /// The sampler, and how its first sample is made. `paste` is for the original's way of inpainting with `p_sampler`.
    ///
    /// # Errors
    /// [`ModelError::Steps`] if the sampler cannot take that many.
    pub(in crate::kandinsky) fn build(
        &self,
        config: &DdimConfig,
        paste: Option<Paste>,
    ) -> std::result::Result<(Box<dyn Sampler>, Start), ModelError> {
        let schedule = DecoderSchedule::new(config, self)?;
        let start = schedule.start;
        let sampler: Box<dyn Sampler> = match self.kind {
            SamplerKind::Ddim => Box::new(Ddim::new(schedule)),
            SamplerKind::PSampler => Box::new(PSampler::new(schedule, self.rules, paste)),
            SamplerKind::Plms => Box::new(Plms::new(schedule)),
            SamplerKind::DpmSolver => Box::new(DpmSolver::new(schedule)),
        };
        Ok((sampler, start))
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

    /// Whether evaluation `index` is followed by fresh noise.
    fn needs_noise(&self, _index: usize) -> bool {
        false
    }

    /// Advances `sample` past evaluation `index`. `noise` has the sample's shape where
    /// [needed](Sampler::needs_noise).
    ///
    /// # Errors
    /// If the shapes do not fit or noise is wanting.
    fn step(
        &mut self,
        index: usize,
        prediction: &Prediction,
        sample: &Tensor,
        noise: Option<&Tensor>,
    ) -> Result<Sampled>;
}
