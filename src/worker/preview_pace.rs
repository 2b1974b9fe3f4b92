//! When to make a preview.

use std::time::Instant;

use crate::jobs::Pace;

/// Later the picture itself is near.
const LAST_PREVIEW_PROGRESS: f64 = 0.9;

/// The times of one job's previews.
#[derive(Debug)]
pub(super) struct PreviewPace {
    is_wanted: bool,
    pace: Pace,
    next: Instant,
}

impl PreviewPace {
    /// For a job that starts now.
    pub(super) fn start(is_wanted: bool, pace: Pace, now: Instant) -> Self {
        Self { is_wanted, pace, next: now + pace.first_preview }
    }

    /// Whether to make one now, at this progress (0 to 1).
    pub(super) fn is_due(&self, progress: f64, now: Instant) -> bool {
        self.is_wanted && progress < LAST_PREVIEW_PROGRESS && now >= self.next
    }

    /// One was made.
    pub(super) fn made(&mut self, now: Instant) {
        self.next = now + self.pace.preview;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn in_telegram_previews_begin_after_four_seconds_and_come_every_three() {
        let started = Instant::now();
        let mut pace = PreviewPace::start(true, Pace::TELEGRAM, started);
        let mut made = Vec::new();
        for tenths in 0..120 {
            let now = started + Duration::from_millis(tenths * 100);
            if pace.is_due(0.5, now) {
                pace.made(now);
                made.push(tenths);
            }
        }
        assert_eq!(made, [40, 70, 100]);
    }

    #[test]
    fn none_is_made_near_the_end_or_if_none_is_wanted() {
        let (started, later) = (Instant::now(), Instant::now() + Duration::from_secs(60));
        assert!(!PreviewPace::start(true, Pace::LOCAL, started).is_due(0.95, later));
        assert!(!PreviewPace::start(false, Pace::LOCAL, started).is_due(0.5, later));
    }
}
