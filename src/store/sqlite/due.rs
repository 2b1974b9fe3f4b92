//! Results and downloads that are due: one process serves the folder, so they need not be claimed.

use super::SqliteStore;
use super::outbox::due_between;
use super::rows::JobRow;
use crate::jobs::StoreError;

/// The oldest due result of each chat that is not busy (a JSON list of numbers), oldest first. A result whose time is further
/// ahead than the longest delay is due: the clock was set back.
pub(super) const SELECT_DUE_DELIVERIES: &str = select_jobs!(
    "JOIN (
        SELECT id AS due, ROW_NUMBER() OVER (PARTITION BY chat_id ORDER BY finished_at, id) AS place FROM jobs
        WHERE delivered_at IS NULL AND state IN ('drawn', 'failed') AND chat_id IS NOT NULL
            AND (deliver_after <= $1 OR deliver_after > $2)
            AND chat_id NOT IN (SELECT value FROM json_each($3))
     ) ON due = jobs.id WHERE place = 1 ORDER BY finished_at, jobs.id LIMIT $4"
);
/// Jobs whose input pictures are to be fetched and whose time has come, oldest first; as above after the clock was set back.
pub(super) const SELECT_DUE_FETCHES: &str = select_jobs!(
    "WHERE pending_inputs IS NOT NULL AND state = 'queued' AND (fetch_after <= $1 OR fetch_after > $2) ORDER BY id LIMIT $3"
);

impl SqliteStore {
    /// Of each chat that is not busy the oldest result that is due.
    pub(super) async fn take_due_deliveries(&self, busy: &[i64], limit: u32) -> Result<Vec<JobRow>, StoreError> {
        let busy = serde_json::to_string(busy).unwrap_or_default();
        let (now, late) = due_between();
        let rows = sqlx::query_as(SELECT_DUE_DELIVERIES).bind(now).bind(late).bind(busy).bind(limit);
        Ok(rows.fetch_all(self.reader()).await?)
    }

    /// Jobs whose input pictures are to be fetched.
    pub(super) async fn take_due_fetches(&self, limit: u32) -> Result<Vec<JobRow>, StoreError> {
        let (now, late) = due_between();
        let rows = sqlx::query_as(SELECT_DUE_FETCHES).bind(now).bind(late).bind(limit);
        Ok(rows.fetch_all(self.reader()).await?)
    }
}
