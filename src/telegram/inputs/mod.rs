//! Pictures that users sent: downloaded when a job, a mask or the conversation needs them.

pub(super) mod input_fetcher;
pub(super) mod picture_fetcher;
