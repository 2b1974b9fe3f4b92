//! What waits to be fetched by `getUpdates`, kept until the bot confirms it by a higher offset.

use std::collections::VecDeque;

use serde_json::{Value, json};
use tokio::time::Instant;

/// Kinds that are delivered only when asked for
/// ([getUpdates](https://core.telegram.org/bots/api#getupdates), `allowed_updates`).
/// (`chosen_inline_result` needs to be switched on for a bot: one that asks for it counts as such.)
const ON_REQUEST: [&str; 4] = ["chat_member", "chosen_inline_result", "message_reaction", "message_reaction_count"];

/// Updates in order, at least once each.
#[derive(Debug)]
pub(crate) struct UpdateQueue {
    waiting: VecDeque<(i64, Value)>,
    next_id: i64,
    allowed: Vec<String>,
    turn: u64,
    /// To be given once more, confirmed or not.
    again: Vec<Value>,
    /// Nothing is given before.
    held_until: Option<Instant>,
}

impl UpdateQueue {
    /// An empty queue whose first update gets the number `first_id`.
    pub(crate) fn new(first_id: i64) -> Self {
        Self {
            waiting: VecDeque::new(),
            next_id: first_id,
            allowed: Vec::new(),
            turn: 0,
            again: Vec::new(),
            held_until: None,
        }
    }

    /// The next update gets this number.
    pub(crate) fn begin_at(&mut self, number: i64) {
        self.next_id = number;
    }

    /// Adds `{"update_id": …, kind: payload}` unless the bot does not want this kind.
    pub(crate) fn push(&mut self, kind: &str, payload: &Value) {
        let wanted =
            if self.allowed.is_empty() { !ON_REQUEST.contains(&kind) } else { self.allowed.iter().any(|a| a == kind) };
        if wanted {
            self.waiting.push_back((self.next_id, json!({ "update_id": self.next_id, kind: payload })));
            self.next_id += 1;
        }
    }

    /// Begins a `getUpdates` call and returns its number; calls with lower numbers are over.
    ///
    /// `offset` forgets everything below it; a negative one keeps only that many from the end.
    pub(crate) fn begin(&mut self, offset: i64, allowed: Option<Vec<String>>) -> u64 {
        if let Some(allowed) = allowed {
            self.allowed = allowed;
        }
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX).min(self.waiting.len());
            self.waiting.drain(..self.waiting.len() - keep);
        } else {
            self.waiting.retain(|(id, _)| *id >= offset);
        }
        self.turn += 1;
        self.turn
    }

    /// Whether no later call has begun since `turn`.
    pub(crate) fn is_current(&self, turn: u64) -> bool {
        self.turn == turn
    }

    /// The oldest `limit` updates; they stay until confirmed.
    pub(crate) fn peek(&self, limit: usize) -> Vec<Value> {
        if self.held_until.is_some_and(|until| Instant::now() < until) {
            return Vec::new();
        }
        self.waiting.iter().take(limit).map(|(_, update)| update.clone()).collect()
    }

    /// Gives nothing before this moment.
    pub(crate) fn hold(&mut self, until: Instant) {
        self.held_until = Some(until);
    }

    /// Gives these updates once more, whatever is confirmed.
    pub(crate) fn repeat(&mut self, updates: Vec<Value>) {
        self.again = updates;
    }

    /// What is to be given once more.
    pub(crate) fn take_repeated(&mut self) -> Option<Vec<Value>> {
        Some(std::mem::take(&mut self.again)).filter(|updates| !updates.is_empty())
    }

    /// Number of unconfirmed updates.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Forgets everything that waits.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The kinds that the bot asked for; empty means the default ones.
    pub(crate) fn allowed(&self) -> &[String] {
        &self.allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(queue: &UpdateQueue) -> Vec<i64> {
        queue.peek(100).iter().filter_map(|update| update["update_id"].as_i64()).collect()
    }

    fn three() -> UpdateQueue {
        let mut queue = UpdateQueue::new(10);
        (0..3).for_each(|n| queue.push("message", &json!(n)));
        queue
    }

    #[test]
    fn an_update_stays_until_a_higher_offset_confirms_it() {
        let mut queue = three();
        queue.begin(0, None);
        assert_eq!((ids(&queue), ids(&queue)), (vec![10, 11, 12], vec![10, 11, 12]));
        queue.begin(12, None);
        assert_eq!(ids(&queue), [12]);
    }

    #[test]
    fn a_negative_offset_counts_from_the_end() {
        let mut queue = three();
        queue.begin(-1, None);
        assert_eq!(ids(&queue), [12]);
    }

    #[test]
    fn kinds_that_the_bot_did_not_ask_for_are_not_kept() {
        let mut queue = UpdateQueue::new(1);
        queue.push("message_reaction", &json!(0));
        queue.begin(0, Some(vec!["callback_query".to_owned()]));
        queue.push("message", &json!(1));
        queue.push("callback_query", &json!(2));
        assert_eq!(ids(&queue), [1]);
    }

    #[test]
    fn a_later_call_ends_an_earlier_one() {
        let mut queue = three();
        let (first, second) = (queue.begin(0, None), queue.begin(0, None));
        assert!(!queue.is_current(first) && queue.is_current(second));
    }
}
