//! The compiled program, over HTTP and at the command line.

mod chat;
mod crash;
mod describe;
mod draw;
mod figures;
mod flows;
mod keys;
mod model;
mod modes;
mod odd_pictures;
#[cfg(feature = "postgres")]
mod postgres;
mod settings;
mod start;
mod upscale;
