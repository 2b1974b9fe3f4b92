//! The queue in figures.

use std::time::Duration;

/// What the owner wants to know about the queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// People who ever asked for something.
    pub people: u64,
    /// People who did within the last day.
    pub people_today: u64,
    /// All jobs.
    pub jobs: u64,
    /// Jobs of the last day.
    pub jobs_today: u64,
    /// Jobs that wait.
    pub waiting: u64,
    /// Jobs that are being drawn.
    pub running: u64,
    /// Jobs that failed, ever.
    pub failed: u64,
    /// Jobs that failed within the last day.
    pub failed_today: u64,
    /// From claim to stored pictures, the median of the latest jobs.
    pub median: Option<Duration>,
    /// What the database takes on the disk.
    pub disk_bytes: u64,
    /// Whether the queue is paused.
    pub is_paused: bool,
}
