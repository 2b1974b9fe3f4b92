//! The real program, over HTTP, as people use it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod chatting;
mod crash;
mod draw;
mod flows;
mod house;
mod model;
mod modes;
mod odd_pictures;
mod people;
mod person;
mod program;
mod rules;
mod start;
