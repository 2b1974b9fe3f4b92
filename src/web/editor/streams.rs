//! Open streams of events: a user has a few at a time, and the oldest ends when there is one more.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Streams of one user.
const MAX_STREAMS: usize = 4;

/// Streams of a user, oldest first: a number, and what ends it.
type OfUser = VecDeque<(u64, CancellationToken)>;

/// The open streams, by user.
#[derive(Debug, Clone, Default)]
pub(super) struct Streams(Arc<Mutex<HashMap<i64, OfUser>>>);

/// An open stream, until this is dropped.
#[derive(Debug)]
pub(super) struct OpenStream {
    streams: Streams,
    user: i64,
    id: u64,
    /// Cancelled when it has to make room.
    pub(super) end: CancellationToken,
}

impl Streams {
    /// Opens one more.
    pub(super) fn open(&self, user: i64) -> OpenStream {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = streams.entry(user).or_default();
        let id = own.back().map_or(0, |(id, _)| id + 1);
        let end = CancellationToken::new();
        own.push_back((id, end.clone()));
        while own.len() > MAX_STREAMS {
            if let Some((_, oldest)) = own.pop_front() {
                oldest.cancel();
            }
        }
        OpenStream { streams: self.clone(), user, id, end }
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut streams = self.streams.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = streams.get_mut(&self.user) {
            own.retain(|(id, _)| *id != self.id);
            if own.is_empty() {
                streams.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_stream_ends_the_oldest() {
        let streams = Streams::default();
        let mut open: Vec<OpenStream> = (0..=MAX_STREAMS).map(|_| streams.open(7)).collect();
        let ended = |open: &[OpenStream]| open.iter().map(|stream| stream.end.is_cancelled()).collect::<Vec<_>>();
        assert_eq!(ended(&open), [true, false, false, false, false]);
        let other = streams.open(8);
        assert!(!other.end.is_cancelled());
        open.truncate(1);
        open.push(streams.open(7));
        assert!(!open[1].end.is_cancelled());
        drop((open, other));
        assert!(streams.0.lock().unwrap().is_empty());
    }
}
