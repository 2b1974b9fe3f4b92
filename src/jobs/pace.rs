//! How often users see a job move.

use std::time::Duration;

/// The pace at which progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// A picture that is drawn sooner gets no preview.
    pub first_preview: Duration,
    /// Between two previews.
    pub preview: Duration,
    /// Between two edits in a private chat.
    pub private_edit: Duration,
    /// Between two edits in a group.
    pub group_edit: Duration,
}

impl Pace {
    /// What Telegram bears. It publishes no numbers; about one message a second in a private chat and twenty a minute in a group
    /// pass, and edits count alike (<https://core.telegram.org/bots/faq#broadcasting-to-users>).
    pub const TELEGRAM: Self = Self {
        first_preview: Duration::from_secs(4),
        preview: Duration::from_secs(3),
        private_edit: Duration::from_secs(3),
        group_edit: Duration::from_secs(5),
    };

    /// For a server on this machine: the picture is seen to emerge, seven times a second at most.
    pub const LOCAL: Self = Self {
        first_preview: Duration::ZERO,
        preview: Duration::from_millis(150),
        private_edit: Duration::from_millis(150),
        group_edit: Duration::from_millis(150),
    };

    /// The pause between two edits in a chat; groups have negative numbers.
    #[must_use]
    pub fn edits_in(self, chat_id: i64) -> Duration {
        if chat_id < 0 { self.group_edit } else { self.private_edit }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::TELEGRAM
    }
}
