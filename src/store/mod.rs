//! The store: all SQL of the program. [`sqlite`] keeps everything in one file, served by one process.

pub mod sqlite;
