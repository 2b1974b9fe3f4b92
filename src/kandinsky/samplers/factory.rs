//! Makes the decoder's samplers.

use super::ddim::Ddim;
use super::decoder_schedule::{DecoderSchedule, Start};
use super::dpm_solver::DpmSolver;
use super::kind::SamplerKind;
use super::p_sampler::{PSampler, Paste};
use super::plms::Plms;
use super::sampler::Sampler;
use super::sampling::DecoderSampling;
use crate::kandinsky::config::DdimConfig;
use crate::kandinsky::error::ModelError;

impl DecoderSampling {
    /// The sampler, and how its first sample is made. `paste` is what `p_sampler` lays in where a part is drawn anew.
    ///
    /// # Errors
    /// [`ModelError::Steps`] if the sampler cannot take that many.
    pub(in crate::kandinsky) fn build(
        &self,
        config: &DdimConfig,
        paste: Option<Paste>,
    ) -> Result<(Box<dyn Sampler>, Start), ModelError> {
        let schedule = DecoderSchedule::new(config, self)?;
        let start = schedule.start;
        let sampler: Box<dyn Sampler> = match self.kind {
            SamplerKind::Ddim => Box::new(Ddim::new(schedule)),
            SamplerKind::PSampler => Box::new(PSampler::new(schedule, self.rules, paste)),
            SamplerKind::Plms => Box::new(Plms::new(schedule)),
            SamplerKind::DpmSolver => Box::new(DpmSolver::new(schedule)),
        };
        Ok((sampler, start))
    }
}
