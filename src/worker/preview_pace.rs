//! When a preview is worth making.

use std::time::{Duration, Instant};

/// What is drawn sooner is not shown before.
const FIRST: Duration = Duration::from_secs(4);
/// A chat bears an edit every three seconds.
const PAUSE: Duration = Duration::from_secs(3);
/// So near the end the picture itself is better.
const NEAR_THE_END: f64 = 0.9;

/// The previews of one drawing.
#[derive(Debug)]
pub(super) struct PreviewPace {
    is_wanted: bool,
    next: Instant,
}

impl PreviewPace {
    /// Drawing begins now.
    pub(super) fn begin(is_wanted: bool, now: Instant) -> Self {
        Self { is_wanted, next: now + FIRST }
    }

    /// Whether to make one now that this share is done.
    pub(super) fn is_due(&self, share: f64, now: Instant) -> bool {
        self.is_wanted && share < NEAR_THE_END && now >= self.next
    }

    /// One was made.
    pub(super) fn made(&mut self, now: Instant) {
        self.next = now + PAUSE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_begin_after_four_seconds_and_come_every_three() {
        let begun = Instant::now();
        let mut pace = PreviewPace::begin(true, begun);
        let mut made = Vec::new();
        for tenths in 0..120 {
            let now = begun + Duration::from_millis(tenths * 100);
            if pace.is_due(0.5, now) {
                pace.made(now);
                made.push(tenths);
            }
        }
        assert_eq!(made, [40, 70, 100]);
    }

    #[test]
    fn none_is_made_near_the_end_or_for_who_wants_none() {
        let (begun, later) = (Instant::now(), Instant::now() + Duration::from_secs(60));
        assert!(!PreviewPace::begin(true, begun).is_due(0.95, later));
        assert!(!PreviewPace::begin(false, begun).is_due(0.5, later));
    }
}
