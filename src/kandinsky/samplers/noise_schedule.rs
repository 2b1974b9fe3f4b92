//! Noise schedules: how much of a sample is still signal at each training step.

use std::f64::consts::FRAC_PI_2;

use crate::kandinsky::config::{BetaSchedule, DdimConfig};

/// ᾱ, the share of signal power left after each training step, in f64.
#[derive(Debug, Clone)]
pub struct NoiseSchedule {
    alphas_cumprod: Vec<f64>,
}

impl NoiseSchedule {
    /// The schedule of given β.
    pub fn from_betas(betas: impl IntoIterator<Item = f64>) -> Self {
        let alphas_cumprod = betas
            .into_iter()
            .scan(1., |product, beta| {
                *product *= 1. - beta;
                Some(*product)
            })
            .collect();
        Self { alphas_cumprod }
    }

    /// β evenly spaced from `start` to `end`, both included.
    pub fn linear(start: f64, end: f64, steps: usize) -> Self {
        Self::from_betas(linspace(start, end, steps))
    }

    /// β evenly spaced in √β.
    pub fn scaled_linear(start: f64, end: f64, steps: usize) -> Self {
        Self::from_betas(linspace(start.sqrt(), end.sqrt(), steps).map(|root| root * root))
    }

    /// ᾱ(t) = cos²((t + 0.008) / 1.008 · π/2), with β capped at 0.999.
    pub fn squared_cosine(steps: usize) -> Self {
        let signal = |t: f64| ((t + 0.008) / 1.008 * FRAC_PI_2).cos().powi(2);
        let steps = steps as f64;
        Self::from_betas((0..steps as usize).map(|i| {
            let i = i as f64;
            (1. - signal((i + 1.) / steps) / signal(i / steps)).min(0.999)
        }))
    }

    /// The schedule a decoder's configuration asks for.
    pub fn from_config(config: &DdimConfig) -> Self {
        if let Some(betas) = &config.trained_betas {
            return Self::from_betas(betas.iter().copied());
        }
        let (start, end) = (config.beta_start, config.beta_end);
        match config.beta_schedule {
            BetaSchedule::Linear => Self::linear(start, end, config.num_train_timesteps),
            BetaSchedule::ScaledLinear => Self::scaled_linear(start, end, config.num_train_timesteps),
            BetaSchedule::SquaredCosine => Self::squared_cosine(config.num_train_timesteps),
        }
    }

    /// Number of training steps.
    pub fn steps(&self) -> usize {
        self.alphas_cumprod.len()
    }

    /// ᾱ after training step `t`; past the last step, that of the last.
    pub fn alpha_cumprod(&self, t: usize) -> f64 {
        let last = self.alphas_cumprod.last().copied().unwrap_or(1.);
        self.alphas_cumprod.get(t).copied().unwrap_or(last)
    }
}

fn linspace(start: f64, end: f64, count: usize) -> impl Iterator<Item = f64> {
    let gaps = count.saturating_sub(1).max(1) as f64;
    (0..count).map(move |i| start + (end - start) * i as f64 / gaps)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() <= 1e-8 * expected.abs().max(1e-3), "{value} is not {expected}");
    }

    #[test]
    fn the_decoder_schedule_has_the_published_values() {
        let schedule = NoiseSchedule::linear(0.00085, 0.012, 1000);
        for (t, expected) in [
            (0, 0.99915),
            (1, 0.998289571),
            (11, 0.98911801),
            (100, 0.867344145),
            (291, 0.485091367),
            (500, 0.1607716),
            (749, 0.0227288031),
            (999, 0.00157896293),
        ] {
            close(schedule.alpha_cumprod(t), expected);
        }
    }

    #[test]
    fn the_img2img_schedule_has_the_published_values() {
        let schedule = NoiseSchedule::linear(0.0001, 0.02, 1000);
        for (t, expected) in [(0, 0.9999), (298, 0.398835127), (999, 4.03582977e-5)] {
            close(schedule.alpha_cumprod(t), expected);
        }
    }

    #[test]
    fn the_prior_schedule_has_the_published_values() {
        let schedule = NoiseSchedule::squared_cosine(1000);
        for (t, expected) in
            [(0, 0.999958716), (100, 0.971575682), (500, 0.492285172), (749, 0.144272102), (999, 2.42876691e-9)]
        {
            close(schedule.alpha_cumprod(t), expected);
        }
    }
}
