//! From noise to an embedding (the prior's samplers) and to a latent (the decoder's), one step at a time.

mod ddim;
mod decoder_schedule;
mod denoising;
mod dpm_solver;
mod factory;
mod guidance;
mod kind;
mod noise_schedule;
mod p_sampler;
mod plms;
mod prior_sampler;
mod prior_sampling;
mod prior_schedule;
mod respacing;
mod rules;
mod sampler;
mod sampling;

pub use decoder_schedule::Start;
pub use denoising::Denoising;
pub use kind::{PriorSamplerKind, SamplerKind, UnknownSampler};
pub use noise_schedule::NoiseSchedule;
pub use p_sampler::Paste;
pub use prior_sampler::PriorSampler;
pub use prior_sampling::PriorSampling;
pub use rules::{Mode, NegativeUse, Rules};
pub use sampler::{Prediction, Sampled, Sampler};
pub use sampling::{DecoderSampling, PriorOptions};
