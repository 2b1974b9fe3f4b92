//! The queue's domain: jobs ([`NewJob`], [`ClaimedJob`], [`JobSummary`]), and the traits of a store by who calls them:
//! [`Queue`], [`WorkQueue`], [`Inbox`], [`Outbox`], [`Inputs`], [`Archive`], [`ApiJobs`], [`Signals`].
//!
//! A job goes `queued → running → drawn → delivered`, or to `failed` or `cancelled`. Its row and input pictures are written in
//! one transaction before the user is notified; results are stored and the job marked drawn before anything is sent. A worker
//! holds a lease with a fencing number ([`Claim`]): a worker that lost its lease can no longer write.

mod api_jobs;
mod archive;
mod delivered;
mod encoded;
mod error;
mod events;
mod ids;
mod inbox;
mod input;
mod inputs;
mod job;
pub mod order;
mod outbox;
mod pace;
mod previews;
mod queue;
mod retention;
mod stats;
mod sweep;
mod work;

pub use api_jobs::{ApiJob, ApiJobs};
pub use archive::Archive;
pub use delivered::{DeliveredJob, DeliveredMessage};
pub use encoded::{EncodedPicture, PictureInfo};
pub use error::StoreError;
pub use events::{JobEvent, JobEvents};
pub use ids::{JobId, OutgoingId, UpdateId};
pub use inbox::{Inbox, NewOutgoing, StoredUpdate, UpdateOutcome};
pub use input::{Input, JobInputs, Marking, MaskPlan, Source};
pub use inputs::{InputFetch, Inputs};
pub use job::{
    CancelOutcome, ChatAddress, Claim, ClaimedJob, Failure, Heartbeat, JobState, JobSummary, LeaseStatus, NewJob,
    Origin, QueuePosition, Requester, Submission, Warnings,
};
pub use outbox::{Delivery, JobOutcome, Outbox, Outgoing};
pub use pace::Pace;
pub use previews::Previews;
pub use queue::{JobStore, Queue, Signals, WorkQueue};
pub use retention::{Retention, RetentionReport};
pub use stats::QueueStats;
pub use sweep::sweep_periodically;
pub use work::Work;
