//! Which training steps the prior visits, and with which coefficients it leaves each.

use super::decoder_schedule::Level;
use super::kind::PriorSamplerKind;
use super::noise_schedule::NoiseSchedule;
use super::respacing::{added_up, evenly, strided};
use super::rules::Rules;

/// One step: `x ← clean · x̂₀ + current · x + √variance · noise`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) timestep: usize,
    pub(super) clean: f64,
    pub(super) current: f64,
    pub(super) variance: f64,
    pub(super) level: Level,
    pub(super) next: Level,
}

/// The steps of a run over `train` training steps, from the noisiest.
pub(super) fn steps_of(train: usize, kind: PriorSamplerKind, steps: usize, rules: Rules) -> Vec<Step> {
    let schedule = NoiseSchedule::squared_cosine(train);
    let list = match (rules, kind) {
        (Rules::Original, PriorSamplerKind::Ancestral) => added_up(steps, train - 1),
        // Where its list ends past the last training step, the original leaves that one out.
        (Rules::Original, PriorSamplerKind::Ddim) => {
            strided(steps, train).into_iter().filter(|&timestep| timestep < train).collect()
        }
        _ => evenly(steps, train - 1),
    };
    let next = |index: usize| list.get(index + 1).copied();
    let step = |(index, &timestep)| match rules {
        Rules::Diffusers => Step::rounded(&schedule, timestep, next(index)),
        Rules::Sound | Rules::Original => Step::exact(&schedule, timestep, next(index)),
    };
    list.iter().enumerate().map(step).collect()
}

impl Step {
    /// The step from one training step to the `next`, or to a clean sample.
    fn exact(schedule: &NoiseSchedule, timestep: usize, next: Option<usize>) -> Self {
        let signal = |t: Option<usize>| t.map_or(1., |t| schedule.alpha_cumprod(t));
        let (level, after) = (signal(Some(timestep)), signal(next));
        let beta = 1. - level / after;
        Self {
            timestep,
            clean: after.sqrt() * beta / (1. - level),
            current: (1. - beta).sqrt() * (1. - after) / (1. - level),
            variance: (1. - after) / (1. - level) * beta,
            level: Level { alpha: level },
            next: Level { alpha: after },
        }
    }

    /// The same in f32, as diffusers computes it: the first step, where β rounds to 1, keeps nothing of the noise instead of
    /// 1.1e-4, and at the last the rounding of ᾱ leaves 0.99947 of x̂₀.
    fn rounded(schedule: &NoiseSchedule, timestep: usize, next: Option<usize>) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn list(kind: PriorSamplerKind, steps: usize, rules: Rules) -> Vec<usize> {
        steps_of(1000, kind, steps, rules).iter().map(|step| step.timestep).collect()
    }

    #[track_caller]
    fn has_coefficients(rules: Rules, expected: [(usize, f64, f64, f64); 5]) {
        let steps = steps_of(1000, PriorSamplerKind::Ancestral, 5, rules);
        for (step, (timestep, variance, clean, current)) in steps.iter().zip(expected) {
            assert_eq!(step.timestep, timestep);
            for (value, expected) in [(step.variance, variance), (step.clean, clean), (step.current, current)] {
                let tolerance = 1e-6 + 1e-6 * expected;
                assert!((value - expected).abs() < tolerance, "{timestep}: {value} is not {expected}");
            }
        }
    }

    #[test]
    fn the_last_step_keeps_all_of_the_embedding() {
        let expected = [
            (999, 0.855_727_89, 0.379_831_67, 1.11e-4),
            (749, 0.419_433_35, 0.579_630_84, 0.321_193_66),
            (500, 0.126_887_69, 0.757_250_27, 0.231_562_7),
            (250, 4.1275e-5, 0.999_752_75, 2.4638e-4),
            (0, 0., 1., 0.),
        ];
        has_coefficients(Rules::Sound, expected);
        has_coefficients(Rules::Original, expected);
    }

    #[test]
    fn diffusers_rounds_and_keeps_a_little_less() {
        has_coefficients(
            Rules::Diffusers,
            [
                (999, 0.855_727_89, 0.379_831_67, 0.),
                (749, 0.419_433_35, 0.579_630_84, 0.321_193_66),
                (500, 0.126_887_69, 0.757_250_27, 0.231_562_7),
                (250, 4.1275e-5, 0.999_752_75, 2.4638e-4),
                (0, 1e-20, 0.999_473, 0.),
            ],
        );
    }

    #[test]
    fn twenty_five_steps_visit_the_published_timesteps() {
        let expected = [
            999, 957, 916, 874, 832, 791, 749, 708, 666, 624, 583, 541, 500, 458, 416, 375, 333, 291, 250, 208, 166,
            125, 83, 42, 0,
        ];
        for rules in [Rules::Sound, Rules::Diffusers, Rules::Original] {
            assert_eq!(list(PriorSamplerKind::Ancestral, 25, rules), expected, "{rules:?}");
        }
        // The original adds the stride up.
        assert_eq!(list(PriorSamplerKind::Ancestral, 21, Rules::Original)[10], 499);
        assert_eq!(list(PriorSamplerKind::Ancestral, 21, Rules::Sound)[10], 500);
    }

    #[test]
    fn the_originals_ddim_takes_a_whole_stride() {
        let original = list(PriorSamplerKind::Ddim, 25, Rules::Original);
        assert_eq!((original.len(), original[0], original[1], original[24]), (25, 961, 921, 1));
        let sound = list(PriorSamplerKind::Ddim, 25, Rules::Sound);
        assert_eq!((sound.len(), sound[0], sound[24]), (25, 999, 0));
        // 1000 is past the end: 999 / 27 + 1 steps without it.
        let short = list(PriorSamplerKind::Ddim, 37, Rules::Original);
        assert_eq!((short.len(), short[0]), (37, 973));
    }
}
