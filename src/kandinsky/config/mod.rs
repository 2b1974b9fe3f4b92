//! The configuration files of a model, as published: every width, depth and head count comes from them.
//!
//! Unknown keys are ignored. A key that would change the arithmetic in a way that is not implemented is refused with a
//! line that names it, rather than drawn wrongly.

mod clip;
mod defaults;
mod movq;
mod multilingual_clip;
mod prior;
mod scheduler;
mod unet;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use clip::{ClipActivation, ClipTextConfig, ClipVisionConfig};
pub use defaults::Defaults;
pub use movq::MovqConfig;
pub(super) use movq::SPATIAL_NORM_GROUPS;
pub use multilingual_clip::MultilingualClipConfig;
pub use prior::PriorConfig;
pub use scheduler::{BetaSchedule, DdimConfig, PredictionType, PriorSamplerConfig, TimestepSpacing};
pub use unet::UNetConfig;

/// A configuration file that can be checked once it is read.
pub trait Config: DeserializeOwned {
    /// Whether this program can run what the file describes; if not, why.
    fn check(&self) -> Result<(), String>;
}

/// A value that some files give once and some once for each block.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(usize),
    Many(Vec<usize>),
}

impl OneOrMany {
    /// The one value, if all are equal.
    pub(crate) fn single(&self) -> Option<usize> {
        match self {
            Self::One(value) => Some(*value),
            Self::Many(values) => {
                let first = *values.first()?;
                values.iter().all(|&value| value == first).then_some(first)
            }
        }
    }
}

/// Refuses `key` unless its value is the expected one.
fn expect<T: PartialEq + std::fmt::Debug>(key: &str, value: &T, expected: &T) -> Result<(), String> {
    if value == expected {
        return Ok(());
    }
    Err(format!("{key} is {value:?}; only {expected:?} is supported"))
}

/// Refuses widths that are zero or that `divisor` does not divide.
fn divides(name: &str, widths: &[usize], divisor: usize) -> Result<(), String> {
    match widths.iter().find(|&&width| divisor == 0 || width == 0 || !width.is_multiple_of(divisor)) {
        Some(width) => Err(format!("width {width} is not a multiple of {name} {divisor}")),
        None => Ok(()),
    }
}

/// The largest width, head or count of channels that is read. The published model's largest is 4096.
const MAX_WIDTH: usize = 65_536;
/// The most layers of one kind.
const MAX_LAYERS: usize = 1000;
/// The most words of a vocabulary. The published model's largest is 250,002.
const MAX_VOCABULARY: usize = 10_000_000;
/// The most steps that a network was trained in.
const MAX_TRAIN_STEPS: usize = 10_000;

/// Refuses a number above its limit: it would take all memory or all time before the weights are even looked at.
fn at_most(limit: usize, values: &[(&str, usize)]) -> Result<(), String> {
    match values.iter().find(|(_, value)| *value > limit) {
        Some((name, value)) => Err(format!("{name} is {value}; at most {limit} is supported")),
        None => Ok(()),
    }
}

/// Refuses widths above the limit.
fn narrow(name: &str, widths: &[usize]) -> Result<(), String> {
    widths.iter().try_for_each(|&width| at_most(MAX_WIDTH, &[(name, width)]))
}

/// Refuses a zero.
fn positive(values: &[(&str, usize)]) -> Result<(), String> {
    match values.iter().find(|(_, value)| *value == 0) {
        Some((name, _)) => Err(format!("{name} must not be 0")),
        None => Ok(()),
    }
}
