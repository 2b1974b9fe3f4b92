//! The pictures that a job takes: where they come from, before they are in the job's own row.
//!
//! A person may ask for a picture whose parts are still on the chat platform. The job's row names them, so that nothing is
//! lost if the program ends; whoever can fetch them hands them in, and only then the job can be claimed.

use serde::{Deserialize, Serialize};

use super::{JobId, JobSummary};
use crate::pictures::Area;

/// The pictures of a new job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Inputs {
    /// It takes none.
    #[default]
    None,
    /// Encoded pictures (PNG, JPEG or WebP) in the order of the recipe.
    Encoded(Vec<Vec<u8>>),
    /// Pictures that are yet to be fetched, in the order of the recipe.
    Pending(Vec<Input>),
    /// Those of another job.
    SameAs(JobId),
}

/// A picture that is yet to be fetched or made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// A picture as it is.
    Picture(Source),
    /// A mask for a picture.
    Mask(MaskPlan),
}

/// Where a picture is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A file on the chat platform, by the platform's name for it.
    File(String),
    /// A picture that a job drew, by its place among them (from 0).
    Result(JobId, u32),
}

/// How a mask is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaskPlan {
    /// The picture that it is for.
    pub picture: Source,
    /// How the person told what shall be drawn anew.
    pub marking: Marking,
    /// Everything else instead.
    #[serde(default)]
    pub inverted: bool,
    /// How often it was made wider.
    #[serde(default)]
    pub wider: u32,
}

/// How a person told what shall be drawn anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marking {
    /// Painted over on a copy of the picture.
    Painted(Source),
    /// White or transparent in a file of its own.
    File(Source),
    /// One of the usual parts of a picture.
    Area(Area),
}

/// A job whose pictures are yet to be fetched.
#[derive(Debug, Clone)]
pub struct Gathering {
    /// The job.
    pub job: JobSummary,
    /// Its pictures in the order of the recipe.
    pub inputs: Vec<Input>,
    /// How often fetching failed before.
    pub attempts: u32,
}

/// A message that brought a picture of a job, or its buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The chat.
    pub chat_id: i64,
    /// The message.
    pub message_id: i32,
    /// Which of the pictures, from 0; `None` for a message with buttons alone.
    pub position: Option<u32>,
    /// The picture on the chat platform.
    pub file_id: Option<String>,
}

/// A job with what was sent of it.
#[derive(Debug, Clone)]
pub struct DeliveredJob {
    /// The job.
    pub job: JobSummary,
    /// Its messages in the order of the pictures.
    pub messages: Vec<Delivered>,
}
