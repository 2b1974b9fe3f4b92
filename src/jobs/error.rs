//! What can go wrong with a store.

use super::ids::JobId;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused: it can not be reached, the disk is full, a row breaks a rule.
    #[error("the database: {0}")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The pictures of another job were to be used again and are not there any more.
    #[error("the input pictures of job {job} are gone")]
    InputsGone {
        /// The other job.
        job: JobId,
    },
    /// A row holds something that this version can not read.
    #[error("job {job} can not be read: {reason}")]
    Unreadable {
        /// The job.
        job: JobId,
        /// What is wrong.
        reason: String,
    },
}

impl StoreError {
    /// The error of a database driver.
    pub fn database(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Database(Box::new(error))
    }
}
