//! The denoising of pictures as a value that is advanced one step at a time.

use candle_core::{Result, Tensor};

use super::guidance::guide;
use super::sampler::{Prediction, Sampler};
use crate::kandinsky::unet::{Conditioning, UNet};

/// Pictures of one recipe on their way from noise to latents.
///
/// It owns its sampler and its place in the schedule and knows nothing of other denoisings, so any of them with
/// latents of one size can be advanced by one call of the network: see [`Denoising::step_together`].
#[derive(Debug)]
pub struct Denoising {
    sampler: Box<dyn Sampler>,
    conditional: Conditioning,
    /// With the guidance scale; None where guidance is off.
    unconditional: Option<(Conditioning, f64)>,
    /// `[n, channels, h, w]`, f32.
    sample: Tensor,
    /// The predicted final sample; `None` before the first step.
    predicted: Option<Tensor>,
    /// Masked latent and mask for an inpainting network, `[n, channels + 1, h, w]`, f32.
    known: Option<Tensor>,
    /// Noise for the next step, where it needs some.
    noise: Option<Tensor>,
    done: usize,
}

impl Denoising {
    /// Starts from `initial`, `[n, channels, h, w]`, with one row of conditioning for each picture.
    ///
    /// Without `guidance`, `unconditional` is left aside, which halves the work.
    pub fn new(
        sampler: Box<dyn Sampler>,
        conditional: Conditioning,
        unconditional: Conditioning,
        guidance: Option<f64>,
        initial: Tensor,
    ) -> Self {
        Self {
            sampler,
            conditional,
            unconditional: guidance.map(|scale| (unconditional, scale)),
            sample: initial,
            predicted: None,
            known: None,
            noise: None,
            done: 0,
        }
    }

    /// For an inpainting network: latents of the picture with the hole at zero, and the mask (1 = keep):
    /// `[n, channels + 1, h, w]`, f32. Without it an inpainting network draws from text alone.
    pub(in crate::kandinsky) fn with_inpaint_input(self, known: Tensor) -> Self {
        Self { known: Some(known), ..self }
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

    /// Whether the next step draws noise that must be [given](Self::give_noise) yet.
    pub fn needs_noise(&self) -> bool {
        !self.is_finished() && self.noise.is_none() && self.sampler.needs_noise(self.done)
    }

    /// Noise of the latents' shape for the next step, f32 on any device.
    ///
    /// # Errors
    /// If it can not be moved to the device.
    pub fn give_noise(&mut self, noise: &Tensor) -> Result<()> {
        self.noise = Some(noise.to_device(self.sample.device())?);
        Ok(())
    }

    /// Number of pictures.
    pub fn pictures(&self) -> usize {
        self.sample.dims()[0]
    }

    /// The current latents, `[n, channels, h, w]`, f32; the result once [finished](Self::is_finished).
    pub fn latents(&self) -> &Tensor {
        &self.sample
    }

    /// The predicted final latents, for a preview; `None` before the first step.
    pub fn predicted(&self) -> Option<&Tensor> {
        self.predicted.as_ref()
    }

    /// Takes one step; does nothing once finished.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn step(&mut self, unet: &UNet) -> Result<()> {
        Self::step_together(unet, &mut [self])
    }

    /// Takes one step of each with a single call of the network. They may be at different timesteps, but their latents
    /// must have one size. Finished ones are left as they are.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn step_together(unet: &UNet, denoisings: &mut [&mut Self]) -> Result<()> {
        let mut active: Vec<&mut Self> = denoisings
            .iter_mut()
            .map(|denoising| &mut **denoising)
            .filter(|denoising| !denoising.is_finished())
            .collect();
        if active.is_empty() {
            return Ok(());
        }
        let output = evaluate(unet, &active)?;
        let mut start = 0;
        for denoising in &mut active {
            let rows = denoising.rows();
            denoising.advance(unet, &output.narrow(0, start, rows)?)?;
            start += rows;
        }
        Ok(())
    }

    /// The network's raw output for the next step, `[rows, 2 · channels, h, w]`: unconditional pictures first, where
    /// there are any. For comparisons; [`Denoising::step`] evaluates for itself.
    ///
    /// # Errors
    /// If a computation fails.
    pub fn evaluate(&mut self, unet: &UNet) -> Result<Tensor> {
        evaluate(unet, &[self])
    }

    /// Rows this takes in a batch: two for each picture, where guidance is on.
    pub fn rows(&self) -> usize {
        let halves = if self.unconditional.is_some() { 2 } else { 1 };
        halves * self.pictures()
    }

    /// One set of inputs for the pictures, without guidance.
    fn inputs(&self, unet: &UNet) -> Result<Tensor> {
        match &self.known {
            Some(known) => Tensor::cat(&[&self.sample, known], 1),
            None if unet.inpaints() => {
                // Nothing is known: no latent, and a mask that keeps nothing.
                let (batch, channels, height, width) = self.sample.dims4()?;
                let shape = (batch, channels + 1, height, width);
                let (dtype, device) = (self.sample.dtype(), self.sample.device());
                Tensor::cat(&[&self.sample, &Tensor::zeros(shape, dtype, device)?], 1)
            }
            None => Ok(self.sample.clone()),
        }
    }

    /// Takes the step for which `output` was computed.
    fn advance(&mut self, unet: &UNet, output: &Tensor) -> Result<()> {
        let channels = unet.config().latent_channels();
        let pictures = self.pictures();
        let split = |first: usize| -> Result<(Tensor, Tensor)> {
            let half = output.narrow(0, first, pictures)?;
            Ok((half.narrow(1, 0, channels)?, half.narrow(1, channels, channels)?))
        };
        let (value, variance) = match self.unconditional {
            Some((_, scale)) => {
                let (unconditional, _) = split(0)?;
                let (conditional, variance) = split(pictures)?;
                (guide(&unconditional, &conditional, scale)?, variance)
            }
            None => split(0)?,
        };
        let prediction = Prediction { value, variance };
        let noise = self.noise.take();
        let sampled = self.sampler.step(self.done, &prediction, &self.sample, noise.as_ref())?;
        self.sample = sampled.sample;
        self.predicted = Some(sampled.predicted);
        self.done += 1;
        Ok(())
    }
}

/// One call of the network for all: `[rows, 2 · channels, h, w]`, f32.
fn evaluate(unet: &UNet, denoisings: &[&mut Denoising]) -> Result<Tensor> {
    let mut inputs = Vec::new();
    let mut timesteps = Vec::new();
    let mut conditioning = Vec::new();
    for denoising in denoisings {
        let input = denoising.inputs(unet)?;
        if let Some((unconditional, _)) = &denoising.unconditional {
            conditioning.push(unconditional);
            inputs.push(input.clone());
        }
        conditioning.push(&denoising.conditional);
        inputs.push(input);
        let timestep = denoising.sampler.timestep(denoising.done);
        timesteps.extend(std::iter::repeat_n(timestep, denoising.rows()));
    }
    let conditioning = Conditioning::cat(&conditioning)?;
    unet.forward(&Tensor::cat(&inputs, 0)?, &timesteps, &conditioning)
}
