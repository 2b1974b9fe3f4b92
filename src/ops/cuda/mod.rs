//! The hot operations on an NVIDIA GPU, over channels-last maps.
//!
//! The kernels are CUDA C (`*.cu`), which NVRTC compiles for the card at hand when one is first used: building the program
//! needs no list of cards, and the sources include nothing. Everything of a device runs on one stream, in order.
//!
//! The group norm is tested on any machine: `reference` goes through the same blocks, threads and sums in Rust,
//! and ignored tests (`cargo test -- --ignored cuda`) run the sources of all kernels as C++. Other ignored tests, of builds
//! with GPUs (`cargo test --features cudnn -- --ignored gpu`), compare every operation on a GPU with the same on a CPU.

#[cfg(feature = "cudnn")]
mod add;
#[cfg(feature = "cudnn")]
mod conv2d;
#[cfg(feature = "cuda")]
mod device;
#[cfg(feature = "cuda")]
mod group_norm;
#[cfg(feature = "cuda")]
mod input;
#[cfg(feature = "cuda")]
mod kernels;
mod launch_plan;
#[cfg(all(test, feature = "cuda"))]
mod on_a_gpu;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod sources;

#[cfg(feature = "cudnn")]
pub(super) use conv2d::Filter;
#[cfg(feature = "cuda")]
pub use device::open_cuda;
#[cfg(feature = "cuda")]
pub(super) use group_norm::{Modulation, group_norm};
