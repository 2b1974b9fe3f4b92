//! The hot operations on a CPU: f32 arithmetic over channels-last data, weights packed once when they are loaded.
//!
//! Vector instructions come from `pulp`, which picks AVX-512, AVX2 or NEON when the program runs and has plain code for
//! every other processor. 16-bit weights, and the 8-bit ones of [`Q8_0`](super::Q8_0), are widened panel by panel as they are
//! used: they take a half or a quarter of the memory, and nothing is rounded but what is stored. bf16 in linear layers is the exception where the processor multiplies it itself
//! ([`Pairs`]).

mod aligned;
mod arch;
mod attention;
mod blocks;
mod elementary;
mod gemm;
mod map;
mod norm;
mod pairs;
mod panels;
mod patches;
mod product;
mod share;
mod winograd;
mod winograd_transforms;

pub(super) use attention::{Attention, Mask, Tokens};
pub use elementary::Activation;
pub(super) use elementary::QUICK;
pub(super) use gemm::Matrix;
pub(super) use map::{Added, Map};
pub(super) use norm::{Maps, Modulation, Spatial};
pub(super) use pairs::Pairs;
pub(super) use panels::Panels;
pub(super) use patches::Window;
pub(super) use product::product;
pub(super) use winograd::Winograd;
