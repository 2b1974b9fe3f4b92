//! The device thread: takes jobs up, draws them, several at a time, and hands the results over.
//!
//! One plain OS thread owns the device from beginning to end, because a CUDA device is bound to the stream of the thread
//! that made it. It draws through [`Artist`], so that tests can draw without a model, one step of the works in hand after the
//! other (`hands` says whose turn it is), and never waits for anything else: the next jobs are claimed and begun ahead by a task
//! (`supply`), and a task for each job carries reports to the queue and verdicts back, encodes previews and pictures and
//! stores the pictures (`courier`).

mod artist;
mod courier;
mod engine_artist;
mod hands;
mod preview_pace;
mod supply;
mod thread;

pub use artist::{Artist, Beginner, DrawError, Finishing, Previewing};
pub use thread::{Worker, WorkerError};
