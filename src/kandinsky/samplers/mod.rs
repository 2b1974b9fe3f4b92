//! From noise to an embedding (the prior's samplers) and to a latent (the decoder's), one step at a time.

mod ddim;
mod decoder_schedule;
mod denoising;
mod dpm_solver;
mod guidance;
mod noise_schedule;
mod p_sampler;
mod plms;
mod prior_sampler;
mod prior_sampling;
mod sampler;

pub use decoder_schedule::Start;
pub use denoising::Denoising;
pub use noise_schedule::NoiseSchedule;
pub use p_sampler::Paste;
pub use prior_sampler::{PriorSampler, PriorSamplerKind};
pub use prior_sampling::PriorSampling;
pub use sampler::{DecoderSampling, Prediction, Rules, Sampled, Sampler, SamplerKind};
