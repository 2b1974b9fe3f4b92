//! What users do in a chat, and what is known at that moment.

use crate::conversation::{Command, Example, GivenPicture, Press, split_command};
use crate::jobs::{DeliveredJob, JobId, JobSummary, QueuePosition, Requester};
use crate::recipe::Recipe;

/// How the parameter of a link to a recipe begins: `https://t.me/BOT?start=r_NAME`.
pub const RECIPE_LINK: &str = "r_";
/// What a link to the editor begins with.
pub const EDITOR_LINK: &str = "e_";

/// Something a user did.
#[derive(Debug, Clone, PartialEq)]
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
    Picture {
        /// The picture.
        picture: GivenPicture,
        /// What stands below it.
        caption: String,
        /// The album that it is a part of.
        album: Option<String>,
        /// Whether it is meant for the bot: in a group, others pass by unless the user was asked for one.
        addressed: bool,
        /// The recipe that was found in it.
        recipe: Option<Box<Recipe>>,
    },
    /// A file that may be a picture; it has to be opened first.
    File {
        /// The platform's name for it.
        file: String,
        /// What stands below it.
        caption: String,
        /// The album that it is a part of.
        album: Option<String>,
        /// Whether it is meant for the bot.
        addressed: bool,
    },
    /// A file or photo that can not be used.
    BadPicture(BadPicture),
    /// No more pictures of this album have come for a while.
    AlbumEnded(String),
    /// The mask that was to be shown can not be made.
    BadMask(BadMask),
    /// A message that was changed after it was sent, with its new words where they can be drawn.
    Edited(Option<String>),
    /// A message that holds no words.
    UnsupportedMessage(UnsupportedMessage),
}

/// Why a picture can not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadPicture {
    /// More bytes than the platform gives out.
    TooHeavy,
    /// More pixels than can be worked on.
    TooManyPixels {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// It begins like a picture and is damaged or cut short.
    Damaged,
    /// No picture of a kind that can be opened.
    Unreadable,
    /// It is not there any more, or can not be fetched now.
    Gone,
}

/// Why a mask can not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadMask {
    /// Nothing is marked.
    Nothing,
    /// Nearly everything is marked.
    Everything,
    /// It belongs to a picture of other proportions.
    Shape,
    /// Part of it is transparent, and it can not be told which part is meant.
    Unclear,
    /// One of the pictures can not be used.
    Picture(BadPicture),
}

/// The message that a message answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Replied {
    /// Somebody's picture.
    Picture(GivenPicture),
    /// A picture that the bot drew.
    Result {
        /// The job.
        job: Box<JobSummary>,
        /// Which of its pictures.
        picture: GivenPicture,
    },
}

/// What a message without words holds instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsupportedMessage {
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
pub struct Context<'a> {
    /// The chat.
    pub chat_id: i64,
    /// The forum topic in that chat.
    pub thread_id: Option<i32>,
    /// Who did it.
    pub user: Requester,
    /// The language of that user's client, an IETF tag.
    pub client_language: Option<&'a str>,
    /// The message that the event's message answers, if it shows a picture.
    pub replied: Option<&'a Replied>,
    /// The side of the model's own square pictures, in pixels.
    pub native: u32,
    /// Whether greetings, thanks and questions are answered instead of drawn: a small model knows no picture for them.
    pub answers_small_talk: bool,
    /// Whether Russian texts are translated for the model: it reads none, and a translator is there.
    pub translates: bool,
    /// The message that the event is (for a press: the one with the button).
    pub message_id: i32,
    /// The seed for a new picture.
    pub seed: u64,
    /// Prompts to suggest.
    pub examples: &'a [Example],
    /// This user's jobs that wait or run, in the order of the queue; looked up if [`Event::concerns_queue`].
    pub jobs: &'a [OwnJob],
    /// The job that a pressed button is about; looked up if [`Event::concerned_job`].
    pub job: Option<&'a JobSummary>,
    /// That job's pictures; looked up if [`Event::concerned_job`] and there are any.
    pub pictures: &'a [GivenPicture],
    /// The user's latest results; looked up if [`Event::concerned_history`].
    pub recent: &'a [DeliveredJob],
    /// The job that a link names; looked up if [`Event::concerned_link`].
    pub linked: Option<&'a JobSummary>,
}

/// One of a user's own jobs that wait or run.
#[derive(Debug, Clone)]
pub struct OwnJob {
    /// The job.
    pub job: JobSummary,
    /// Where it stands.
    pub position: Option<QueuePosition>,
}

impl Context<'_> {
    /// Whether the chat is between one user and the bot. The numbers of groups are negative
    /// (<https://core.telegram.org/bots/api#chat>, the ranges of TDLib).
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.chat_id > 0
    }
}

impl Event {
    /// Whether the answer depends on the user's jobs that wait or run.
    #[must_use]
    pub fn concerns_queue(&self) -> bool {
        match self {
            Self::Press(data) => {
                matches!(Press::decode(data), Some(Press::Queue | Press::CancelAll | Press::CancelListed(_)))
            }
            _ => matches!(self.command(), Some((Command::Queue | Command::Cancel, _))),
        }
    }

    /// Whether the answer depends on the sizes of that job's pictures.
    #[must_use]
    pub fn concerns_pictures(&self) -> bool {
        match self {
            Self::Press(data) => matches!(Press::decode(data), Some(Press::Picture(..) | Press::Reprompt(_))),
            _ => false,
        }
    }

    /// From before which job on the answer shows the latest results of the user; `None` if it does not.
    #[must_use]
    pub fn concerned_history(&self) -> Option<Option<JobId>> {
        match self {
            Self::Press(data) => match Press::decode(data)? {
                Press::History(0) => Some(None),
                Press::History(before) => Some(Some(JobId(before))),
                _ => None,
            },
            _ => self.command().filter(|(command, _)| *command == Command::History).map(|_| None),
        }
    }

    /// The command and its argument, in a message of its own or below a picture.
    fn command(&self) -> Option<(Command, &str)> {
        let (name, argument) = match self {
            Self::Command { name, argument, .. } => (name.as_str(), argument.as_str()),
            Self::Picture { caption, .. } => split_command(caption).map(|(name, _, argument)| (name, argument))?,
            _ => return None,
        };
        Some((Command::parse(name)?, argument))
    }

    /// The name of a recipe in the link that was followed.
    #[must_use]
    pub fn concerned_link(&self) -> Option<&str> {
        match self.command()? {
            (Command::Start, argument) => argument.strip_prefix(RECIPE_LINK),
            _ => None,
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
