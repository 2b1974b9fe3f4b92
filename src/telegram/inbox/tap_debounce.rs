//! Buttons that a finger hits twice.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::updates::Incoming;
use crate::conversation::Event;

/// A second press within so short a time is not meant.
const DOUBLE_TAP: Duration = Duration::from_secs(2);

/// Who pressed which button where.
type Tap = (i64, i64, i32, String);

/// The presses of the last seconds that brought something new into a chat.
#[derive(Debug, Default)]
pub(in crate::telegram) struct TapDebounce(Mutex<HashMap<Tap, Instant>>);

impl TapDebounce {
    /// Whether it is a press that the same user has just made, on this device or another.
    pub(super) fn is_repeat(&self, incoming: &Incoming) -> bool {
        tap_of(incoming).is_some_and(|tap| self.is_second(&tap, Instant::now()))
    }

    /// A press brought something new: once more within a moment it is not meant.
    pub(super) fn remember(&self, incoming: &Incoming) {
        if let Some(tap) = tap_of(incoming) {
            self.add(tap, Instant::now());
        }
    }

    fn is_second(&self, tap: &Tap, now: Instant) -> bool {
        let taps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taps.get(tap).is_some_and(|at| now.duration_since(*at) < DOUBLE_TAP)
    }

    fn add(&self, tap: Tap, now: Instant) {
        let mut taps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        taps.retain(|_, at| now.duration_since(*at) < DOUBLE_TAP);
        taps.insert(tap, now);
    }
}

fn tap_of(incoming: &Incoming) -> Option<Tap> {
    let Event::Press(data) = &incoming.event else { return None };
    Some((incoming.user.0, incoming.chat_id, incoming.message_id, data.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_tap_within_two_seconds_is_not_meant() {
        let (taps, now) = (TapDebounce::default(), Instant::now());
        let tap = |data: &str| (1, 1, 5, data.to_owned());
        assert!(!taps.is_second(&tap("again"), now));
        taps.add(tap("again"), now);
        assert!(!taps.is_second(&tap("style"), now));
        assert!(taps.is_second(&tap("again"), now + Duration::from_millis(300)));
        assert!(!taps.is_second(&tap("again"), now + Duration::from_secs(5)));
    }
}
