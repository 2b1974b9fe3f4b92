//! Input pictures that are still on the chat platform.

use std::time::Duration;

use async_trait::async_trait;

use super::encoded::EncodedPicture;
use super::error::StoreError;
use super::ids::JobId;
use super::input::Input;
use super::job::{Failure, JobSummary};

/// A job whose pictures are yet to be fetched.
#[derive(Debug, Clone)]
pub struct InputFetch {
    /// The job.
    pub job: JobSummary,
    /// Its pictures in the order of the recipe.
    pub inputs: Vec<Input>,
    /// How often fetching failed before.
    pub attempts: u32,
}

/// Jobs whose input pictures have yet to be downloaded. They wait in the queue, but no worker claims them before.
#[async_trait]
pub trait Inputs: Send + Sync {
    /// Jobs whose pictures are to be fetched and whose time has come, oldest first.
    async fn due_fetches(&self, limit: u32) -> Result<Vec<InputFetch>, StoreError>;

    /// Stores the pictures of such a job, in the order of the recipe: it can be claimed now.
    async fn store_inputs(&self, job: JobId, pictures: Vec<EncodedPicture>) -> Result<(), StoreError>;

    /// Fetching failed; it is due again after the delay.
    async fn postpone_fetch(&self, job: JobId, delay: Duration) -> Result<(), StoreError>;

    /// The pictures can not be fetched: the job fails.
    async fn fail_fetch(&self, job: JobId, failure: Failure) -> Result<(), StoreError>;
}
