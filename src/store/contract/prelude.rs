//! The names that the stories use.

pub(super) use std::sync::Arc;
pub(super) use std::time::Duration;

pub(super) use super::fixture::{Fixture, LEASE, new_job};
pub(super) use crate::gallery::{GalleryEntry, GalleryPicture, NewCode, NewGalleryPicture};
pub(super) use crate::i18n::Language;
pub(super) use crate::jobs::{
    ApiJob, CancelOutcome, DeliveredMessage, EncodedPicture, Failure, Heartbeat, Input, JobId, JobInputs, JobOutcome,
    JobState, LeaseStatus, NewJob, NewOutgoing, Origin, Requester, Retention, RetentionReport, Source, StoredUpdate,
    Submission, UpdateId, UpdateOutcome, Warnings,
};
pub(super) use crate::keys::{NewApiKey, hash_key, new_key};
pub(super) use crate::limits::{DAY, HOUR, Limit, Limits, OverLimit};
pub(super) use crate::policy::{BroadcastOutcome, BroadcastTally};
pub(super) use crate::recipe::{Margins, PartContent, Recipe, Task};
