//! `kandinsky-bot model fetch` against a hub on this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod cuts;
mod damage;
mod draw;
mod hub;
mod offline;
#[allow(dead_code)]
#[path = "../support/program.rs"]
mod program;
mod refusals;
mod whole;
mod work_folder;
