//! How much one user and one chat may ask for.

use std::time::Duration;

/// The most jobs of each sort; 0 sets no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Jobs of one user that wait or run.
    pub waiting: u32,
    /// Jobs of one user within an hour.
    pub hour: u32,
    /// Jobs of one user within a day.
    pub day: u32,
    /// Jobs of one chat within an hour, whoever asks.
    pub chat_hour: u32,
}

/// Which limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::waiting`].
    Waiting,
    /// [`Limits::hour`].
    Hour,
    /// [`Limits::day`].
    Day,
    /// [`Limits::chat_hour`].
    ChatHour,
}

/// A job that is one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverLimit {
    /// Which limit is reached.
    pub limit: Limit,
    /// How many jobs it allows.
    pub most: u32,
    /// When the next job is possible, from now; `None` if that depends on the queue.
    pub wait: Option<Duration>,
}

/// An hour.
pub const HOUR: Duration = Duration::from_secs(3600);
/// A day.
pub const DAY: Duration = Duration::from_secs(24 * 3600);

impl Limits {
    /// No limits at all.
    pub const NONE: Self = Self { waiting: 0, hour: 0, day: 0, chat_hour: 0 };

    /// Whether jobs are counted over a time.
    #[must_use]
    pub fn count_time(&self) -> bool {
        self.hour > 0 || self.day > 0 || self.chat_hour > 0
    }
}
