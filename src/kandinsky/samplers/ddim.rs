//! DDIM without noise (Song et al., <https://arxiv.org/abs/2010.02502>, η = 0).

use candle_core::{Result, Tensor};

use super::decoder_schedule::DecoderSchedule;
use super::sampler::{Prediction, Sampled, Sampler};

/// Deterministic sampler.
#[derive(Debug, Clone)]
pub(super) struct Ddim {
    schedule: DecoderSchedule,
}

impl Ddim {
    pub(super) fn new(schedule: DecoderSchedule) -> Self {
        Self { schedule }
    }
}

impl Sampler for Ddim {
    fn steps(&self) -> usize {
        self.schedule.len()
    }

    fn timestep(&self, index: usize) -> f32 {
        self.schedule.timestep(index)
    }

    fn step(&mut self, index: usize, prediction: &Prediction, sample: &Tensor, _: Option<&Tensor>) -> Result<Sampled> {
        let step = self.schedule.step(index)?;
        let (clean, noise) = self.schedule.split(step.level, &prediction.value, sample)?;
        let sample = ((&clean * step.next.signal())? + (noise * step.next.noise())?)?;
        Ok(Sampled { sample, predicted: clean })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::kandinsky::NoiseSchedule;
    use crate::kandinsky::config::{DdimConfig, PredictionType, TimestepSpacing};
    use crate::kandinsky::samplers::DecoderSampling;

    /// One step on scalars: the sample and the prediction in, the next sample and the foreseen one out.
    fn step(ddim: &mut Ddim, index: usize, sample: f32, value: f32) -> (f32, f32) {
        let tensor = |value: f32| Tensor::new(&[value], &Device::Cpu).unwrap();
        let prediction = Prediction { value: tensor(value), variance: tensor(0.) };
        let sampled = ddim.step(index, &prediction, &tensor(sample), None).unwrap();
        let scalar = |tensor: &Tensor| tensor.to_vec1::<f32>().unwrap()[0];
        (scalar(&sampled.sample), scalar(&sampled.predicted))
    }

    fn ddim(config: &DdimConfig, steps: usize) -> Ddim {
        Ddim::new(DecoderSchedule::new(config, &DecoderSampling { steps, ..DecoderSampling::default() }).unwrap())
    }

    #[test]
    fn other_spacings_reach_the_top() {
        let spaced = |timestep_spacing| {
            let ddim = ddim(&DdimConfig { timestep_spacing, ..DdimConfig::published() }, 4);
            [0, 1, 2, 3].map(|index| ddim.timestep(index))
        };
        assert_eq!(spaced(TimestepSpacing::Trailing), [999., 749., 499., 249.]);
        assert_eq!(spaced(TimestepSpacing::Linspace), [999., 666., 333., 0.]);
    }

    #[test]
    fn the_last_step_goes_to_the_first_table_entry() {
        let mut ddim = ddim(&DdimConfig::published(), 100);
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
            let config = DdimConfig { prediction_type, ..DdimConfig::published() };
            step(&mut ddim(&config, 4), 1, sample, value)
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
            ..DdimConfig::published()
        };
        let (_, clean) = step(&mut ddim(&config, 4), 0, 0., 5.);
        assert_eq!(clean, 2.);
    }
}
