//! Results and downloads that are due. A process that takes some keeps them as long as it lives: no other sends the same picture.

use super::PostgresStore;
use super::outbox::due_between;
use super::rows::JobRow;
use crate::jobs::StoreError;

/// Takes the oldest due result of each chat that is not busy, if no other process has it. A result whose time is further ahead
/// than the longest delay is due: a clock was set back.
const TAKE_DELIVERIES: &str = "
    WITH due AS (
        SELECT id, ROW_NUMBER() OVER (PARTITION BY chat_id ORDER BY finished_at, id) AS place FROM jobs
        WHERE delivered_at IS NULL AND state IN ('drawn', 'failed') AND chat_id IS NOT NULL
            AND (deliver_after <= $1 OR deliver_after > $2) AND chat_id <> ALL ($3)),
    taken AS (
        SELECT id FROM jobs WHERE id IN (SELECT id FROM due WHERE place = 1) AND delivered_at IS NULL
            AND (deliver_after <= $1 OR deliver_after > $2)
            AND (delivery_process IS NULL OR delivery_process = $5 OR NOT is_alive(delivery_process))
        ORDER BY finished_at, id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE jobs SET delivery_process = $5 WHERE id IN (SELECT id FROM taken) RETURNING id";

/// Takes jobs whose input pictures are to be fetched, oldest first.
const TAKE_FETCHES: &str = "
    WITH taken AS (
        SELECT id FROM jobs WHERE pending_inputs IS NOT NULL AND state = 'queued' AND (fetch_after <= $1 OR fetch_after > $2)
            AND (fetch_process IS NULL OR fetch_process = $4 OR NOT is_alive(fetch_process))
        ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE jobs SET fetch_process = $4 WHERE id IN (SELECT id FROM taken) RETURNING id";

const SELECT_TAKEN_DELIVERIES: &str = select_jobs!("WHERE jobs.id = ANY ($1) ORDER BY finished_at, jobs.id");
const SELECT_TAKEN_FETCHES: &str = select_jobs!("WHERE jobs.id = ANY ($1) ORDER BY jobs.id");

impl PostgresStore {
    /// Of each chat that is not busy the oldest result that is due.
    pub(super) async fn take_due_deliveries(&self, busy: &[i64], limit: u32) -> Result<Vec<JobRow>, StoreError> {
        let (now, late) = due_between();
        let taken: Vec<i64> = sqlx::query_scalar(TAKE_DELIVERIES)
            .bind(now)
            .bind(late)
            .bind(busy)
            .bind(i64::from(limit))
            .bind(&*self.process)
            .fetch_all(&self.pool)
            .await?;
        self.taken(SELECT_TAKEN_DELIVERIES, taken).await
    }

    /// Jobs whose input pictures are to be fetched.
    pub(super) async fn take_due_fetches(&self, limit: u32) -> Result<Vec<JobRow>, StoreError> {
        let (now, late) = due_between();
        let taken: Vec<i64> = sqlx::query_scalar(TAKE_FETCHES)
            .bind(now)
            .bind(late)
            .bind(i64::from(limit))
            .bind(&*self.process)
            .fetch_all(&self.pool)
            .await?;
        self.taken(SELECT_TAKEN_FETCHES, taken).await
    }

    async fn taken(&self, query: &'static str, jobs: Vec<i64>) -> Result<Vec<JobRow>, StoreError> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        Ok(sqlx::query_as(query).bind(jobs).fetch_all(&self.pool).await?)
    }
}
