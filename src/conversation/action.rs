//! What the bot does in answer to an event.

use serde::{Deserialize, Serialize};

use crate::conversation::{ChatState, Press};
use crate::i18n::Language;
use crate::jobs::{JobId, JobInputs, MaskPlan};
use crate::recipe::Recipe;

/// An answer: the new state of the chat and what to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The new state.
    pub state: ChatState,
    /// The language of the answer.
    pub language: Language,
    /// What to do.
    pub actions: Vec<Action>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Sends a new message.
    Say(Message),
    /// Turns the message whose button was pressed into this one.
    Edit(Message),
    /// Replaces the buttons below the message whose button was pressed; its text or picture stays.
    EditButtons(Vec<Vec<Button>>),
    /// Shows a line over the chat for a moment, in answer to a press; at most 200 characters.
    Toast(String),
    /// Queues a job, then shows its position in the queue.
    Draw(Drawing),
    /// Cancels jobs, then says what became of that.
    Cancel(Vec<JobId>),
    /// Sends the pictures of a job as files, byte for byte.
    SendFiles(JobId),
    /// Sends the pictures of a job once more, with their caption and buttons.
    SendPictures(JobId),
    /// Removes the pictures of a job, and the messages that show them.
    Delete(JobId),
    /// Makes a link to a job's recipe and sends it.
    Share(JobId),
    /// Sends a button that opens the web editor, with one of a job's pictures or with nothing.
    OpenEditor(Option<(JobId, u32)>),
    /// Opens the file of the event: a picture, or not.
    Open,
    /// Goes on once no more pictures of this album come.
    AwaitAlbum(String),
    /// Shows a mask over its picture.
    ShowMask(MaskShown),
    /// Says what is kept of a user.
    SayPrivacy,
    /// Deletes everything about the user, then says so in the message whose button was pressed.
    Forget,
}

impl Action {
    /// Whether it brings a message or a picture that was not there: done twice, there are two of them.
    #[must_use]
    pub fn brings_something_new(&self) -> bool {
        match self {
            Self::Say(_)
            | Self::Draw(_)
            | Self::SendFiles(_)
            | Self::SendPictures(_)
            | Self::Share(_)
            | Self::OpenEditor(_)
            | Self::SayPrivacy => true,
            Self::ShowMask(shown) => !shown.in_place,
            Self::Edit(_)
            | Self::EditButtons(_)
            | Self::Toast(_)
            | Self::Cancel(_)
            | Self::Delete(_)
            | Self::Open
            | Self::AwaitAlbum(_)
            | Self::Forget => false,
        }
    }
}

/// A mask to be shown: red over the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MaskShown {
    /// How it is made.
    pub plan: MaskPlan,
    /// What stands below it.
    pub message: Message,
    /// In the message whose button was pressed, instead of a new one.
    pub in_place: bool,
}

/// A picture to be queued.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// What to draw.
    pub recipe: Recipe,
    /// The pictures that it takes.
    pub inputs: JobInputs,
    /// Whether the user wants previews.
    pub previews: bool,
    /// The message that the picture answers.
    pub reply_to: Option<i32>,
    /// Where position and progress are shown.
    pub status: StatusMessage,
}

/// Where position and progress of a job are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusMessage {
    /// In a new message.
    New,
    /// In the message whose button was pressed.
    Pressed,
}

/// A text with buttons. The text is plain: no markup is read out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The text, 1 to 4096 characters.
    pub text: String,
    /// Rows of buttons below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
}

/// A button below a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What it does.
    pub press: Press,
}

impl Message {
    /// A text without buttons.
    #[must_use]
    pub fn plain(text: String) -> Self {
        Self { text, buttons: Vec::new() }
    }

    /// The same with one more row of buttons.
    #[must_use]
    pub fn row(mut self, row: impl Into<Vec<Button>>) -> Self {
        self.buttons.push(row.into());
        self
    }
}

impl Button {
    /// A button with a label of any kind.
    #[must_use]
    pub fn new(label: String, press: Press) -> Self {
        Self { label, press }
    }

    /// A button whose label is the text under `key`.
    #[must_use]
    pub fn named(language: Language, key: &str, press: Press) -> Self {
        Self::new(language.text(key), press)
    }
}
