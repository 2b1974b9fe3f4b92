//! `kandinsky-bot model fetch` against a hub on this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod cuts;
mod damage;
mod desk;
mod draw;
mod hub;
mod offline;
mod refusals;
mod whole;
