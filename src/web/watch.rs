//! Waits for what happens to a job.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;
use tokio::time::Instant;

use super::error::{ApiError, ApiResult};
use super::state::Api;
use crate::jobs::{ApiJob, JobEvent, JobId, JobState};

/// Without any event the job is looked at again after this time.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// Positions are looked at this often at most.
const BETWEEN_MOVES: Duration = Duration::from_millis(250);

/// Somebody who looks at a job of a key.
pub(super) struct JobWatch {
    api: Arc<Api>,
    key: i64,
    job: JobId,
    events: Receiver<JobEvent>,
    stopping: watch::Receiver<bool>,
}

/// Which events are worth a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Interest {
    /// The end alone.
    End,
    /// Progress as well.
    Progress,
    /// Also moves in the queue, while the job waits.
    Position,
}

impl JobWatch {
    /// Sees all that happens from now on.
    pub(super) fn new(api: &Arc<Api>, key: i64, job: JobId) -> Self {
        let (events, stopping) = (api.store.signals.events(), api.stopping.clone());
        Self { api: Arc::clone(api), key, job, events, stopping }
    }

    /// The job as it is now.
    ///
    /// # Errors
    /// It is not there (any more).
    pub(super) async fn job(&self) -> ApiResult<ApiJob> {
        self.api.jobs.api_job(self.key, self.job).await?.ok_or_else(|| ApiError::not_found("job"))
    }

    /// Waits until something may have changed, at most until a moment; false at that moment.
    ///
    /// # Errors
    /// The server ends.
    pub(super) async fn changed(&mut self, interest: Interest, until: Instant) -> ApiResult<bool> {
        let look_again = Instant::now() + LOOK_AGAIN;
        loop {
            tokio::select! {
                () = stopped(&mut self.stopping) => return Err(ApiError::stopping()),
                () = tokio::time::sleep_until(until) => return Ok(false),
                () = tokio::time::sleep_until(look_again) => return Ok(true),
                event = self.events.recv() => match event {
                    Ok(event) if !is_about(event, self.job, interest) => {}
                    Ok(JobEvent::QueueMoved) => {
                        // Moves come in swarms.
                        tokio::time::sleep(BETWEEN_MOVES).await;
                        return Ok(true);
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => return Ok(true),
                    Err(RecvError::Closed) => return Err(ApiError::stopping()),
                },
            }
        }
    }

    /// Waits for the end of the job; `None` if it goes on after this time.
    ///
    /// # Errors
    /// The server ends, or the job is not there any more.
    pub(super) async fn until_ended(&mut self, patience: Duration) -> ApiResult<Option<ApiJob>> {
        let until = Instant::now() + patience;
        loop {
            let job = self.job().await?;
            if has_ended(job.job.state) {
                return Ok(Some(job));
            }
            if !self.changed(Interest::End, until).await? {
                return Ok(None);
            }
        }
    }
}

/// Waits until the server ends.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

/// Whether nothing more happens to a job.
pub(super) fn has_ended(state: JobState) -> bool {
    !matches!(state, JobState::Queued | JobState::Running)
}

fn is_about(event: JobEvent, job: JobId, interest: Interest) -> bool {
    match event {
        JobEvent::Ended(other) => other == job,
        JobEvent::Started(other) | JobEvent::Progress(other, _) | JobEvent::CancelRequested(other) => {
            other == job && interest >= Interest::Progress
        }
        JobEvent::FilesAsked(_) => false,
        JobEvent::QueueMoved | JobEvent::PauseChanged => interest == Interest::Position,
    }
}
