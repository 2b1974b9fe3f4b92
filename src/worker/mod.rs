//! The device thread: claims jobs, draws them, reports progress, stores the results.
//!
//! One plain OS thread owns the device from beginning to end, because a CUDA device is bound to the stream of the thread
//! that made it. It talks to the queue through the runtime's handle and draws through [`Artist`], so that tests can draw
//! without a model.

mod artist;
mod engine_artist;
mod preview_pace;
mod thread;

pub use artist::{Artist, DrawError, Drawing, Progress};
pub use thread::{Worker, WorkerError};
