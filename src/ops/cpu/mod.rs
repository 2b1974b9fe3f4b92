//! The hot operations on a CPU: f32 arithmetic over channels-last data, weights packed once when they are loaded.
//!
//! Vector instructions come from `pulp`, which picks AVX-512, AVX2 or NEON when the program runs and has plain code for
//! every other processor. 16-bit weights, and the 8-bit ones of [`Q8_0`](super::Q8_0), are widened panel by panel as they are
//! used: they take a half or a quarter of the memory, and only what is stored is rounded. The exception is bf16 in linear layers,
//! where the processor multiplies it itself ([`Bf16Panels`]).

mod aligned;
mod arch;
mod attention;
mod bf16_panels;
mod disjoint_slice;
mod elementary;
mod feature_map;
mod gemm;
mod norm;
mod panels;
mod patches;
mod product;
mod q8_blocks;
mod winograd;
mod winograd_transforms;

pub(super) use attention::{Attention, HeadTokens, Mask};
pub(super) use bf16_panels::Bf16Panels;
pub use elementary::Activation;
pub(super) use elementary::QUICK;
pub(super) use feature_map::{Epilogue, FeatureMap};
pub(super) use gemm::Matrix;
pub(super) use norm::{Maps, Modulation, Spatial};
pub(super) use panels::Panels;
pub(super) use patches::Window;
pub(super) use product::product;
pub(super) use winograd::Winograd;
