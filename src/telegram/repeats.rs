//! What comes twice though it was done once: updates that the server delivers again, and buttons that a finger hits twice.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::updates::Incoming;
use crate::conversation::Event;

/// Updates that are remembered; a server delivers again what was taken last.
const UPDATES: usize = 4_096;
/// Nobody wants the same thing twice within so short a time.
const DOUBLE_TAP: Duration = Duration::from_secs(2);

/// The updates of late. After a restart, jobs are told apart by their request keys.
#[derive(Debug, Default)]
pub(super) struct SeenUpdates(Mutex<Recent<u32>>);

#[derive(Debug)]
struct Recent<T> {
    order: VecDeque<T>,
    known: HashSet<T>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { order: VecDeque::new(), known: HashSet::new() }
    }
}

impl SeenUpdates {
    /// Whether the update with this number comes for the first time.
    pub(super) fn is_new(&self, id: u32) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(id)
    }
}

impl<T: Copy + Eq + Hash> Recent<T> {
    fn add(&mut self, item: T) -> bool {
        if !self.known.insert(item) {
            return false;
        }
        self.order.push_back(item);
        if self.order.len() > UPDATES
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

/// Who pressed which button where.
type Tap = (i64, i64, i32, String);

/// The presses of the last seconds that brought something new into a chat.
#[derive(Debug, Default)]
pub(super) struct DoubleTaps(Mutex<HashMap<Tap, Instant>>);

impl DoubleTaps {
    /// Whether it is a press that the same person has just made, on this device or another.
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
    Some((incoming.person.0, incoming.chat_id, incoming.message_id, data.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_new_once_and_memory_has_an_end() {
        let seen = SeenUpdates::default();
        assert!(seen.is_new(1) && !seen.is_new(1) && seen.is_new(2));
        for id in 3..=UPDATES as u32 + 1 {
            assert!(seen.is_new(id));
        }
        assert!(seen.is_new(1) && !seen.is_new(3));
    }

    #[test]
    fn a_second_tap_within_two_seconds_is_no_wish() {
        let (taps, now) = (DoubleTaps::default(), Instant::now());
        let tap = |data: &str| (1, 1, 5, data.to_owned());
        assert!(!taps.is_second(&tap("again"), now));
        taps.add(tap("again"), now);
        assert!(!taps.is_second(&tap("style"), now));
        assert!(taps.is_second(&tap("again"), now + Duration::from_millis(300)));
        assert!(!taps.is_second(&tap("again"), now + Duration::from_secs(5)));
    }
}
