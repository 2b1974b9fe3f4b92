//! The commands of the bot's owner, and what they are answered. Nobody else learns that they exist.

use std::time::Duration;

use crate::conversation::{Button, Message, Press, shorten, status};
use crate::i18n::Language;
use crate::jobs::QueueStats;
use crate::policy::BroadcastTally;

/// A command of the owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerCommand {
    /// The bot in figures.
    Stats,
    /// Draws nothing for a while.
    Pause,
    /// Draws again.
    Resume,
    /// Serves somebody no longer.
    Ban,
    /// Serves somebody again.
    Unban,
    /// A message to everybody.
    Broadcast,
}

/// The longest text that is shown in the question before a broadcast; the question needs some room itself.
const SHOWN_TEXT: usize = 3500;

impl OwnerCommand {
    /// All commands in the order of the menu.
    pub const ALL: [Self; 6] = [Self::Stats, Self::Pause, Self::Resume, Self::Ban, Self::Unban, Self::Broadcast];

    /// The name without the slash.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stats => "stats",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Ban => "ban",
            Self::Unban => "unban",
            Self::Broadcast => "broadcast",
        }
    }

    /// The line beside the name in the menu.
    #[must_use]
    pub fn description(self, language: Language) -> String {
        language.text(&format!("command-{}", self.name()))
    }

    /// The command of this name, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name().eq_ignore_ascii_case(name))
    }
}

/// The bot in figures.
#[must_use]
pub fn stats(language: Language, stats: &QueueStats, uptime: Duration) -> Message {
    let duration = |time| status::duration(language, time);
    let median = stats.median.map_or_else(|| language.text("owner-unknown"), duration);
    let megabytes = stats.disk_bytes.div_ceil(1_000_000);
    let text = language.text_with(
        "owner-stats",
        [
            ("people", stats.users.into()),
            ("people-today", stats.users_today.into()),
            ("jobs", stats.jobs.into()),
            ("jobs-today", stats.jobs_today.into()),
            ("waiting", stats.waiting.into()),
            ("running", stats.running.into()),
            ("failed", stats.failed.into()),
            ("failed-today", stats.failed_today.into()),
            ("median", median.into()),
            ("megabytes", megabytes.into()),
            ("uptime", duration(uptime).into()),
        ],
    );
    Message::plain(match stats.is_paused {
        true => format!("{text}\n{}", language.text("owner-stats-paused")),
        false => text,
    })
}

/// The queue was paused or goes on.
#[must_use]
pub fn pause_changed(language: Language, is_paused: bool, waiting: u64) -> Message {
    Message::plain(match is_paused {
        true => language.text("owner-paused"),
        false => language.text_with("owner-resumed", [("count", waiting.into())]),
    })
}

/// What became of a ban.
#[must_use]
pub fn banned(language: Language, id: i64, is_new: bool) -> Message {
    let key = if is_new { "owner-banned" } else { "owner-banned-already" };
    Message::plain(language.text_with(key, [("id", id.to_string().into())]))
}

/// What became of its end.
#[must_use]
pub fn unbanned(language: Language, id: i64, was_banned: bool) -> Message {
    let key = if was_banned { "owner-unbanned" } else { "owner-unbanned-already" };
    Message::plain(language.text_with(key, [("id", id.to_string().into())]))
}

/// A ban without a number.
#[must_use]
pub fn ban_whom(language: Language) -> Message {
    Message::plain(language.text("owner-ban-whom"))
}

/// A ban of an admin or of the bot itself.
#[must_use]
pub fn ban_nobody(language: Language) -> Message {
    Message::plain(language.text("owner-ban-nobody"))
}

/// A broadcast without a text.
#[must_use]
pub fn broadcast_what(language: Language) -> Message {
    Message::plain(language.text("owner-broadcast-what"))
}

/// Asks for the word to send.
#[must_use]
pub fn broadcast_ask(language: Language, id: i64, text: &str, chats: i64) -> Message {
    let question = language.text_with("owner-broadcast-ask", [("count", chats.into())]);
    Message::plain(format!("{question}\n\n{}", shorten(text, SHOWN_TEXT))).row([
        Button::named(language, "button-broadcast", Press::Broadcast(id)),
        Button::named(language, "button-broadcast-not", Press::BroadcastNot(id)),
    ])
}

/// The admin thought better of it.
#[must_use]
pub fn broadcast_dropped(language: Language) -> Message {
    Message::plain(language.text("owner-broadcast-dropped"))
}

/// How far a broadcast is.
#[must_use]
pub fn broadcast_progress(language: Language, tally: &BroadcastTally, is_done: bool) -> Message {
    let values = [
        ("sent", tally.sent.into()),
        ("all", tally.all.into()),
        ("gone", tally.gone.into()),
        ("refused", tally.refused.into()),
    ];
    Message::plain(
        language.text_with(if is_done { "owner-broadcast-done" } else { "owner-broadcast-progress" }, values),
    )
}

/// Jobs fail one after another.
#[must_use]
pub fn alert(language: Language, failures: u64) -> Message {
    Message::plain(language.text_with("owner-alert", [("count", failures.into())]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Command;

    #[test]
    fn the_owners_commands_are_no_ones_elses() {
        for command in OwnerCommand::ALL {
            assert_eq!(Command::parse(command.name()), None);
            assert_eq!(OwnerCommand::parse(&command.name().to_uppercase()), Some(command));
            for language in Language::ALL {
                assert!((3..=256).contains(&command.description(language).chars().count()));
            }
        }
    }

    #[test]
    fn the_figures_are_told() {
        let figures = QueueStats {
            users: 12,
            jobs: 1234,
            failed: 3,
            median: Some(Duration::from_secs(40)),
            disk_bytes: 5_400_000,
            is_paused: true,
            ..QueueStats::default()
        };
        let text = stats(Language::Ru, &figures, Duration::from_secs(7200)).text;
        for figure in ["12", "1234", "40 секунд", "6 МБ", "2 часа", "паузе"] {
            assert!(text.contains(figure), "{figure} is not in {text}");
        }
    }

    #[test]
    fn a_long_broadcast_still_fits_its_question() {
        let message = broadcast_ask(Language::Ru, 1, &"я".repeat(4096), 21);
        assert!(message.text.encode_utf16().count() <= 4096 && message.text.contains("21 чат?"), "{}", message.text);
    }
}
