//! `/v1/jobs`: drawings that are asked for and looked at later. A job goes on whether its client is there or not.

mod create;
mod describe;
mod events;
mod look;

pub(super) use create::{JOBS, create};
pub(super) use events::events;
pub(super) use look::{cancel, list, look, picture};
