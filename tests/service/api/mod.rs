//! The HTTP API through a socket: what programs send and what they get.

mod answers;
mod bounds;
mod browsers;
mod edits;
mod errors;
mod jobs;
mod keys;
mod repeated;
mod sdapi;
mod streams;
