//! How long pictures are kept.

use std::time::Duration;

/// How long pictures are kept, and how much room they may take. Pictures of jobs that wait, run or
/// have to be delivered are kept in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retention {
    /// How long input pictures are kept after the job has ended; `None` is for ever.
    pub inputs: Option<Duration>,
    /// How long drawn pictures are kept; `None` is for ever.
    pub results: Option<Duration>,
    /// How many bytes the database may take; beyond that the oldest pictures go first. `None` sets no limit.
    pub disk: Option<u64>,
}

/// What a sweep deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RetentionReport {
    /// Pictures that are gone from the disk.
    pub pictures: u64,
    /// How much smaller the database is, in bytes.
    pub bytes: u64,
}
