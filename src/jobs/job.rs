//! What the queue keeps of a job.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::ids::{JobId, OutgoingId};
use super::input::JobInputs;
use crate::i18n::Language;
use crate::limits::OverLimit;
use crate::moderation::Kind;
use crate::recipe::{Description, Recipe};

/// The user who asked, by the number that the chat platform gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Requester(pub i64);

/// Where a job came from, which decides where its result goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A chat: its result is delivered there.
    Chat(ChatAddress),
    /// The web editor: its user looks at the result there. It is delivered to the chat if nobody does.
    Editor {
        /// The user's private chat.
        address: ChatAddress,
        /// The picture in the editor that it is made from.
        parent: Option<String>,
    },
    /// Another program, by the number of its key: it fetches the result itself.
    Api(i64),
}

/// Where in a chat the result goes, and in which language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatAddress {
    /// The chat.
    pub chat_id: i64,
    /// The forum topic in that chat.
    pub thread_id: Option<i32>,
    /// The message that asked; the result replies to it.
    pub request_message_id: Option<i32>,
    /// The message that shows position and progress, once it was sent.
    pub status_message_id: Option<i32>,
    /// The language of all messages about this job.
    pub language: Language,
    /// Whether the status message shows previews while the job runs.
    pub previews: bool,
}

impl Origin {
    /// The chat that its result is for.
    #[must_use]
    pub fn chat(&self) -> Option<&ChatAddress> {
        match self {
            Self::Chat(address) | Self::Editor { address, .. } => Some(address),
            Self::Api(_) => None,
        }
    }
}

/// A job to be queued.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Names the request, such as a message or a button press. A second job with the same key is not made.
    pub request_key: String,
    /// Who asks.
    pub requester: Requester,
    /// Where it came from.
    pub origin: Origin,
    /// What to draw.
    pub recipe: Recipe,
    /// Its input pictures.
    pub inputs: JobInputs,
}

/// What became of a job that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submission {
    /// It waits; with the messages that were stored in the same transaction.
    Queued(JobId, Vec<OutgoingId>),
    /// It is one too many.
    OverLimit(OverLimit),
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobState {
    /// Waits for a worker.
    Queued,
    /// A worker holds it.
    Running,
    /// The pictures are stored, not yet sent.
    Drawn,
    /// The pictures were sent.
    Delivered,
    /// It could not be drawn.
    Failed,
    /// The user cancelled it.
    Cancelled,
}

/// A worker's right to write to a job: valid until the lease ends or somebody else claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// The worker's name.
    pub worker: String,
    /// The fencing number: how often the job was claimed.
    pub attempt: i64,
}

/// A job that a worker has claimed.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    /// The right to write.
    pub claim: Claim,
    /// What to draw.
    pub recipe: Recipe,
    /// Encoded input pictures in the order of the recipe.
    pub inputs: Vec<Bytes>,
    /// Whether the user wants previews.
    pub previews: bool,
}

/// What a worker reports while it draws. It also renews the lease.
#[derive(Debug, Clone, PartialEq)]
pub struct Heartbeat {
    /// Share of the work that is done, 0 to 1.
    pub progress: f64,
    /// A new small picture of what the result will be like, JPEG.
    pub preview: Option<Vec<u8>>,
}

/// What a worker is to do after a heartbeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseStatus {
    /// Continue.
    Continue,
    /// The user cancelled the job: stop at once.
    Cancelled,
    /// Another worker has the job: stop, write nothing.
    LeaseLost,
}

/// Why a job could not be drawn, as the user is notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The engine reported an error.
    Engine,
    /// The process died over it again and again.
    Crashed,
    /// The stored recipe or picture can not be read.
    Unreadable,
    /// A picture that it takes is not there any more.
    PictureGone,
    /// A picture that it takes can not be opened, or is too small or too large.
    BadPicture,
    /// The picture that would come of it is too large.
    TooLarge,
    /// The mask marks nothing, everything, or belongs to another picture.
    BadMask,
    /// The English text by which it was to be drawn is about something that is not drawn.
    Moderated(Kind),
}

/// What became of a request to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// It was waiting and is cancelled.
    Cancelled,
    /// It runs and stops after the step.
    Stopping,
    /// It had ended before.
    TooLate,
    /// There is no such job of this user.
    NotYours,
}

/// Where a job stands among those that wait or run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuePosition {
    /// 1 for the job that runs now or next.
    pub number: usize,
    /// How long until its pictures are ready, from the duration of the latest jobs; `None` before the first one.
    pub estimate: Option<Duration>,
    /// Whether the owner has paused the queue: the job waits until that ends.
    pub is_paused: bool,
    /// Whether the worker's model is being loaded.
    pub is_loading: bool,
}

/// What the user is to know about the pictures of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Warnings {
    /// Pictures (from 0) that the safety checker flagged: they are sent covered.
    #[serde(skip_serializing_if = "Vec::is_empty", alias = "doubtful")]
    pub flagged: Vec<u32>,
    /// The first words of the prompt's end that was truncated.
    #[serde(skip_serializing_if = "Option::is_none", alias = "unread")]
    pub truncated: Option<String>,
    /// Words of the prompt that the model has not learned, a few of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown_words: Vec<String>,
    /// Whether the model knows nothing of what the prompt names.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub knows_nothing: bool,
    /// Whether the description is in Russian, which the model does not read, and nothing translated it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lacks_translation: bool,
    /// The first words of the negative prompt's end that was truncated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub truncated_negative: Option<String>,
    /// Whether a picture was enlarged by plain resampling, because there is no network for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub resampled: bool,
    /// What the picture shows, where that was asked for instead of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<Box<Description>>,
}

/// A job as it is shown to users.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSummary {
    /// The job.
    pub id: JobId,
    /// Who asked.
    pub requester: Requester,
    /// Where it came from.
    pub origin: Origin,
    /// What is to be drawn.
    pub recipe: Recipe,
    /// How far it is.
    pub state: JobState,
    /// Share of the work that is done, 0 to 1.
    pub progress: f64,
    /// What the user is to know about its pictures.
    pub warnings: Warnings,
}

impl JobSummary {
    /// The chat that it came from.
    #[must_use]
    pub fn chat(&self) -> Option<&ChatAddress> {
        self.origin.chat()
    }
}

impl JobState {
    /// The name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Drawn => "drawn",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Queued, Self::Running, Self::Drawn, Self::Delivered, Self::Failed, Self::Cancelled]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

impl Failure {
    /// All failures.
    pub const ALL: [Self; 11] = [
        Self::Engine,
        Self::Crashed,
        Self::Unreadable,
        Self::PictureGone,
        Self::BadPicture,
        Self::TooLarge,
        Self::BadMask,
        Self::Moderated(Kind::Minors),
        Self::Moderated(Kind::Sexual),
        Self::Moderated(Kind::Hate),
        Self::Moderated(Kind::Gore),
    ];

    /// The name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PictureGone => "picture_gone",
            Self::BadPicture => "bad_picture",
            Self::TooLarge => "too_large",
            Self::BadMask => "bad_mask",
            Self::Engine => "engine",
            Self::Crashed => "crashed",
            Self::Unreadable => "unreadable",
            Self::Moderated(Kind::Minors) => "moderated_minors",
            Self::Moderated(Kind::Sexual) => "moderated_sexual",
            Self::Moderated(Kind::Hate) => "moderated_hate",
            Self::Moderated(Kind::Gore) => "moderated_gore",
        }
    }

    /// The failure of that name; [`Failure::Engine`] for one that this version does not know.
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|failure| failure.name() == name).unwrap_or(Self::Engine)
    }
}
