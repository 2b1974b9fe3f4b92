//! DDIM without noise (Song et al., <https://arxiv.org/abs/2010.02502>, η = 0), as diffusers' `DDIMScheduler` takes its
//! steps.

use candle_core::{Result, Tensor};

use super::config::{DdimConfig, PredictionType, TimestepSpacing};
use super::error::ModelError;
use super::noise_schedule::NoiseSchedule;
use super::sampler::{Prediction, Sampled, Sampler};

/// Deterministic sampler.
///
/// With the published schedule ("leading", offset 1) the timesteps are `i · (1000 / S) + 1`. Where S does not divide
/// 1000 exactly S steps are taken and the first of them lies below the top, as in diffusers; the original program took a
/// few more steps instead.
#[derive(Debug, Clone)]
pub struct Ddim {
    steps: Vec<Step>,
    prediction: PredictionType,
    clip: Option<f64>,
}

/// One step: from signal share `alpha` at `timestep` to `next`.
#[derive(Debug, Clone, Copy)]
struct Step {
    timestep: usize,
    alpha: f64,
    next: f64,
}

impl Ddim {
    /// The sampler that takes `steps` steps.
    ///
    /// # Errors
    /// [`ModelError::Steps`] unless 1 ≤ `steps` ≤ the number of training steps.
    pub fn new(config: &DdimConfig, steps: usize) -> std::result::Result<Self, ModelError> {
        let most = config.num_train_timesteps;
        if steps == 0 || steps > most {
            return Err(ModelError::Steps { steps, most });
        }
        let schedule = NoiseSchedule::from_config(config);
        let stride = most / steps;
        let last = if config.set_alpha_to_one { 1. } else { schedule.alpha_cumprod(0) };
        let steps = timesteps(config, steps)
            .into_iter()
            .map(|timestep| Step {
                timestep,
                alpha: schedule.alpha_cumprod(timestep),
                next: timestep.checked_sub(stride).map_or(last, |t| schedule.alpha_cumprod(t)),
            })
            .collect();
        Ok(Self {
            steps,
            prediction: config.prediction_type,
            clip: config.clip_sample.then_some(config.clip_sample_range),
        })
    }

    /// The training steps visited, from the noisiest.
    pub fn timesteps(&self) -> Vec<usize> {
        self.steps.iter().map(|step| step.timestep).collect()
    }

    /// The clean sample and the noise that a prediction stands for.
    fn split(&self, step: Step, value: &Tensor, sample: &Tensor) -> Result<(Tensor, Tensor)> {
        let (signal, noise) = (step.alpha.sqrt(), (1. - step.alpha).sqrt());
        match self.prediction {
            PredictionType::Epsilon => {
                let clean = ((sample - (value * noise)?)? / signal)?;
                Ok((clean, value.clone()))
            }
            PredictionType::Sample => {
                let epsilon = ((sample - (value * signal)?)? / noise)?;
                Ok((value.clone(), epsilon))
            }
            PredictionType::VPrediction => {
                Ok((((sample * signal)? - (value * noise)?)?, ((value * signal)? + (sample * noise)?)?))
            }
        }
    }
}

impl Sampler for Ddim {
    fn steps(&self) -> usize {
        self.steps.len()
    }

    fn timestep(&self, index: usize) -> f32 {
        self.steps.get(index).map_or(0., |step| step.timestep as f32)
    }

    fn step(&mut self, index: usize, prediction: &Prediction, sample: &Tensor) -> Result<Sampled> {
        let Some(&step) = self.steps.get(index) else {
            candle_core::bail!("DDIM has {} steps, not {}", self.steps.len(), index + 1);
        };
        let (clean, epsilon) = self.split(step, &prediction.value, sample)?;
        // The noise stays as predicted when the sample is clipped: diffusers' default.
        let clean = match self.clip {
            Some(range) => clean.clamp(-range, range)?,
            None => clean,
        };
        let sample = ((&clean * step.next.sqrt())? + (epsilon * (1. - step.next).sqrt())?)?;
        Ok(Sampled { sample, predicted: clean })
    }
}

/// The training steps to visit, from the noisiest (Lin et al., <https://arxiv.org/abs/2305.08891>, table 2).
fn timesteps(config: &DdimConfig, steps: usize) -> Vec<usize> {
    let train = config.num_train_timesteps;
    match config.timestep_spacing {
        TimestepSpacing::Leading => {
            (0..steps).rev().map(|i| (i * (train / steps) + config.steps_offset).min(train - 1)).collect()
        }
        TimestepSpacing::Trailing => (0..steps)
            .map(|i| {
                let down = train as f64 - i as f64 * train as f64 / steps as f64;
                (down.round_ties_even() as usize).saturating_sub(1)
            })
            .collect(),
        TimestepSpacing::Linspace => (0..steps)
            .rev()
            .map(|i| {
                let gaps = (steps - 1).max(1) as f64;
                (i as f64 * (train - 1) as f64 / gaps).round_ties_even() as usize
            })
            .collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn published() -> DdimConfig {
        DdimConfig {
            beta_start: 0.00085,
            beta_end: 0.012,
            clip_sample: false,
            set_alpha_to_one: false,
            steps_offset: 1,
            ..DdimConfig::default()
        }
    }

    /// One step on scalars: the sample and the prediction in, the next sample and the foreseen one out.
    fn step(ddim: &mut Ddim, index: usize, sample: f32, value: f32) -> (f32, f32) {
        let tensor = |value: f32| Tensor::new(&[value], &Device::Cpu).unwrap();
        let prediction = Prediction { value: tensor(value), variance: tensor(0.) };
        let sampled = ddim.step(index, &prediction, &tensor(sample)).unwrap();
        let scalar = |tensor: &Tensor| tensor.to_vec1::<f32>().unwrap()[0];
        (scalar(&sampled.sample), scalar(&sampled.predicted))
    }

    #[test]
    fn leading_timesteps_are_those_of_diffusers() {
        let ddim = |steps| Ddim::new(&published(), steps).unwrap().timesteps();
        assert_eq!(ddim(4), [751, 501, 251, 1]);
        assert_eq!(ddim(100)[..3], [991, 981, 971]);
        assert_eq!(ddim(150)[0], 895);
        assert_eq!(ddim(75)[0], 963);
        assert_eq!(ddim(1000)[0], 999);
    }

    #[test]
    fn other_spacings_reach_the_top() {
        let spaced = |timestep_spacing| {
            let config = DdimConfig { timestep_spacing, ..published() };
            Ddim::new(&config, 4).unwrap().timesteps()
        };
        assert_eq!(spaced(TimestepSpacing::Trailing), [999, 749, 499, 249]);
        assert_eq!(spaced(TimestepSpacing::Linspace), [999, 666, 333, 0]);
    }

    #[test]
    fn the_last_step_goes_to_the_first_table_entry() {
        let mut ddim = Ddim::new(&published(), 100).unwrap();
        let (sample, clean) = step(&mut ddim, 99, 0.5, 0.25);
        let alpha = 0.998289571f64;
        let expected = (0.5 - (1. - alpha).sqrt() * 0.25) / alpha.sqrt();
        assert!((f64::from(clean) - expected).abs() < 1e-6);
        let expected = 0.99915f64.sqrt() * expected + 0.00085f64.sqrt() * 0.25;
        assert!((f64::from(sample) - expected).abs() < 1e-6);
    }

    #[test]
    fn the_three_predictions_of_one_truth_agree() {
        // Clean sample 0.7 and noise −1.3 at t = 501 give the same next sample whichever the network predicts.
        let alpha = NoiseSchedule::linear(0.00085, 0.012, 1000).alpha_cumprod(501);
        let (signal, noise) = (alpha.sqrt() as f32, (1. - alpha).sqrt() as f32);
        let sample = signal * 0.7 + noise * -1.3;
        let next = |prediction_type, value| {
            let config = DdimConfig { prediction_type, ..published() };
            step(&mut Ddim::new(&config, 4).unwrap(), 1, sample, value)
        };
        let velocity = signal * -1.3 - noise * 0.7;
        for (next, clean) in [
            next(PredictionType::Epsilon, -1.3),
            next(PredictionType::Sample, 0.7),
            next(PredictionType::VPrediction, velocity),
        ] {
            let alpha = NoiseSchedule::linear(0.00085, 0.012, 1000).alpha_cumprod(251);
            let expected = alpha.sqrt() * 0.7 + (1. - alpha).sqrt() * -1.3;
            assert!((f64::from(next) - expected).abs() < 1e-5);
            assert!((clean - 0.7).abs() < 1e-5);
        }
    }

    #[test]
    fn clipping_bounds_the_clean_sample() {
        let config = DdimConfig {
            clip_sample: true,
            clip_sample_range: 2.,
            prediction_type: PredictionType::Sample,
            ..published()
        };
        let (_, clean) = step(&mut Ddim::new(&config, 4).unwrap(), 0, 0., 5.);
        assert_eq!(clean, 2.);
    }

    #[test]
    fn impossible_numbers_of_steps_are_errors() {
        for steps in [0, 1001] {
            let error = Ddim::new(&published(), steps).unwrap_err();
            assert!(matches!(error, ModelError::Steps { most: 1000, .. }));
        }
    }
}
