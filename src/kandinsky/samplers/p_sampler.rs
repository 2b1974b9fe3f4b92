//! The original's `p_sampler`: ancestral DDPM with the range of variance that the network learned (Nichol and Dhariwal,
//! <https://arxiv.org/abs/2102.09672>) and dynamic thresholding (Saharia et al., <https://arxiv.org/abs/2205.11487>).

use candle_core::{Result, Tensor};

use super::decoder_schedule::{DecoderSchedule, Step};
use super::rules::Rules;
use super::sampler::{Prediction, Sampled, Sampler};
use crate::kandinsky::config::PredictionType;

/// Range of the predicted clean sample.
const RANGE: f64 = 2.;
/// Share of the values that must fit into the threshold.
const QUANTILE: f64 = 0.995;

/// Known latents that are laid into every predicted sample where a part is drawn anew.
#[derive(Debug, Clone)]
pub struct Paste {
    /// `[n, channels, h, w]`, f32.
    pub latents: Tensor,
    /// 1 = keep, `[n, 1, h, w]`, f32.
    pub mask: Tensor,
}

impl Paste {
    /// What an inpainting network is told, `[n, channels + 1, h, w]`: see [`inpaint_input`](crate::kandinsky::inpaint_input).
    ///
    /// # Errors
    /// If the shape does not fit.
    pub fn of_input(known: &Tensor, channels: usize) -> Result<Self> {
        Ok(Self { latents: known.narrow(1, 0, channels)?, mask: known.narrow(1, channels, 1)? })
    }
}

/// Ancestral sampler.
///
/// Only networks that predict noise were trained to tell the variance. Others get the posterior's, and no threshold.
#[derive(Debug)]
pub(super) struct PSampler {
    schedule: DecoderSchedule,
    rules: Rules,
    paste: Option<Paste>,
}

impl PSampler {
    pub(super) fn new(schedule: DecoderSchedule, rules: Rules, paste: Option<Paste>) -> Self {
        Self { schedule, rules, paste }
    }

    fn learns_variance(&self) -> bool {
        self.schedule.prediction == PredictionType::Epsilon
    }

    fn clean(&self, step: Step, value: &Tensor, sample: &Tensor) -> Result<Tensor> {
        let (mut clean, _) = self.schedule.split(step.level, value, sample)?;
        if !self.learns_variance() {
            return self.with_known(clean);
        }
        // diffusers bounds the quantile instead: the same but where it lies between a value inside of the range and one outside.
        if self.rules != Rules::Diffusers {
            clean = clean.clamp(-RANGE, RANGE)?;
        }
        if self.rules == Rules::Original {
            // What is known is then judged and divided as if it were predicted.
            return self.threshold(&self.with_known(clean)?);
        }
        self.with_known(self.threshold(&clean)?)
    }

    /// With the known latents, where there are some.
    fn with_known(&self, clean: Tensor) -> Result<Tensor> {
        let Some(Paste { latents, mask }) = &self.paste else { return Ok(clean) };
        clean.broadcast_mul(&(1. - mask)?)? + latents.broadcast_mul(mask)?
    }

    /// Clamps to the quantile of absolute values where it is above 1, and divides by it.
    fn threshold(&self, clean: &Tensor) -> Result<Tensor> {
        let pictures = clean.dim(0)?;
        // Latents that the original pasted may lie outside of the range.
        let most = if self.rules == Rules::Diffusers { RANGE as f32 } else { f32::INFINITY };
        let judged = if self.rules == Rules::Original { 1 } else { pictures };
        let bounds = (0..pictures).map(|picture| {
            let picture = clean.get(picture % judged)?;
            Ok(quantile(picture.abs()?.flatten_all()?.to_vec1()?, QUANTILE).clamp(1., most))
        });
        let bounds: Vec<f32> = bounds.collect::<Result<_>>()?;
        let bounds = Tensor::from_vec(bounds, (pictures, 1, 1, 1), clean.device())?;
        let low = clean.broadcast_maximum(&bounds.neg()?)?;
        low.broadcast_minimum(&bounds)?.broadcast_div(&bounds)
    }

    /// Half the logarithm of the variance, as a standard deviation.
    fn deviation(&self, index: usize, learned: &Tensor) -> Result<Tensor> {
        let step = self.schedule.step(index)?;
        let low = posterior_variance(step).max(1e-20).ln();
        if !self.learns_variance() {
            return (learned.zeros_like()? + low * 0.5)?.exp();
        }
        let high = beta(step).ln();
        // The weight of the upper bound is (v + 1) / 2.
        let weight = ((learned + 1.)? * 0.5)?;
        (((weight * (high - low))? + low)? * 0.5)?.exp()
    }
}

/// β of the step between two visited levels.
fn beta(step: Step) -> f64 {
    1. - step.level.alpha / step.next.alpha
}

fn posterior_variance(step: Step) -> f64 {
    beta(step) * (1. - step.next.alpha) / (1. - step.level.alpha)
}

/// Linear interpolation between the two nearest ranks, as `torch.quantile`.
fn quantile(mut values: Vec<f32>, fraction: f64) -> f32 {
    values.sort_unstable_by(f32::total_cmp);
    let rank = fraction * values.len().saturating_sub(1) as f64;
    let at = |rank: f64| values.get(rank as usize).copied().unwrap_or_default();
    let (low, high) = (at(rank.floor()), at(rank.ceil()));
    low + (high - low) * rank.fract() as f32
}

impl Sampler for PSampler {
    fn steps(&self) -> usize {
        self.schedule.len()
    }

    fn timestep(&self, index: usize) -> f32 {
        self.schedule.timestep(index)
    }

    fn needs_noise(&self, index: usize) -> bool {
        index + 1 < self.schedule.len()
    }

    fn step(
        &mut self,
        index: usize,
        prediction: &Prediction,
        sample: &Tensor,
        noise: Option<&Tensor>,
    ) -> Result<Sampled> {
        let step = self.schedule.step(index)?;
        let clean = self.clean(step, &prediction.value, sample)?;
        let beta = beta(step);
        let of_clean = step.next.signal() * beta / (1. - step.level.alpha);
        let of_sample = (1. - beta).sqrt() * (1. - step.next.alpha) / (1. - step.level.alpha);
        let mean = ((&clean * of_clean)? + (sample * of_sample)?)?;
        if !self.needs_noise(index) {
            return Ok(Sampled { sample: mean, predicted: clean });
        }
        let Some(noise) = noise else {
            candle_core::bail!("step {} of p_sampler needs noise", index + 1);
        };
        let sample = (mean + (noise * self.deviation(index, &prediction.variance)?)?)?;
        Ok(Sampled { sample, predicted: clean })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::kandinsky::config::DdimConfig;
    use crate::kandinsky::samplers::{DecoderSampling, SamplerKind};

    #[test]
    fn a_hundred_steps_have_the_published_variances() {
        let run = DecoderSampling { kind: SamplerKind::PSampler, ..DecoderSampling::default() };
        let schedule = DecoderSchedule::new(&DdimConfig::published(), &run).unwrap();
        for (from_end, timestep, alpha, low, high) in [
            (2, 20, 0.97999912, -5.2883714, -4.5870337),
            (50, 505, 0.15564215, -2.6944929, -2.6808437),
            (99, 999, 0.00157896, -2.1781615, -2.1779595),
        ] {
            let step = schedule.step(99 - from_end).unwrap();
            assert_eq!(step.timestep, timestep);
            for (value, expected) in
                [(step.level.alpha, alpha), (posterior_variance(step).ln(), low), (beta(step).ln(), high)]
            {
                assert!((value - expected).abs() < 2e-7, "{timestep}: {value} is not {expected}");
            }
        }
    }

    #[test]
    fn a_quantile_lies_between_ranks() {
        assert_eq!(quantile(vec![3., 1., 2., 4., 5.], 0.5), 3.);
        assert!((quantile((0..=100).map(|i| i as f32).collect(), 0.995) - 99.5).abs() < 1e-4);
    }

    /// Where the last step ends: two cells, of which the second is known to be 3.
    fn end(rules: Rules, prediction_type: PredictionType) -> Vec<f32> {
        let cells = |values: [f32; 2]| Tensor::new(&[[[values]]], &candle_core::Device::Cpu).unwrap();
        let run = DecoderSampling { kind: SamplerKind::PSampler, steps: 2, strength: None, rules };
        let config = DdimConfig { prediction_type, ..DdimConfig::published() };
        let paste = Paste { latents: cells([0., 3.]), mask: cells([0., 1.]) };
        let mut sampler = PSampler::new(DecoderSchedule::new(&config, &run).unwrap(), rules, Some(paste));
        let value = if prediction_type == PredictionType::Epsilon { [0., 0.] } else { [0.9, 0.9] };
        let prediction = Prediction { value: cells(value), variance: cells([0., 0.]) };
        let sampled = sampler.step(1, &prediction, &cells([0.9, 0.9]), None).unwrap();
        sampled.sample.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn what_is_known_of_a_picture_is_laid_in_as_it_is() {
        let [drawn, known] = end(Rules::Sound, PredictionType::Epsilon)[..] else { panic!("two cells") };
        assert!((known - 3.).abs() < 1e-6 && (drawn - 0.9004).abs() < 1e-4, "{drawn}, {known}");
        let [drawn, known] = end(Rules::Sound, PredictionType::Sample)[..] else { panic!("two cells") };
        assert!((known - 3.).abs() < 1e-6 && (drawn - 0.9).abs() < 1e-6, "{drawn}, {known}");
    }

    #[test]
    fn the_original_divides_what_is_known_by_the_threshold() {
        let [drawn, known] = end(Rules::Original, PredictionType::Epsilon)[..] else { panic!("two cells") };
        // 99.5 % of the way from 0.9004 to 3.
        let bound = 0.9004 + 0.995 * (3. - 0.9004);
        assert!((known - 1.).abs() < 1e-6 && (drawn - 0.9004 / bound).abs() < 1e-4, "{drawn}, {known}");
    }
}
