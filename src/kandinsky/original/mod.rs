//! The original `Kandinsky_2.1` checkpoints, as PyTorch pickled them.

pub mod pickle_guard;
