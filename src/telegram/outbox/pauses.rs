//! How long the platform wants to hear nothing about a chat (429, `retry_after`).

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use tokio::time::Instant;

/// The pauses of all chats. Every request about a chat asks before it is made, whoever met the 429: the platform prolongs the
/// pause for those who do not wait. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(in crate::telegram) struct ChatPauses(Arc<DashMap<i64, Instant>>);

impl ChatPauses {
    /// The rest of a chat's pause, if there is one.
    pub(in crate::telegram) fn rest(&self, chat_id: i64) -> Option<Duration> {
        let until = self.0.get(&chat_id).map(|until| *until)?;
        let rest = until.saturating_duration_since(Instant::now());
        if rest.is_zero() {
            self.0.remove_if(&chat_id, |_, until| *until <= Instant::now());
            return None;
        }
        Some(rest)
    }

    /// Nothing is sent to this chat for so long.
    pub(in crate::telegram) fn pause(&self, chat_id: i64, duration: Duration) {
        let until = Instant::now() + duration;
        self.0.entry(chat_id).and_modify(|before| *before = until.max(*before)).or_insert(until);
    }

    /// The chats that have a pause now.
    pub(in crate::telegram) fn paused(&self) -> Vec<i64> {
        let now = Instant::now();
        self.0.retain(|_, until| *until > now);
        self.0.iter().map(|entry| *entry.key()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pause_ends_and_a_shorter_one_does_not_cut_it() {
        let pauses = ChatPauses::default();
        pauses.pause(1, Duration::from_secs(10));
        pauses.pause(1, Duration::from_secs(3));
        assert_eq!((pauses.rest(1), pauses.rest(2)), (Some(Duration::from_secs(10)), None));
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert_eq!((pauses.rest(1), pauses.paused()), (Some(Duration::from_secs(6)), vec![1]));
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!((pauses.rest(1), pauses.paused()), (None, Vec::new()));
    }
}
