//! The prior's samplers, over predicted x₀: ancestral DDPM, as diffusers' `UnCLIPScheduler` and the original take it, and
//! two deterministic ones over the same training steps.

use candle_core::{Result, Tensor};

use super::decoder_schedule::Level;
use super::dpm_solver::Multistep;
use super::kind::PriorSamplerKind;
use super::noise_schedule::NoiseSchedule;
use crate::kandinsky::config::PriorSamplerConfig;
use crate::kandinsky::error::ModelError;

/// A respaced sampler. Noise comes from outside, so that it depends on nothing but the recipe.
#[derive(Debug)]
pub struct PriorSampler {
    kind: PriorSamplerKind,
    steps: Vec<Step>,
    clip: Option<f64>,
    multistep: Multistep,
}

/// One step: `x ← clean · x̂₀ + current · x + √variance · noise`.
#[derive(Debug, Clone, Copy)]
struct Step {
    timestep: usize,
    clean: f64,
    current: f64,
    variance: f64,
    level: Level,
    next: Level,
}

impl PriorSampler {
    /// The sampler that takes `steps` steps.
    ///
    /// # Errors
    /// [`ModelError::Steps`] unless 1 ≤ `steps` ≤ the number of training steps.
    pub fn new(
        config: &PriorSamplerConfig,
        kind: PriorSamplerKind,
        steps: usize,
    ) -> std::result::Result<Self, ModelError> {
        let most = config.num_train_timesteps;
        if steps == 0 || steps > most {
            return Err(ModelError::Steps { steps, most });
        }
        let schedule = NoiseSchedule::squared_cosine(most);
        let timesteps = timesteps(most, steps);
        let steps = timesteps
            .iter()
            .enumerate()
            .map(|(index, &timestep)| Step::new(&schedule, timestep, timesteps.get(index + 1).copied()))
            .collect();
        let clip = config.clip_sample.then_some(config.clip_sample_range);
        Ok(Self { kind, steps, clip, multistep: Multistep::default() })
    }

    /// How often the network is evaluated.
    pub fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Whether evaluation `index` is followed by fresh noise: all but the last of the ancestral sampler are.
    pub fn needs_noise(&self, index: usize) -> bool {
        self.kind == PriorSamplerKind::Ancestral && index + 1 < self.steps.len()
    }

    /// The training step of evaluation `index`.
    pub fn timestep(&self, index: usize) -> f32 {
        self.steps.get(index).map_or(0., |step| step.timestep as f32)
    }

    /// Advances `sample` past evaluation `index`. `noise` is looked at only where [needed](PriorSampler::needs_noise).
    ///
    /// # Errors
    /// If the shapes do not fit or noise is wanting.
    pub fn step(
        &mut self,
        index: usize,
        predicted: &Tensor,
        sample: &Tensor,
        noise: Option<&Tensor>,
    ) -> Result<Tensor> {
        let Some(&step) = self.steps.get(index) else {
            candle_core::bail!("the prior has {} steps, not {}", self.steps.len(), index + 1);
        };
        let predicted = match self.clip {
            Some(range) => predicted.clamp(-range, range)?,
            None => predicted.clone(),
        };
        match self.kind {
            PriorSamplerKind::Ancestral => self.ancestral(index, step, &predicted, sample, noise),
            PriorSamplerKind::Ddim => {
                let epsilon = ((sample - (&predicted * step.level.signal())?)? / step.level.noise())?;
                (&predicted * step.next.signal())? + (epsilon * step.next.noise())?
            }
            PriorSamplerKind::Fast => self.multistep.advance(sample, &predicted, step.level, step.next, false),
        }
    }

    fn ancestral(
        &self,
        index: usize,
        step: Step,
        predicted: &Tensor,
        sample: &Tensor,
        noise: Option<&Tensor>,
    ) -> Result<Tensor> {
        let mean = ((predicted * step.clean)? + (sample * step.current)?)?;
        if !self.needs_noise(index) {
            return Ok(mean);
        }
        let Some(noise) = noise else {
            candle_core::bail!("step {} of the prior needs noise", index + 1);
        };
        mean + (noise * step.variance.sqrt())?
    }
}

impl Step {
    /// The step from one training step to the `next`, or to a clean sample.
    ///
    /// In f32 on purpose, as the reference computes it. Exact arithmetic would keep 1.1e-4 of the noise at the first step,
    /// where β rounds to 1, and all of x̂₀ at the last, where the rounding of ᾱ leaves 0.99947 of it.
    fn new(schedule: &NoiseSchedule, timestep: usize, next: Option<usize>) -> Self {
        let signal = |t: Option<usize>| t.map_or(1., |t| schedule.alpha_cumprod(t));
        let before = timestep.checked_sub(1);
        let alpha = signal(Some(timestep)) as f32;
        let after = signal(next) as f32;
        let beta = if timestep == 0 || next == before {
            (1. - signal(Some(timestep)) / signal(before)) as f32
        } else {
            1. - alpha / after
        };
        let noise = 1. - alpha;
        Self {
            timestep,
            clean: (after.sqrt() * beta / noise).into(),
            current: ((1. - beta).sqrt() * (1. - after) / noise).into(),
            variance: f64::from((1. - after) / noise * beta).max(1e-20),
            level: Level { alpha: signal(Some(timestep)) },
            next: Level { alpha: signal(next) },
        }
    }
}

/// Evenly spaced training steps from the last to the first; one step starts at the last.
fn timesteps(train: usize, steps: usize) -> Vec<usize> {
    if steps == 1 {
        return vec![train - 1];
    }
    let stride = (train - 1) as f64 / (steps - 1) as f64;
    (0..steps).rev().map(|i| (i as f64 * stride).round_ties_even() as usize).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn sampler(steps: usize) -> PriorSampler {
        PriorSampler::new(&PriorSamplerConfig::default(), PriorSamplerKind::Ancestral, steps).unwrap()
    }

    #[test]
    fn five_steps_have_the_published_coefficients() {
        let sampler = sampler(5);
        for (step, (timestep, variance, clean, current)) in sampler.steps.iter().zip([
            // Exactly, the last of these would be 1.11e-4 and x̂₀'s share at t = 0 would be 1: see `Step::new`.
            (999, 0.85572789, 0.37983167, 0.),
            (749, 0.41943335, 0.57963084, 0.32119366),
            (500, 0.12688769, 0.75725027, 0.2315627),
            (250, 4.1275e-5, 0.99975275, 2.4638e-4),
            (0, 1e-20, 0.999473, 0.),
        ]) {
            assert_eq!(step.timestep, timestep);
            for (value, expected) in [(step.variance, variance), (step.clean, clean), (step.current, current)] {
                let tolerance = 1e-6 + 1e-6 * expected;
                assert!((value - expected).abs() < tolerance, "{timestep}: {value} is not {expected}");
            }
        }
    }

    #[test]
    fn twenty_five_steps_visit_the_published_timesteps() {
        let visited: Vec<usize> = sampler(25).steps.iter().map(|step| step.timestep).collect();
        let expected = [
            999, 957, 916, 874, 832, 791, 749, 708, 666, 624, 583, 541, 500, 458, 416, 375, 333, 291, 250, 208, 166,
            125, 83, 42, 0,
        ];
        assert_eq!(visited, expected);
    }

    #[test]
    fn predictions_are_clipped_and_the_last_step_draws_no_noise() {
        let mut sampler = sampler(5);
        let tensor = |value: f32| Tensor::new(&[value], &Device::Cpu).unwrap();
        let last = sampler.step(4, &tensor(50.), &tensor(3.), None).unwrap();
        let last = last.to_vec1::<f32>().unwrap()[0];
        assert!((last - 9.99473).abs() < 1e-4, "{last}");
        assert!(sampler.step(0, &tensor(0.), &tensor(0.), None).is_err());
        assert_eq!((0..5).filter(|&index| sampler.needs_noise(index)).count(), 4);
    }

    #[test]
    fn one_step_takes_the_prediction() {
        let tensor = |value: f32| Tensor::new(&[value], &Device::Cpu).unwrap();
        let only = sampler(1).step(0, &tensor(0.5), &tensor(3.), None).unwrap();
        assert_eq!(only.to_vec1::<f32>().unwrap(), [0.5]);
    }

    #[test]
    fn the_deterministic_samplers_need_no_noise_and_end_at_the_prediction() {
        let tensor = |value: f32| Tensor::new(&[value], &Device::Cpu).unwrap();
        for kind in [PriorSamplerKind::Ddim, PriorSamplerKind::Fast] {
            let mut sampler = PriorSampler::new(&PriorSamplerConfig::default(), kind, 5).unwrap();
            let mut sample = tensor(-1.3);
            for index in 0..5 {
                assert!(!sampler.needs_noise(index));
                sample = sampler.step(index, &tensor(0.25), &sample, None).unwrap();
            }
            let end = sample.to_vec1::<f32>().unwrap()[0];
            assert!((end - 0.25).abs() < 1e-6, "{kind:?}: {end}");
        }
    }
}
