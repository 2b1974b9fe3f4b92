//! What the queue keeps and says about a job.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Delivered, Inputs};
use crate::i18n::Language;
use crate::limits::OverLimit;
use crate::recipe::Recipe;

/// Number of a job, unique for ever in one data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The person who asked, by the number that the chat platform gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Requester(pub i64);

/// Where the results go, and in which language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The chat.
    pub chat_id: i64,
    /// The forum topic in that chat.
    pub thread_id: Option<i32>,
    /// The message that asked; the result answers it.
    pub request_message_id: Option<i32>,
    /// The message that tells place and progress, once it was sent.
    pub status_message_id: Option<i32>,
    /// The language of everything said about this job.
    pub language: Language,
    /// Whether that message shows small pictures while the job is drawn.
    pub previews: bool,
}

/// A job to be queued.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// Names the message or button press that asks. A second job with the same key is not made.
    pub request_key: String,
    /// Who asks.
    pub requester: Requester,
    /// Where the results go.
    pub address: Address,
    /// What to draw.
    pub recipe: Recipe,
    /// The pictures that it takes.
    pub inputs: Inputs,
}

/// What became of a job that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submission {
    /// It waits.
    Queued(JobId),
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
    /// The person called it off.
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

/// A job in a worker's hands.
#[derive(Debug, Clone)]
pub struct ClaimedJob {
    /// The right to write.
    pub claim: Claim,
    /// What to draw.
    pub recipe: Recipe,
    /// Encoded input pictures in the order of the recipe.
    pub inputs: Vec<Vec<u8>>,
    /// Whether somebody looks at previews.
    pub previews: bool,
}

/// What a worker tells while it draws. It also renews the lease.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// Share of the work that is done, 0 to 1.
    pub progress: f64,
    /// A new small picture of what the result will be like, JPEG.
    pub preview: Option<Vec<u8>>,
}

/// What a worker is to do after a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Continue,
    /// The person called it off: stop at once.
    Cancelled,
    /// Somebody else has the job: stop, write nothing.
    LeaseLost,
}

/// Why a job could not be drawn, in the terms that a person is told.
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
    /// The mask marks nothing, everything, or belongs to another picture.
    BadMask,
}

/// What became of a wish to cancel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// It was waiting and is gone.
    Cancelled,
    /// It is being drawn and stops after the step.
    Stopping,
    /// It had ended before.
    TooLate,
    /// There is no such job of this person.
    NotYours,
}

/// A job among the ones that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// 1 for the job that is drawn now or next.
    pub position: usize,
    /// How long until its pictures are ready, from the pace of the latest jobs; `None` before the first one.
    pub estimate: Option<Duration>,
    /// Whether the owner has paused the queue: the job waits until that ends.
    pub is_paused: bool,
    /// Whether the worker has not come yet: its model is being loaded.
    pub is_loading: bool,
}

/// What the worker remarks about its pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Remarks {
    /// Pictures (from 0) that may not be for everybody's eyes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubtful: Vec<u32>,
    /// The first words of the prompt's end that the model did not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// A job as it is shown to people.
#[derive(Debug, Clone, PartialEq)]
pub struct JobSummary {
    /// The job.
    pub id: JobId,
    /// Who asked.
    pub requester: Requester,
    /// Where the results go.
    pub address: Address,
    /// What is to be drawn.
    pub recipe: Recipe,
    /// How far it is.
    pub state: JobState,
    /// Share of the work that is done, 0 to 1.
    pub progress: f64,
    /// What the worker remarked about its pictures.
    pub remarks: Remarks,
}

/// Something that a person still has to be told: pictures to send or a failure to explain.
#[derive(Debug, Clone)]
pub struct Telling {
    /// The job.
    pub job: JobSummary,
    /// How it ended.
    pub tidings: Tidings,
    /// What of it has arrived already.
    pub sent: Vec<Delivered>,
    /// How often telling failed before.
    pub attempts: u32,
    /// From the claim to the stored pictures.
    pub drawing_time: Option<Duration>,
}

/// How a job ended.
#[derive(Debug, Clone)]
pub enum Tidings {
    /// Encoded PNG pictures in the order of their seeds.
    Pictures(Vec<Vec<u8>>),
    /// Why there are none.
    Failure(Failure),
}

/// What can go wrong with the queue itself.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The database refused.
    #[error("the queue's database: {0}")]
    Database(#[from] sqlx::Error),
    /// The pictures of another job were to be used again and are not there any more.
    #[error("the pictures that job {job} took are gone")]
    InputsGone {
        /// The other job.
        job: JobId,
    },
    /// It is one too many.
    #[error("the limit of {} jobs is reached", .0.most)]
    Limit(OverLimit),
    /// A row holds something that this version can not read.
    #[error("job {job} can not be read: {reason}")]
    Unreadable {
        /// The job.
        job: JobId,
        /// What is wrong.
        reason: String,
    },
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
