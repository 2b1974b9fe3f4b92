//! The few hot operations of the networks: [`Conv2d`], [`GroupNorm`] (with FiLM and SiLU folded in), [`LayerNorm`],
//! [`attention`] and [`Linear`].
//!
//! Ninety-nine hundredths of a picture's time is spent here, so this is the seam where speed work happens: the
//! networks in [`crate::kandinsky`] call nothing hot in any other way. Every operation accepts f32, f16 and bf16 and
//! keeps the accuracy-critical parts (sums of products, norms, softmax) in f32 whatever the type of the data: on a CPU by
//! computing in f32 and rounding the result.
//!
//! Invariant: any `unsafe` code of the networks lives in this folder.

mod attention;
mod conv2d;
mod group_norm;
mod layer_norm;
mod linear;
mod widen;

pub use attention::{attention, causal_mask, merge_heads, split_heads};
pub use conv2d::Conv2d;
pub use group_norm::GroupNorm;
pub use layer_norm::LayerNorm;
pub use linear::Linear;
