//! The prior's run from noise to image embeddings as a value that is advanced one step at a time.

use candle_core::{Result, Tensor};

use super::guidance::{guide, is_guided};
use super::prior_sampler::PriorSampler;
use crate::kandinsky::prior::{Prior, PriorText};

/// Image embeddings of one text on their way from noise.
#[derive(Debug)]
pub struct PriorSampling {
    sampler: PriorSampler,
    /// Rows of the network's batch: unconditional first, where guidance is on.
    text: PriorText,
    guidance: Option<f64>,
    /// `[n, embedding]`, f32, in standardised space.
    sample: Tensor,
    done: usize,
}

impl PriorSampling {
    /// Starts from `initial`, `[n, embedding]`, f32. Both texts have one row; `guidance` ≤ 1 leaves `unconditional`
    /// aside.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn new(
        sampler: PriorSampler,
        conditional: &PriorText,
        unconditional: &PriorText,
        guidance: f64,
        initial: Tensor,
    ) -> Result<Self> {
        let count = initial.dim(0)?;
        let conditional = conditional.repeat(count)?;
        let guidance = is_guided(guidance).then_some(guidance);
        let text = match guidance {
            Some(_) => PriorText::cat(&[&unconditional.repeat(count)?, &conditional])?,
            None => conditional,
        };
        Ok(Self { sampler, text, guidance, sample: initial, done: 0 })
    }

    /// Steps taken.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Steps in all.
    pub fn steps(&self) -> usize {
        self.sampler.steps()
    }

    /// Whether all steps are taken.
    pub fn is_finished(&self) -> bool {
        self.done >= self.steps()
    }

    /// Whether the next step draws noise.
    pub fn needs_noise(&self) -> bool {
        self.sampler.needs_noise(self.done)
    }

    /// Takes one step with `noise` of the sample's shape, where [needed](Self::needs_noise); does nothing once finished.
    ///
    /// # Errors
    /// If a computation fails or noise is wanting.
    pub fn step(&mut self, prior: &Prior, noise: Option<&Tensor>) -> Result<()> {
        if self.is_finished() {
            return Ok(());
        }
        let output = self.evaluate(prior)?;
        let predicted = match self.guidance {
            Some(guidance) => {
                let halves = output.chunk(2, 0)?;
                guide(&halves[0], &halves[1], guidance)?
            }
            None => output,
        };
        self.sample = self.sampler.step(self.done, &predicted, &self.sample, noise)?;
        self.done += 1;
        Ok(())
    }

    /// The network's raw output for the next step, unconditional rows first: `[rows, embedding]`. For comparisons;
    /// [`PriorSampling::step`] evaluates for itself.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn evaluate(&self, prior: &Prior) -> Result<Tensor> {
        let sample = match self.guidance {
            Some(_) => Tensor::cat(&[&self.sample, &self.sample], 0)?,
            None => self.sample.clone(),
        };
        prior.forward(&sample, self.sampler.timestep(self.done), &self.text)
    }

    /// The image embeddings in CLIP's own space, `[n, embedding]`, f32: meaningful once finished.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn embeddings(&self, prior: &Prior) -> Result<Tensor> {
        prior.unstandardise(&self.sample)
    }
}
