//! The queue in figures.

use std::time::Duration;

/// Figures about the queue and its users.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueStats {
    /// Users who ever asked for something.
    pub users: u64,
    /// Users who did within the last day.
    pub users_today: u64,
    /// All jobs.
    pub jobs: u64,
    /// Jobs of the last day.
    pub jobs_today: u64,
    /// Jobs that wait.
    pub waiting: u64,
    /// Jobs that run.
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
