//! The denoising network of the decoder.
//!
//! An ADM-style UNet (Dhariwal and Nichol, <https://arxiv.org/abs/2105.05233>) with GLIDE's attention: residual blocks
//! conditioned by scale and shift, which also resample, and self-attention whose keys and values are preceded by those
//! of the context.

mod attention;
mod conditioning;
mod network;
mod residual_block;

pub use conditioning::Conditioning;
pub use network::UNet;
