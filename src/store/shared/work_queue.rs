//! The worker's side of the queue: claims with lease and fencing number, heartbeats, endings.
//!
//! Every write names the worker and the attempt. A worker whose lease ran out and whose job was claimed again finds no row and
//! gets [`LeaseStatus::LeaseLost`].

use std::time::Duration;

use async_trait::async_trait;

use super::Store;
use super::endings::{Ending, readable};
use super::pictures::Role;
use crate::jobs::{
    Claim, ClaimedJob, EncodedPicture, Failure, Heartbeat, JobEvent, JobId, LeaseStatus, StoreError, Warnings,
    WorkQueue,
};
use crate::recipe::Recipe;

/// A job whose worker fell silent so often is given up. The end of the process counts elsewhere.
const MAX_ATTEMPTS: i64 = 3;
/// What is read of a job when it is claimed.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ClaimedRow {
    pub(super) id: i64,
    pub(super) worker: String,
    pub(super) attempts: i64,
    pub(super) recipe: String,
    pub(super) previews: bool,
}

#[async_trait]
impl WorkQueue for Store {
    async fn claim(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedJob>, StoreError> {
        loop {
            let Some(claimed) = self.claim_row(worker, lease).await? else { return Ok(None) };
            let claim = Claim { job: JobId(claimed.id), worker: claimed.worker, attempt: claimed.attempts };
            if claimed.attempts > MAX_ATTEMPTS {
                self.fail(&claim, Failure::Crashed).await?;
                continue;
            }
            let Some(recipe) = readable(&claim, &claimed.recipe) else {
                self.fail(&claim, Failure::Unreadable).await?;
                continue;
            };
            let inputs = match recipe.task.inputs() {
                0 => Vec::new(),
                _ => self.pictures_of(claim.job, Role::Input).await?,
            };
            self.queue_moved();
            self.events.send(JobEvent::Started(claim.job));
            return Ok(Some(ClaimedJob { claim, recipe, inputs, previews: claimed.previews }));
        }
    }

    async fn heartbeat(&self, claim: &Claim, heartbeat: Heartbeat, lease: Duration) -> Result<LeaseStatus, StoreError> {
        match self.record_heartbeat(claim, &heartbeat, lease).await? {
            None => Ok(LeaseStatus::LeaseLost),
            Some(true) => self.end_if_cancelled(claim).await,
            Some(false) => {
                if let Some(preview) = heartbeat.preview {
                    self.previews.set(claim.job, preview);
                }
                self.events.send(JobEvent::Progress(claim.job, heartbeat.progress));
                Ok(LeaseStatus::Continue)
            }
        }
    }

    async fn set_recipe(&self, claim: &Claim, recipe: &Recipe) -> Result<(), StoreError> {
        let Ok(recipe) = serde_json::to_string(recipe) else { return Ok(()) };
        sqlx::query(
            "UPDATE jobs SET recipe = $4 WHERE id = $1 AND worker = $2 AND attempts = $3 AND state = 'running'",
        )
        .bind(claim.job.0)
        .bind(&claim.worker)
        .bind(claim.attempt)
        .bind(recipe)
        .execute(self.writer())
        .await?;
        Ok(())
    }

    async fn finish(
        &self,
        claim: &Claim,
        pictures: Vec<EncodedPicture>,
        warnings: &Warnings,
    ) -> Result<LeaseStatus, StoreError> {
        self.end_unless_cancelled(claim, &Ending::drawn(pictures, warnings)).await
    }

    async fn fail(&self, claim: &Claim, failure: Failure) -> Result<LeaseStatus, StoreError> {
        self.end_unless_cancelled(claim, &Ending::Failed(failure)).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        // The attempt does not count; a new claim still gets a number that no old one has, because this worker is gone.
        self.give_up(claim, 1).await
    }

    async fn retry(&self, claim: &Claim) -> Result<(), StoreError> {
        self.give_up(claim, 0).await
    }
}
