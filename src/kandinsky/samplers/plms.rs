//! PLMS, pseudo linear multistep (Liu et al., <https://arxiv.org/abs/2202.09778>), as the original program takes its steps.

use std::collections::VecDeque;

use candle_core::{Result, Tensor};

use super::decoder_schedule::{DecoderSchedule, Step};
use super::sampler::{Prediction, Sampled, Sampler};

/// Deterministic sampler that extrapolates the noise from the last predictions (Adams–Bashforth). The first step is tried,
/// and taken again with the mean of the noise at both its ends: one evaluation more than there are steps.
#[derive(Debug)]
pub(super) struct Plms {
    schedule: DecoderSchedule,
    /// Noise predicted before, the latest first; at most three.
    noises: VecDeque<Tensor>,
    /// The first sample, while its step is tried.
    first: Option<Tensor>,
}

impl Plms {
    pub(super) fn new(schedule: DecoderSchedule) -> Self {
        Self { schedule, noises: VecDeque::new(), first: None }
    }

    /// The step that evaluation `index` belongs to, and the one whose level its input has.
    fn steps_of(&self, index: usize) -> Result<(Step, Step)> {
        match index {
            0 => Ok((self.schedule.step(0)?, self.schedule.step(0)?)),
            1 if self.schedule.len() == 1 => Ok((self.schedule.step(0)?, self.schedule.step(0)?)),
            1 => Ok((self.schedule.step(0)?, self.schedule.step(1)?)),
            _ => Ok((self.schedule.step(index - 1)?, self.schedule.step(index - 1)?)),
        }
    }

    fn advance(&self, step: Step, noise: &Tensor, sample: &Tensor) -> Result<Sampled> {
        let clean = self.schedule.clipped(((sample - (noise * step.level.noise())?)? / step.level.signal())?)?;
        let sample = ((&clean * step.next.signal())? + (noise * step.next.noise())?)?;
        Ok(Sampled { sample, predicted: clean })
    }

    /// The noise to step with: a mean of the present and the past ones.
    fn extrapolate(&self, noise: &Tensor) -> Result<Tensor> {
        let past = |index: usize, factor: f64| &self.noises[index] * factor;
        match self.noises.len() {
            0 => Ok(noise.clone()),
            1 => ((noise * 3.)? - past(0, 1.)?)? / 2.,
            2 => (((noise * 23.)? - past(0, 16.)?)? + past(1, 5.)?)? / 12.,
            _ => ((((noise * 55.)? - past(0, 59.)?)? + past(1, 37.)?)? - past(2, 9.)?)? / 24.,
        }
    }
}

impl Sampler for Plms {
    fn steps(&self) -> usize {
        self.schedule.len() + 1
    }

    fn timestep(&self, index: usize) -> f32 {
        self.steps_of(index).map_or(0., |(_, input)| input.timestep as f32)
    }

    fn step(&mut self, index: usize, prediction: &Prediction, sample: &Tensor, _: Option<&Tensor>) -> Result<Sampled> {
        let (step, input) = self.steps_of(index)?;
        let (_, noise) = self.schedule.split(input.level, &prediction.value, sample)?;
        if index == 0 {
            self.first = Some(sample.clone());
            let tried = self.advance(step, &noise, sample);
            self.noises.push_front(noise);
            return tried;
        }
        if let Some(first) = self.first.take() {
            // Only the first prediction is remembered: the trial is not part of the history.
            let mean = ((&noise + &self.noises[0])? / 2.)?;
            return self.advance(step, &mean, &first);
        }
        let extrapolated = self.extrapolate(&noise)?;
        self.noises.push_front(noise);
        self.noises.truncate(3);
        self.advance(step, &extrapolated, sample)
    }
}
