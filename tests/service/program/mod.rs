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
mod settings;
mod start;
mod upscale;
