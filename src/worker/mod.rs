//! The worker: one thread that owns the device and draws the jobs of the queue, several at a time.
//!
//! One plain OS thread owns the device from beginning to end, because a CUDA device is bound to the stream of the thread that
//! opened it. It draws through [`Backend`], so that tests can draw without a model, one step of the jobs in flight after the
//! other (`in_flight` chooses the next batch), and waits for nothing else: a task claims and prepares the next jobs (`prefetch`),
//! and a task for each job reports its progress, encodes previews and pictures, and stores its outcome (`reporter`).
//!
//! A panic fails at most one job. A panic that no job can be blamed for ends the worker: its jobs go back to the queue, and
//! [`Worker::ended`] returns the reason.

mod backend;
mod device_thread;
mod engine_backend;
mod in_flight;
mod prefetch;
mod preview_pace;
mod reporter;

pub use backend::{Backend, DrawError, Finalize, Prepare, RenderPreview, Review};
pub use device_thread::{Worker, WorkerError};
