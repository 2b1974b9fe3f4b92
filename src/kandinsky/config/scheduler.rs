//! `scheduler/scheduler_config.json` of the decoder (DDIM) and of the prior (UnCLIP).

use serde::Deserialize;

use super::{Config, MAX_TRAIN_STEPS, at_most, expect, positive};

/// The quantity that a network predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PredictionType {
    /// The noise ε.
    Epsilon,
    /// The clean sample x₀.
    Sample,
    /// v = √ᾱ·ε − √(1−ᾱ)·x₀ (Salimans and Ho, <https://arxiv.org/abs/2202.00512>).
    VPrediction,
}

/// How β grows over the training steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum BetaSchedule {
    /// Evenly from `beta_start` to `beta_end`.
    #[serde(rename = "linear")]
    Linear,
    /// Evenly in √β.
    #[serde(rename = "scaled_linear")]
    ScaledLinear,
    /// ᾱ follows a squared cosine (Nichol and Dhariwal, <https://arxiv.org/abs/2102.09672>).
    #[serde(rename = "squaredcos_cap_v2")]
    SquaredCosine,
}

/// Which of the training steps are visited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimestepSpacing {
    /// Multiples of `train / steps`, plus `steps_offset`.
    Leading,
    /// Down from the last in strides of `train / steps`.
    Trailing,
    /// Evenly from the first to the last.
    Linspace,
}

/// The decoder's schedule; keys and defaults of diffusers' `DDIMScheduler`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the names are the file's own
pub struct DdimConfig {
    pub num_train_timesteps: usize,
    pub beta_start: f64,
    pub beta_end: f64,
    pub beta_schedule: BetaSchedule,
    pub trained_betas: Option<Vec<f64>>,
    pub clip_sample: bool,
    pub clip_sample_range: f64,
    /// Whether ᾱ is 1 beyond the last step; otherwise it stays at the first table entry.
    pub set_alpha_to_one: bool,
    pub steps_offset: usize,
    pub prediction_type: PredictionType,
    pub timestep_spacing: TimestepSpacing,
    pub thresholding: bool,
    pub rescale_betas_zero_snr: bool,
}

impl Default for DdimConfig {
    fn default() -> Self {
        Self {
            num_train_timesteps: 1000,
            beta_start: 0.0001,
            beta_end: 0.02,
            beta_schedule: BetaSchedule::Linear,
            trained_betas: None,
            clip_sample: true,
            clip_sample_range: 1.,
            set_alpha_to_one: true,
            steps_offset: 0,
            prediction_type: PredictionType::Epsilon,
            timestep_spacing: TimestepSpacing::Leading,
            thresholding: false,
            rescale_betas_zero_snr: false,
        }
    }
}

#[cfg(test)]
impl DdimConfig {
    /// The decoder's schedule as published.
    pub(crate) fn published() -> Self {
        Self {
            beta_start: 0.00085,
            beta_end: 0.012,
            clip_sample: false,
            set_alpha_to_one: false,
            steps_offset: 1,
            ..Self::default()
        }
    }
}

impl Config for DdimConfig {
    fn check(&self) -> Result<(), String> {
        positive(&[("num_train_timesteps", self.num_train_timesteps)])?;
        at_most(MAX_TRAIN_STEPS, &[("num_train_timesteps", self.num_train_timesteps)])?;
        at_most(self.num_train_timesteps, &[("steps_offset", self.steps_offset)])?;
        expect("thresholding", &self.thresholding, &false)?;
        let rescale = self.rescale_betas_zero_snr;
        expect("rescale_betas_zero_snr", &rescale, &false)?;
        if let Some(betas) = &self.trained_betas {
            let trained = self.num_train_timesteps;
            expect("number of trained_betas", &betas.len(), &trained)?;
        }
        let range = 0. ..1.;
        let trained = self.trained_betas.iter().flatten();
        if [&self.beta_start, &self.beta_end].into_iter().chain(trained).any(|beta| !range.contains(beta)) {
            return Err("beta_start, beta_end and trained_betas must lie from 0 to 1".to_string());
        }
        Ok(())
    }
}

/// The prior's schedule; keys of diffusers' `UnCLIPScheduler`, defaults of Kandinsky 2.1.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // the names are the file's own
pub struct PriorSamplerConfig {
    pub num_train_timesteps: usize,
    pub variance_type: String,
    pub clip_sample: bool,
    pub clip_sample_range: f64,
    pub prediction_type: PredictionType,
    pub beta_schedule: BetaSchedule,
}

impl Default for PriorSamplerConfig {
    fn default() -> Self {
        Self {
            num_train_timesteps: 1000,
            variance_type: "fixed_small_log".to_string(),
            clip_sample: true,
            clip_sample_range: 10.,
            prediction_type: PredictionType::Sample,
            beta_schedule: BetaSchedule::SquaredCosine,
        }
    }
}

impl Config for PriorSamplerConfig {
    fn check(&self) -> Result<(), String> {
        positive(&[("num_train_timesteps", self.num_train_timesteps)])?;
        at_most(MAX_TRAIN_STEPS, &[("num_train_timesteps", self.num_train_timesteps)])?;
        expect("variance_type", &self.variance_type.as_str(), &"fixed_small_log")?;
        let prediction = self.prediction_type;
        expect("prediction_type", &prediction, &PredictionType::Sample)?;
        let schedule = self.beta_schedule;
        expect("beta_schedule", &schedule, &BetaSchedule::SquaredCosine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_without_an_end_is_refused() {
        let long = DdimConfig { num_train_timesteps: 1_000_000_000_000, ..DdimConfig::published() };
        assert!(long.check().unwrap_err().contains("num_train_timesteps"));
        let far = DdimConfig { steps_offset: usize::MAX, ..DdimConfig::published() };
        assert!(far.check().unwrap_err().contains("steps_offset"));
        let prior = PriorSamplerConfig { num_train_timesteps: usize::MAX, ..PriorSamplerConfig::default() };
        assert!(prior.check().is_err());
        let betas =
            DdimConfig { num_train_timesteps: 2, trained_betas: Some(vec![0.1, 7.]), ..DdimConfig::published() };
        assert!(betas.check().is_err());
        DdimConfig::published().check().unwrap();
    }
}
