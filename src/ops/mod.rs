//! The few hot operations of the networks: [`Conv2d`], [`GroupNorm`] (with FiLM and SiLU folded in), [`LayerNorm`],
//! [`attention`] and [`Linear`].
//!
//! Ninety-nine hundredths of a picture's time is spent here, so this is the seam where speed work happens: the
//! networks in [`crate::kandinsky`] call nothing hot in any other way. Feature maps are channels-last,
//! `[batch, height, width, channels]`. Every operation accepts f32, f16 and bf16 and keeps the accuracy-critical parts (sums
//! of products, norms, softmax) in f32; on a CPU all results are f32 ([`compute_dtype`]) and only weights are narrower (16 bits,
//! and 8 in linear layers of [`Q8_0`]), and with AVX512-BF16 what linear layers of bf16 multiply them with.
//!
//! Invariant: any `unsafe` code of the networks lives in this folder.

mod attention;
mod conv2d;
mod cpu;
#[cfg(any(feature = "cuda", test))]
mod cuda;
mod group_norm;
mod layer_norm;
mod linear;
mod maps;
mod values;
mod widen;

pub use attention::{attention, causal_mask};
pub use conv2d::Conv2d;
pub use cpu::Activation;
#[cfg(feature = "cuda")]
pub use cuda::open_cuda;
pub use group_norm::{GroupNorm, Source};
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use maps::{enlarge, from_maps, halve, to_maps};
pub use values::{Q8_0, compute_dtype, dtype_beside_blocks};
