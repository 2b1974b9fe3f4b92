//! DPM-Solver++ of second order, multistep (Lu et al., <https://arxiv.org/abs/2211.01095>, algorithm 2), as diffusers'
//! `DPMSolverMultistepScheduler` takes its steps with linspace spacing and the last level at the first training step.

use candle_core::{Result, Tensor};

use super::decoder_schedule::{DecoderSchedule, Level};
use super::sampler::{Prediction, Sampled, Sampler};

/// With fewer steps the last one is of first order: it is long, and extrapolation overshoots.
const FEW_STEPS: usize = 15;

/// Fast deterministic sampler.
#[derive(Debug)]
pub(super) struct DpmSolver {
    schedule: DecoderSchedule,
    multistep: Multistep,
}

/// The solver's state between steps.
#[derive(Debug, Default)]
pub(super) struct Multistep {
    /// Clean sample foreseen one step before, and log-SNR there.
    previous: Option<(Tensor, f64)>,
}

impl DpmSolver {
    pub(super) fn new(schedule: DecoderSchedule) -> Self {
        Self { schedule, multistep: Multistep::default() }
    }
}

impl Sampler for DpmSolver {
    fn steps(&self) -> usize {
        self.schedule.len()
    }

    fn timestep(&self, index: usize) -> f32 {
        self.schedule.timestep(index)
    }

    fn step(&mut self, index: usize, prediction: &Prediction, sample: &Tensor, _: Option<&Tensor>) -> Result<Sampled> {
        let step = self.schedule.step(index)?;
        let (clean, _) = self.schedule.split(step.level, &prediction.value, sample)?;
        let is_last = index + 1 == self.steps() && self.steps() < FEW_STEPS;
        let sample = self.multistep.advance(sample, &clean, step.level, step.next, is_last)?;
        Ok(Sampled { sample, predicted: clean })
    }
}

impl Multistep {
    /// The sample at level `to`, from the sample at level `from` and the clean one foreseen there.
    pub(super) fn advance(
        &mut self,
        sample: &Tensor,
        clean: &Tensor,
        from: Level,
        to: Level,
        first_order: bool,
    ) -> Result<Tensor> {
        let log_snr = |level: Level| (level.signal() / level.noise()).ln();
        let here = log_snr(from);
        let extrapolated = match &self.previous {
            // At ᾱ = 1 there is nothing left but the clean sample.
            Some((before, lambda)) if !first_order && to.alpha < 1. => {
                // Half of D₁ = (D₀ − D₋₁) / r with r = h₀ / h.
                let half = 0.5 * (log_snr(to) - here) / (here - lambda);
                (clean + ((clean - before)? * half)?)?
            }
            _ => clean.clone(),
        };
        self.previous = Some((clean.clone(), here));
        // e^{−h} = (σ_t α_s) / (σ_s α_t), so −α_t (e^{−h} − 1) = α_t − α_s σ_t / σ_s: finite up to ᾱ = 1.
        let ratio = to.noise() / from.noise();
        (sample * ratio)? + (extrapolated * (to.signal() - from.signal() * ratio))?
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn tensor(value: f32) -> Tensor {
        Tensor::new(&[value], &Device::Cpu).unwrap()
    }

    fn number(tensor: &Tensor) -> f32 {
        tensor.to_vec1::<f32>().unwrap()[0]
    }

    /// x₀ = 2 everywhere: the exact path is √ᾱ · 2 + √(1 − ᾱ) · ε with one ε, which every order must follow.
    #[test]
    fn a_constant_prediction_is_followed_exactly() {
        let levels = [0.01, 0.2, 0.6, 0.9, 1.0].map(|alpha| Level { alpha });
        let exact = |level: Level| (2. * level.signal() - 0.7 * level.noise()) as f32;
        let mut multistep = Multistep::default();
        let mut sample = tensor(exact(levels[0]));
        for pair in levels.windows(2) {
            sample = multistep.advance(&sample, &tensor(2.), pair[0], pair[1], false).unwrap();
            assert!((number(&sample) - exact(pair[1])).abs() < 1e-5);
        }
    }

    /// x₀ that is linear in λ is what the second order integrates best: it must beat the first.
    #[test]
    fn the_second_order_is_nearer_than_the_first() {
        let level = |lambda: f64| Level { alpha: 1. / (1. + (-2. * lambda).exp()) };
        let run = |steps: u32, first_order: bool| {
            let mut multistep = Multistep::default();
            let at = |i: u32| -2. + 4. * f64::from(i) / f64::from(steps);
            let mut sample = tensor(0.3);
            for i in 0..steps {
                let clean = tensor(at(i) as f32);
                sample = multistep.advance(&sample, &clean, level(at(i)), level(at(i + 1)), first_order).unwrap();
            }
            number(&sample)
        };
        let exact = run(4000, false);
        assert!((run(20, false) - exact).abs() < 0.2 * (run(20, true) - exact).abs());
    }
}
