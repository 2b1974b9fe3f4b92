//! What people do in a chat, and what is known at that moment.

use crate::conversation::{Command, Example, Press};
use crate::jobs::{JobId, JobSummary, Place, Requester};

/// Something a person did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Words for the bot: plain text in a private chat; in a group a mention or a reply, without the mention itself.
    Text(String),
    /// A slash command.
    Command {
        /// The name as it was written, without the slash and the bot's name.
        name: String,
        /// Everything after it, trimmed.
        argument: String,
        /// Whether the command can only be meant for this bot: in a private chat, or with its name behind the `@`.
        addressed: bool,
    },
    /// A press on a button with this callback data.
    Press(String),
    /// A picture.
    Photo {
        /// The album that it is a part of.
        album: Option<String>,
    },
    /// A message that holds no words.
    Wordless(Wordless),
}

/// What a message without words holds instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wordless {
    /// A sticker or a custom dice.
    Sticker,
    /// A voice message or a piece of music.
    Voice,
    /// A video, a round video message or a GIF.
    Video,
    /// A file of any kind.
    File,
    /// A contact, a place, a poll and whatever else there may be.
    Other,
}

/// What is known when an event is answered.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The chat.
    pub chat_id: i64,
    /// Who did it.
    pub person: Requester,
    /// The language of that person's client, an IETF tag.
    pub client_language: Option<&'a str>,
    /// The message that the event is (for a press: the one with the button).
    pub message_id: i32,
    /// The seed for a new picture.
    pub seed: u64,
    /// Prompts to suggest.
    pub examples: &'a [Example],
    /// This person's jobs that wait or run, in the order of the queue; looked up if [`Event::concerns_queue`].
    pub jobs: &'a [OwnJob],
    /// The job that a pressed button is about; looked up if [`Event::concerned_job`].
    pub job: Option<&'a JobSummary>,
}

/// One of a person's own jobs that wait or run.
#[derive(Debug, Clone)]
pub struct OwnJob {
    /// The job.
    pub job: JobSummary,
    /// Where it stands.
    pub place: Option<Place>,
}

impl Surroundings<'_> {
    /// Whether the chat is between one person and the bot. The numbers of groups are negative
    /// (<https://core.telegram.org/bots/api#chat>, the ranges of TDLib).
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.chat_id > 0
    }
}

impl Event {
    /// Whether the answer depends on the person's jobs that wait or run.
    #[must_use]
    pub fn concerns_queue(&self) -> bool {
        match self {
            Self::Command { name, .. } => matches!(Command::parse(name), Some(Command::Queue | Command::Cancel)),
            Self::Press(data) => {
                matches!(Press::decode(data), Some(Press::Queue | Press::CancelAll | Press::CancelListed(_)))
            }
            _ => false,
        }
    }

    /// The job that the pressed button is about.
    #[must_use]
    pub fn concerned_job(&self) -> Option<JobId> {
        match self {
            Self::Press(data) => Press::decode(data)?.job(),
            _ => None,
        }
    }
}
