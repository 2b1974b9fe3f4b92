//! The queue: a recipe that somebody waits for is a job ([`NewJob`], [`ClaimedJob`], [`JobSummary`]).
//!
//! `queued → running → drawn → delivered`, or `failed`, or `cancelled`. The row and its input pictures are written in one
//! transaction before anybody is told that the job exists; results are stored and the job marked drawn before anything is
//! sent. Whoever works on a job holds a lease with a fencing number ([`Claim`]): a worker that lost its lease can no longer
//! write. The room knows neither candle nor teloxide.

mod census;
mod events;
mod input;
mod job;
mod keeping;
mod order;
mod previews;
mod queue;
mod sqlite;

pub use census::Census;
pub use events::{JobEvent, JobEvents};
pub use input::{Delivered, DeliveredJob, Gathering, Input, Inputs, Marking, MaskPlan, Source};
pub use job::{
    Address, CancelOutcome, Claim, ClaimedJob, Failure, JobId, JobState, JobSummary, NewJob, Place, QueueError,
    Remarks, Report, Requester, Submission, Telling, Tidings, Verdict,
};
pub use keeping::{Keeping, Swept, keep_sweeping};
pub use previews::Previews;
pub use queue::JobQueue;
pub use sqlite::SqliteQueue;
#[cfg(test)]
pub(crate) use sqlite::tests::wish;
