//! The input pictures of a job: where they come from, before they are stored with it.
//!
//! A request may name pictures that are still on the chat platform. The job's row keeps the list, so that a restart loses
//! nothing; once they are downloaded and stored, the job can be claimed.

use serde::{Deserialize, Serialize};

use super::encoded::EncodedPicture;
use super::ids::JobId;
use crate::pictures::Area;

/// The input pictures of a new job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum JobInputs {
    /// There are none.
    #[default]
    None,
    /// Encoded pictures (PNG, JPEG or WebP) in the order of the recipe.
    Encoded(Vec<EncodedPicture>),
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
    /// How the user marked what shall be drawn anew.
    pub marking: Marking,
    /// Everything else instead.
    #[serde(default)]
    pub inverted: bool,
    /// How often it was made wider.
    #[serde(default)]
    pub wider: u32,
}

/// How a user marked what shall be drawn anew.
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
