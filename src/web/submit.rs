//! A request becomes a job, or finds the one that it has already.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use rand::Rng;
use rand::distr::Alphanumeric;
use sha2::{Digest, Sha256};

use super::auth::Caller;
use super::error::ApiResult;
use super::params::Params;
use super::presence::Presence;
use super::state::Api;
use crate::jobs::{ApiJob, EncodedPicture, JobId, JobInputs, JobState, NewJob, Origin, UpdateOutcome};
use crate::orders::Placed;
use crate::recipe::Recipe;

/// A repeated request finds its job within this time.
const REPEATED_WITHIN: Duration = Duration::from_secs(15 * 60);
/// The same where the client gave it a name of its own.
const NAMED_WITHIN: Duration = Duration::from_secs(24 * 3600);

/// What is to be drawn.
pub(super) struct Drawing {
    pub(super) recipe: Recipe,
    pub(super) inputs: Vec<EncodedPicture>,
}

/// What makes a request the same as another one.
pub(super) struct RequestIdentity {
    /// Of all request keys of its jobs.
    prefix: String,
    within: Duration,
    /// Whether the client says that it repeats a request.
    is_repeated: bool,
}

/// Whether the client waits for the pictures, or asks for them later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    Yes,
    No,
}

impl RequestIdentity {
    /// By the client's `Idempotency-Key`, if there is one, and the content.
    pub(super) fn new(caller: &Caller, path: &str, headers: &HeaderMap, params: &Params) -> Self {
        let name = headers.get("idempotency-key").map(|name| name.as_bytes());
        // OpenAI's clients count how often they have repeated a request.
        let count = headers.get("x-stainless-retry-count").and_then(|count| count.to_str().ok()?.parse::<u32>().ok());
        let mut hash = Sha256::new();
        hash.update(params.digest(path));
        hash.update(name.unwrap_or_default());
        let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            prefix: format!("api:{}:{digest}", caller.key.id),
            within: if name.is_some() { NAMED_WITHIN } else { REPEATED_WITHIN },
            is_repeated: name.is_some() || count.is_some_and(|count| count > 0),
        }
    }

    /// Whether a job with this content is the one of this request.
    fn is_of(&self, found: &ApiJob, waits: Waits, is_awaited: bool) -> bool {
        // Who asks for the same without a word of a repetition wants another picture, unless nobody has got the first one and nobody
        // waits for it: then its connection broke.
        let is_abandoned = waits == Waits::Yes && !is_awaited && found.job.state != JobState::Delivered;
        self.is_repeated || is_abandoned
    }
}

/// The job of a request.
///
/// # Errors
/// A rule is against it, or the store failed.
pub(super) async fn submit(
    api: &Arc<Api>,
    caller: &Caller,
    identity: &RequestIdentity,
    drawing: Drawing,
    waits: Waits,
) -> ApiResult<(JobId, Presence)> {
    let requester = caller.key.requester();
    let _turn = api.submission.lock().await;
    if let Some(found) = api.jobs.recent_request(&identity.prefix, identity.within).await? {
        let job = found.job.id;
        if identity.is_of(&found, waits, api.presences.is_awaited(job)) {
            tracing::info!(%job, "a repeated request finds its job");
            return Ok((job, api.presences.enter(job, requester)));
        }
    }
    let token: String = rand::rng().sample_iter(Alphanumeric).take(16).map(char::from).collect();
    let job = NewJob {
        request_key: format!("{}:{token}", identity.prefix),
        requester,
        origin: Origin::Api(caller.key.id),
        recipe: drawing.recipe,
        inputs: if drawing.inputs.is_empty() { JobInputs::None } else { JobInputs::Encoded(drawing.inputs) },
    };
    let limits = caller.key.limits(api.orders.limits_of(requester));
    match api.orders.place_within(job, &limits, UpdateOutcome::default()).await? {
        Placed::Queued { job, .. } => Ok((job, api.presences.enter(job, requester))),
        Placed::Refused(refusal) => Err(refusal.into()),
    }
}
