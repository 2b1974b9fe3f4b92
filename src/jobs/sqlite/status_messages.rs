//! Which message tells about a job: written for many jobs at once where many come at once, because a commit waits for the
//! disk.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::{JobId, QueueError};
use super::SqliteQueue;

/// What waits to be written; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct StatusMessages {
    waiting: Arc<Mutex<HashMap<JobId, i32>>>,
    /// Whoever holds it writes all that waits.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl StatusMessages {
    fn waiting(&self) -> MutexGuard<'_, HashMap<JobId, i32>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SqliteQueue {
    /// Returns when it is written, by this call or by another's.
    pub(super) async fn write_status_message(&self, job: JobId, message_id: i32) -> Result<(), QueueError> {
        self.status_messages.waiting().insert(job, message_id);
        let _turn = self.status_messages.turn.lock().await;
        // A copy, so that nothing is forgotten if this call is dropped or fails: the next one writes it again.
        let batch = self.status_messages.waiting().clone();
        if batch.get(&job) != Some(&message_id) {
            return Ok(());
        }
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        for (job, message_id) in &batch {
            sqlx::query("UPDATE jobs SET status_message_id = $2 WHERE id = $1")
                .bind(job.0)
                .bind(message_id)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        self.status_messages.waiting().retain(|job, message_id| batch.get(job) != Some(message_id));
        Ok(())
    }
}
