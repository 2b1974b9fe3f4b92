//! The prior's samplers, over predicted x₀: ancestral DDPM, as diffusers' `UnCLIPScheduler` and the original take it, and
//! two deterministic ones.

use candle_core::{Result, Tensor};

use super::dpm_solver::Multistep;
use super::kind::PriorSamplerKind;
use super::prior_schedule::{Step, steps_of};
use super::rules::Rules;
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

impl PriorSampler {
    /// The sampler that takes `steps` steps.
    ///
    /// # Errors
    /// [`ModelError::Steps`] unless 1 ≤ `steps` ≤ the number of training steps, and at a single step of the original, which fails.
    pub fn new(
        config: &PriorSamplerConfig,
        kind: PriorSamplerKind,
        steps: usize,
        rules: Rules,
    ) -> std::result::Result<Self, ModelError> {
        let most = config.num_train_timesteps;
        let least = if rules == Rules::Original { 2 } else { 1 };
        if steps < least || steps > most {
            return Err(ModelError::Steps { steps, most });
        }
        let steps = steps_of(most, kind, steps, rules);
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn sampler(steps: usize) -> PriorSampler {
        PriorSampler::new(&PriorSamplerConfig::default(), PriorSamplerKind::Ancestral, steps, Rules::Sound).unwrap()
    }

    #[test]
    fn predictions_are_clipped_and_the_last_step_draws_no_noise() {
        let mut sampler = sampler(5);
        let tensor = |value: f32| Tensor::new(&[value], &Device::Cpu).unwrap();
        let last = sampler.step(4, &tensor(50.), &tensor(3.), None).unwrap();
        let last = last.to_vec1::<f32>().unwrap()[0];
        assert_eq!(last, 10.);
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
            let mut sampler = PriorSampler::new(&PriorSamplerConfig::default(), kind, 5, Rules::Sound).unwrap();
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
