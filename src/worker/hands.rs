//! The works in hand, and whose turn it is.

use std::time::{Duration, Instant};

use super::courier::Line;
use super::preview_pace::PreviewPace;
use super::supply::Arrival;
use crate::jobs::Verdict;

/// So near its end a work makes room for the next: claiming and beginning a job takes a few milliseconds, and tens where the
/// processor is busy.
const AHEAD: Duration = Duration::from_millis(250);

/// A work in hand.
pub(super) struct InHand<W> {
    pub(super) work: W,
    pub(super) line: Line,
    pub(super) previews: PreviewPace,
    pub(super) share: f64,
    begun: Instant,
}

/// All works in hand; whose turn was longest ago is first.
pub(super) struct Hands<W>(Vec<InHand<W>>);

impl<W> InHand<W> {
    fn new(arrival: Arrival<W>, now: Instant) -> Self {
        let previews = PreviewPace::begin(arrival.previews, now);
        Self { work: arrival.work, line: arrival.line, previews, share: 0.0, begun: now }
    }
}

impl<W> Hands<W> {
    pub(super) fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many of the works will be in hand for longer than a moment.
    pub(super) fn lasting(&self, now: Instant) -> usize {
        let lasts = |one: &&InHand<W>| !is_nearly_done(now.duration_since(one.begun), one.share);
        self.0.iter().filter(lasts).count()
    }

    pub(super) fn take(&mut self, arrival: Arrival<W>) {
        self.0.push(InHand::new(arrival, Instant::now()));
    }

    /// After its turn a work is last.
    pub(super) fn put_back(&mut self, one: InHand<W>) {
        self.0.push(one);
    }

    /// Lets go of what somebody called off, or what is not ours any more.
    pub(super) fn drop_called_off(&mut self) {
        self.0.retain(|one| one.line.verdict() == Verdict::Continue);
    }

    /// Takes out whose turn it is: a work that steps alone, or those of a kind, `most` of them.
    ///
    /// Steps that are taken alone come first: they bring a newcomer to where it can share steps, or finish a work. Kinds take
    /// turns.
    pub(super) fn next_turn<K: PartialEq>(&mut self, most: usize, kind: impl Fn(&W) -> Option<K>) -> Vec<InHand<W>> {
        if let Some(alone) = self.0.iter().position(|one| kind(&one.work).is_none()) {
            return vec![self.0.remove(alone)];
        }
        let first = self.0.first().and_then(|first| kind(&first.work));
        let mut left = most.max(1);
        let mut takes_part = |one: &InHand<W>| {
            let takes_part = left > 0 && kind(&one.work) == first;
            left -= usize::from(takes_part);
            takes_part
        };
        let (turn, others) = std::mem::take(&mut self.0).into_iter().partition(|one| takes_part(one));
        self.0 = others;
        turn
    }
}

/// Whether a work that has come so far in this time will be finished in a moment.
fn is_nearly_done(elapsed: Duration, share: f64) -> bool {
    share > 0.0 && elapsed.mul_f64((1.0 - share).max(0.0)) < AHEAD.mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_is_nearly_done_a_moment_before_its_end() {
        let seconds = Duration::from_secs;
        assert!(!is_nearly_done(seconds(0), 0.0), "nothing is known yet");
        assert!(!is_nearly_done(seconds(9), 0.9));
        assert!(is_nearly_done(seconds(1), 0.9));
        assert!(is_nearly_done(seconds(1000), 1.0));
    }
}
