//! What the bot's own messages show, as far as this process knows: an edit that changes nothing is refused by the platform and
//! counts against the limits of the chat.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;

use crate::conversation::Message;
use crate::telegram::outbox::message::Target;

/// So many messages are remembered. Older ones can be edited in vain, which does no harm.
const REMEMBERED: usize = 2048;

/// What the messages of the last time show. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct ShownMessages {
    messages: Arc<DashMap<Target, Content>>,
    changes: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Content {
    /// A request that changes it is on its way. Of two at a time nobody knows which the platform takes last.
    Changing(Change),
    Known(Shown),
}

/// A request that changes a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Change(u64);

/// What a message shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// Text or caption, and the buttons.
    pub(super) message: Message,
    /// Whether the text stands below a picture.
    pub(super) is_picture: bool,
}

impl ShownMessages {
    /// What a message shows, if that is known.
    pub(super) fn get(&self, target: Target) -> Option<Shown> {
        match self.messages.get(&target)?.value() {
            Content::Known(shown) => Some(shown.clone()),
            Content::Changing(_) => None,
        }
    }

    /// A request that changes a message begins.
    pub(super) fn begin(&self, target: Target) -> Change {
        let change = Change(self.changes.fetch_add(1, Ordering::Relaxed));
        self.insert(target, Content::Changing(change));
        change
    }

    /// The request has succeeded. It counts only if no other began meanwhile.
    pub(super) fn end(&self, target: Target, change: Change, shown: Shown) {
        if let Some(mut content) = self.messages.get_mut(&target)
            && matches!(&*content, Content::Changing(last) if *last == change)
        {
            *content = Content::Known(shown);
        }
    }

    /// A new message.
    pub(super) fn sent(&self, target: Target, shown: Shown) {
        self.insert(target, Content::Known(shown));
    }

    /// A message is gone, or shows something else than words.
    pub(super) fn forget(&self, target: Target) {
        self.messages.remove(&target);
    }

    fn insert(&self, target: Target, content: Content) {
        if self.messages.len() >= REMEMBERED {
            self.messages.clear();
        }
        self.messages.insert(target, content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Target = Target { chat_id: 1, message_id: 2 };

    fn shown(text: &str) -> Shown {
        Shown { message: Message::plain(text.to_owned()), is_picture: false }
    }

    #[test]
    fn a_message_shows_what_the_last_change_made_of_it() {
        let messages = ShownMessages::default();
        messages.sent(TARGET, shown("one"));
        let change = messages.begin(TARGET);
        assert_eq!(messages.get(TARGET), None, "nobody knows while a request is on its way");
        messages.end(TARGET, change, shown("two"));
        assert_eq!(messages.get(TARGET), Some(shown("two")));
        messages.forget(TARGET);
        assert_eq!(messages.get(TARGET), None);
    }

    #[test]
    fn of_two_changes_at_a_time_nothing_is_known_but_the_later() {
        let messages = ShownMessages::default();
        let (first, second) = (messages.begin(TARGET), messages.begin(TARGET));
        messages.end(TARGET, first, shown("one"));
        assert_eq!(messages.get(TARGET), None);
        messages.end(TARGET, second, shown("two"));
        assert_eq!(messages.get(TARGET), Some(shown("two")));
    }
}
