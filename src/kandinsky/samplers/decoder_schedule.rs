//! Which training steps the decoder visits, how much signal there is at each, and where it starts.

use candle_core::{Result, Tensor};

use super::kind::SamplerKind;
use super::noise_schedule::NoiseSchedule;
use super::respacing::{added_up, evenly, strided};
use super::rules::Rules;
use super::sampling::DecoderSampling;
use crate::kandinsky::config::{DdimConfig, PredictionType, TimestepSpacing};
use crate::kandinsky::error::ModelError;

/// Noise level of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    /// ᾱ, the share of signal power.
    pub(super) alpha: f64,
}

impl Level {
    /// √ᾱ.
    pub(super) fn signal(self) -> f64 {
        self.alpha.sqrt()
    }

    /// √(1 − ᾱ).
    pub(super) fn noise(self) -> f64 {
        (1. - self.alpha).sqrt()
    }
}

/// One step: from the level at `timestep` to the `next`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) timestep: usize,
    pub(super) level: Level,
    pub(super) next: Level,
}

/// With which coefficients a picture's latents and noise make the first sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Start {
    /// Of the picture's latents; 0 without a picture.
    pub signal: f64,
    /// Of the noise.
    pub noise: f64,
}

/// The steps of one run, from the noisiest.
#[derive(Debug, Clone)]
pub(super) struct DecoderSchedule {
    pub(super) steps: Vec<Step>,
    pub(super) start: Start,
    pub(super) prediction: PredictionType,
    clip: Option<f64>,
}

impl DecoderSchedule {
    /// # Errors
    /// [`ModelError::Steps`] unless 1 ≤ steps ≤ the number of training steps, and where the original itself fails: where its list
    /// runs past the last training step, and at a single step of its `p_sampler`.
    pub(super) fn new(config: &DdimConfig, run: &DecoderSampling) -> std::result::Result<Self, ModelError> {
        let most = config.num_train_timesteps;
        let wrong = ModelError::Steps { steps: run.steps, most };
        let is_refused_by_original =
            run.rules == Rules::Original && run.kind == SamplerKind::PSampler && run.steps == 1;
        if run.steps == 0 || run.steps > most || is_refused_by_original {
            return Err(wrong);
        }
        let noise = NoiseSchedule::from_config(config);
        let level = |timestep: usize| Level { alpha: noise.alpha_cumprod(timestep) };
        let mut timesteps = timesteps(config, run);
        let start = match run.strength {
            None => Start { signal: 0., noise: 1. },
            Some(strength) => {
                let (kept, start) = shorten(&timesteps, run, strength, &noise);
                if kept == 0 {
                    return Err(wrong);
                }
                timesteps.drain(..timesteps.len() - kept);
                start
            }
        };
        // The original cuts its list before it looks the levels up.
        if timesteps.first().is_none_or(|&first| first >= most) {
            return Err(wrong);
        }
        let last =
            if run.kind == SamplerKind::PSampler || config.set_alpha_to_one { Level { alpha: 1. } } else { level(0) };
        let next = |index: usize| timesteps.get(index + 1).map_or(last, |&timestep| level(timestep));
        let steps = timesteps
            .iter()
            .enumerate()
            .map(|(index, &timestep)| Step { timestep, level: level(timestep), next: next(index) })
            .collect();
        let clip = config.clip_sample.then_some(config.clip_sample_range);
        Ok(Self { steps, start, prediction: config.prediction_type, clip })
    }

    /// How many steps there are.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The timestep of evaluation `index`, in training steps; 0 past the end.
    pub(super) fn timestep(&self, index: usize) -> f32 {
        self.steps.get(index).map_or(0., |step| step.timestep as f32)
    }

    /// The step of evaluation `index`.
    pub(super) fn step(&self, index: usize) -> Result<Step> {
        match self.steps.get(index) {
            Some(&step) => Ok(step),
            None => candle_core::bail!("the sampler has {} steps, not {}", self.steps.len(), index + 1),
        }
    }

    /// The clean sample (clipped where the model's schedule says so) and the noise that a prediction stands for.
    pub(super) fn split(&self, level: Level, value: &Tensor, sample: &Tensor) -> Result<(Tensor, Tensor)> {
        let (signal, noise) = (level.signal(), level.noise());
        let (clean, epsilon) = match self.prediction {
            PredictionType::Epsilon => (((sample - (value * noise)?)? / signal)?, value.clone()),
            PredictionType::Sample => (value.clone(), ((sample - (value * signal)?)? / noise)?),
            PredictionType::VPrediction => {
                (((sample * signal)? - (value * noise)?)?, ((value * signal)? + (sample * noise)?)?)
            }
        };
        // The noise stays as predicted when the sample is clipped: diffusers' default.
        Ok((self.clipped(clean)?, epsilon))
    }

    /// The clean sample within the range that the model's schedule names, if any.
    pub(super) fn clipped(&self, clean: Tensor) -> Result<Tensor> {
        match self.clip {
            Some(range) => clean.clamp(-range, range),
            None => Ok(clean),
        }
    }
}

/// The training steps to visit from pure noise, from the noisiest.
fn timesteps(config: &DdimConfig, run: &DecoderSampling) -> Vec<usize> {
    let (train, steps) = (config.num_train_timesteps, run.steps);
    match (run.kind, run.rules) {
        (SamplerKind::DpmSolver, _) => evenly(steps + 1, train - 1).into_iter().take(steps).collect(),
        (SamplerKind::PSampler, Rules::Diffusers) => (0..steps).rev().map(|i| i * (train / steps)).collect(),
        (SamplerKind::PSampler, Rules::Original) => added_up(steps, train - 1),
        (SamplerKind::PSampler, Rules::Sound) => evenly(steps, train - 1),
        (_, Rules::Original) => strided(steps, train),
        (_, Rules::Sound) if config.timestep_spacing == TimestepSpacing::Leading => {
            let at =
                |i: usize| (i as f64 * train as f64 / steps as f64).round_ties_even() as usize + config.steps_offset;
            (0..steps).rev().map(|i| at(i).min(train - 1)).collect()
        }
        _ => spaced(config, steps),
    }
}

/// diffusers' lists (Lin et al., <https://arxiv.org/abs/2305.08891>, table 2).
fn spaced(config: &DdimConfig, steps: usize) -> Vec<usize> {
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
        TimestepSpacing::Linspace => evenly(steps, train - 1),
    }
}

/// How many of the last steps are taken when a picture is changed, and how its latents are noised before.
///
/// The originals noise with another schedule (β from 1e-4 to 0.02) than they sample with; [`Rules::Sound`] takes the level
/// that the sampler assumes.
fn shorten(list: &[usize], run: &DecoderSampling, strength: f64, own: &NoiseSchedule) -> (usize, Start) {
    let total = list.len() as f64;
    let at = |alpha: f64| Start { signal: alpha.sqrt(), noise: (1. - alpha).sqrt() };
    let published = |timestep: usize| at(NoiseSchedule::linear(1e-4, 0.02, own.steps()).alpha_cumprod(timestep));
    match run.rules {
        Rules::Sound => {
            let kept = ((total * strength).round_ties_even() as usize).clamp(1, list.len());
            (kept, at(own.alpha_cumprod(list[list.len() - kept])))
        }
        Rules::Diffusers => {
            let kept = ((total * strength) as usize).min(list.len());
            (kept, published(((own.steps() as f64 * strength) as usize).saturating_sub(2)))
        }
        Rules::Original => {
            // The original counts what is kept of the picture; its rounding errors decide the step.
            let kept_share = 1. - strength;
            if run.kind == SamplerKind::PSampler {
                let start = ((total * (1. - kept_share)) as usize).min(list.len());
                return (start, published(list.get(list.len() - start).copied().unwrap_or(0)));
            }
            let start = (own.steps() as f64 * (1. - kept_share)) as usize;
            let kept = list.iter().filter(|&&timestep| timestep <= start).count();
            (kept, published(start.saturating_sub(1)))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn visited(kind: SamplerKind, steps: usize, rules: Rules, strength: Option<f64>) -> (Vec<usize>, Start) {
        let run = DecoderSampling { kind, steps, rules, strength };
        let schedule = DecoderSchedule::new(&DdimConfig::published(), &run).unwrap();
        (schedule.steps.iter().map(|step| step.timestep).collect(), schedule.start)
    }

    #[test]
    fn where_the_steps_divide_a_thousand_all_rules_visit_the_same() {
        let list = |rules| visited(SamplerKind::Ddim, 100, rules, None).0;
        let expected: Vec<usize> = (0..100).rev().map(|i| i * 10 + 1).collect();
        for rules in [Rules::Sound, Rules::Diffusers, Rules::Original] {
            assert_eq!(list(rules), expected, "{rules:?}");
        }
    }

    #[test]
    fn elsewhere_the_originals_take_too_many_steps_or_start_too_low() {
        let list = |steps, rules| visited(SamplerKind::Plms, steps, rules, None).0;
        let (original, diffusers, sound) =
            (list(150, Rules::Original), list(150, Rules::Diffusers), list(150, Rules::Sound));
        assert_eq!((original.len(), original[0]), (167, 997));
        assert_eq!((diffusers.len(), diffusers[0]), (150, 895));
        assert_eq!((sound.len(), sound[0], sound[149]), (150, 994, 1));
        let run = DecoderSampling { steps: 37, rules: Rules::Original, ..DecoderSampling::default() };
        assert!(DecoderSchedule::new(&DdimConfig::published(), &run).is_err(), "step 1000 is not there");
        // A changed picture begins below it.
        assert_eq!(visited(SamplerKind::Ddim, 37, Rules::Original, Some(0.5)).0[0], 487);
    }

    #[test]
    fn the_ancestral_sampler_visits_both_ends() {
        let original = visited(SamplerKind::PSampler, 100, Rules::Original, None).0;
        assert_eq!((original[0], original[1], original[99], original[94]), (999, 989, 0, 50));
        assert_eq!(visited(SamplerKind::PSampler, 100, Rules::Diffusers, None).0[0], 990);
        let added = visited(SamplerKind::PSampler, 21, Rules::Original, None).0;
        let exact = visited(SamplerKind::PSampler, 21, Rules::Sound, None).0;
        assert_eq!((added[10], exact[10]), (499, 500));
        let fast = visited(SamplerKind::DpmSolver, 20, Rules::Sound, None).0;
        assert_eq!((fast.len(), fast[0], fast[19]), (20, 999, 50));
    }

    #[test]
    fn a_picture_is_noised_as_the_rules_say() {
        let start = |strength, rules| {
            let (list, start) = visited(SamplerKind::Ddim, 100, rules, Some(strength));
            (list.len(), list[0], (start.signal.powi(2) * 1e6).round() / 1e6)
        };
        assert_eq!(start(0.3, Rules::Sound), (30, 291, 0.485091));
        assert_eq!(start(0.3, Rules::Diffusers), (30, 291, 0.398835));
        assert_eq!(start(0.3, Rules::Original), (30, 291, 0.39642));
        // 1 − (1 − 0.2) is a little less than 0.2.
        assert_eq!(start(0.2, Rules::Original).0, 20);
        assert_eq!(start(0.001, Rules::Sound).0, 1);
    }

    #[test]
    fn steps_out_of_range_are_refused() {
        let single = |rules| DecoderSampling { kind: SamplerKind::PSampler, steps: 1, rules, strength: None };
        DecoderSchedule::new(&DdimConfig::published(), &single(Rules::Original)).unwrap_err();
        DecoderSchedule::new(&DdimConfig::published(), &single(Rules::Sound)).unwrap();
        for steps in [0, 1001] {
            let run = DecoderSampling { steps, ..DecoderSampling::default() };
            assert!(DecoderSchedule::new(&DdimConfig::published(), &run).is_err());
        }
    }
}
