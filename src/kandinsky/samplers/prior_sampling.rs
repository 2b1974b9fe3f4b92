//! The prior's run from noise to image embeddings as a value that is advanced one step at a time.

use candle_core::{Result, Tensor};

use super::guidance::guide;
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
    /// Starts from `initial`, `[n, embedding]`, f32. Both texts have one row. `unconditional` is left aside without `guidance`
    /// and where it is `conditional` itself (and no mere equal), away from which nothing can be guided.
    ///
    /// # Errors
    /// If the shapes do not fit.
    pub fn new(
        sampler: PriorSampler,
        conditional: &PriorText,
        unconditional: &PriorText,
        guidance: Option<f64>,
        initial: Tensor,
    ) -> Result<Self> {
        let count = initial.dim(0)?;
        let guidance = guidance.filter(|_| !conditional.is(unconditional));
        let conditional = conditional.repeat(count)?;
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
        Self::step_together(prior, &mut [(self, noise)])
    }

    /// Takes one step of each, with its noise where it [needs](Self::needs_noise) some, with a single call of the network. They
    /// may be at different timesteps. Finished ones are left as they are.
    ///
    /// # Errors
    /// If a computation fails or noise is wanting.
    pub fn step_together(prior: &Prior, runs: &mut [(&mut Self, Option<&Tensor>)]) -> Result<()> {
        let mut active: Vec<_> = runs.iter_mut().filter(|(run, _)| !run.is_finished()).collect();
        if active.is_empty() {
            return Ok(());
        }
        let output = evaluate(prior, &active.iter().map(|(run, _)| &**run).collect::<Vec<_>>())?;
        let mut start = 0;
        for (run, noise) in &mut active {
            let rows = run.rows();
            run.advance(&output.narrow(0, start, rows)?, *noise)?;
            start += rows;
        }
        Ok(())
    }

    /// Takes the step for which `output` was computed.
    fn advance(&mut self, output: &Tensor, noise: Option<&Tensor>) -> Result<()> {
        let predicted = match self.guidance {
            Some(guidance) => {
                let halves = output.chunk(2, 0)?;
                guide(&halves[0], &halves[1], guidance)?
            }
            None => output.clone(),
        };
        self.sample = self.sampler.step(self.done, &predicted, &self.sample, noise)?;
        self.done += 1;
        Ok(())
    }

    /// Rows this takes in a batch.
    fn rows(&self) -> usize {
        let halves = if self.guidance.is_some() { 2 } else { 1 };
        halves * self.sample.dims()[0]
    }

    /// The network's raw output for the next step, unconditional rows first: `[rows, embedding]`. For comparisons;
    /// [`PriorSampling::step`] evaluates for itself.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn evaluate(&self, prior: &Prior) -> Result<Tensor> {
        evaluate(prior, &[self])
    }

    /// The image embeddings in CLIP's own space, `[n, embedding]`, f32: meaningful once finished.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn embeddings(&self, prior: &Prior) -> Result<Tensor> {
        prior.unstandardise(&self.sample)
    }
}

/// One call of the network for all: `[rows, embedding]`.
fn evaluate(prior: &Prior, runs: &[&PriorSampling]) -> Result<Tensor> {
    let (mut samples, mut timesteps) = (Vec::new(), Vec::new());
    for run in runs {
        samples.extend(run.guidance.map(|_| &run.sample));
        samples.push(&run.sample);
        timesteps.extend(std::iter::repeat_n(run.sampler.timestep(run.done), run.rows()));
    }
    let texts: Vec<_> = runs.iter().map(|run| &run.text).collect();
    prior.forward_at(&Tensor::cat(&samples, 0)?, &timesteps, &PriorText::cat(&texts)?)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::kandinsky::config::PriorSamplerConfig;
    use crate::kandinsky::samplers::{PriorSamplerKind, Rules};
    use candle_core::{DType, Device};

    #[test]
    fn a_text_against_itself_is_half_the_work() {
        let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
        let text = || PriorText { hidden: zeros(&[1, 77, 8]), embeds: zeros(&[1, 8]), mask: zeros(&[1, 77]) };
        let rows = |text: &PriorText, against: &PriorText| {
            let config = PriorSamplerConfig::default();
            let sampler = PriorSampler::new(&config, PriorSamplerKind::Ancestral, 5, Rules::Sound).unwrap();
            PriorSampling::new(sampler, text, against, Some(4.), zeros(&[3, 8])).unwrap().rows()
        };
        let (one, other) = (text(), text());
        assert_eq!(rows(&one, &other), 6);
        assert_eq!(rows(&one, &one.clone()), 3);
    }
}
