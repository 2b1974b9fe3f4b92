//! The interface of the decoder's samplers.

use candle_core::{Result, Tensor};

/// The network's output of one evaluation after guidance, f32.
#[derive(Debug, Clone)]
pub struct Prediction {
    /// Guided prediction (noise, x₀ or v as the schedule says), `[n, channels, h, w]`.
    pub value: Tensor,
    /// The conditional half's variance channels, same shape; for samplers that learn the range of the noise.
    pub variance: Tensor,
}

/// A sample after one step.
#[derive(Debug, Clone)]
pub struct Sampled {
    /// The less noisy sample.
    pub sample: Tensor,
    /// The clean sample that the network predicts, for previews.
    pub predicted: Tensor,
}

/// Turns predictions into less noisy samples, step by step. Samples are f32.
pub trait Sampler: Send + std::fmt::Debug {
    /// How often the network is evaluated.
    fn steps(&self) -> usize;

    /// The timestep of evaluation `index`, in training steps; `index < steps()`.
    fn timestep(&self, index: usize) -> f32;

    /// Whether evaluation `index` is followed by fresh noise.
    fn needs_noise(&self, _index: usize) -> bool {
        false
    }

    /// Advances `sample` past evaluation `index`. `noise` has the sample's shape where
    /// [needed](Sampler::needs_noise).
    ///
    /// # Errors
    /// If the shapes do not fit or noise is wanting.
    fn step(
        &mut self,
        index: usize,
        prediction: &Prediction,
        sample: &Tensor,
        noise: Option<&Tensor>,
    ) -> Result<Sampled>;
}
