//! Pictures are kept for a while, then the disk gets its room back.

use std::time::Duration;

use super::Store;
use super::clock::{milliseconds, now_ms};
use crate::jobs::{Retention, RetentionReport, StoreError};
use crate::limits::DAY;

/// Rows that are deleted together: other writers wait no longer than that takes.
const BATCH: i64 = 200;

/// A job that has ended and whose result need not be sent any more.
macro_rules! is_over {
    () => {
        "(state IN ('delivered', 'cancelled') OR (state = 'failed' AND delivered_at IS NOT NULL)
            OR (state IN ('drawn', 'failed') AND chat_id IS NULL))"
    };
}

/// Takes pictures of one role from jobs that were over before a moment.
const EXPIRED: &str = concat!(
    "DELETE FROM job_pictures WHERE (job_id, role, position) IN (
        SELECT job_id, role, position FROM job_pictures JOIN jobs ON jobs.id = job_id
        WHERE role = $1 AND COALESCE(delivered_at, finished_at) < $2 AND ",
    is_over!(),
    " LIMIT $3)"
);

/// Takes all pictures from the oldest jobs that are over.
const OLDEST: &str = concat!(
    "DELETE FROM job_pictures WHERE job_id IN (
        SELECT id FROM jobs WHERE EXISTS (SELECT 1 FROM job_pictures WHERE job_id = jobs.id) AND ",
    is_over!(),
    " ORDER BY COALESCE(delivered_at, finished_at), id LIMIT $1)"
);

/// The oldest pictures that users brought into the editor.
const OLDEST_IN_EDITOR: &str =
    "DELETE FROM editor_pictures WHERE id IN (SELECT id FROM editor_pictures ORDER BY created_at LIMIT $1)";

/// The platform delivers an update again for a day at most (<https://core.telegram.org/bots/api#getting-updates>).
const UPDATES_KEPT: Duration = Duration::from_secs(3 * 24 * 3600);

impl Store {
    pub(super) async fn delete_expired(&self, retention: &Retention) -> Result<RetentionReport, StoreError> {
        let before = self.measured_bytes().await?;
        for (role, kept) in [("input", retention.inputs), ("result", retention.results)] {
            let Some(kept) = kept else { continue };
            let until = now_ms().saturating_sub(milliseconds(kept));
            while sqlx::query(EXPIRED).bind(role).bind(until).bind(BATCH).execute(self.writer()).await?.rows_affected()
                > 0
            {}
        }
        if let Some(kept) = retention.inputs {
            sqlx::query("DELETE FROM editor_pictures WHERE created_at < $1")
                .bind(now_ms().saturating_sub(milliseconds(kept)))
                .execute(self.writer())
                .await?;
        }
        sqlx::query("DELETE FROM usage WHERE created_at < $1")
            .bind(now_ms().saturating_sub(milliseconds(DAY)))
            .execute(self.writer())
            .await?;
        sqlx::query("DELETE FROM inbox WHERE body IS NULL AND received_at < $1")
            .bind(now_ms().saturating_sub(milliseconds(UPDATES_KEPT)))
            .execute(self.writer())
            .await?;
        let mut pictures = self.drop_orphans().await?;
        if let Some(limit) = retention.disk {
            pictures += self.keep_within(limit).await?;
        }
        self.optimize().await?;
        self.shrink().await?;
        Ok(RetentionReport { pictures, bytes: before.saturating_sub(self.measured_bytes().await?) })
    }

    /// Deletes the oldest pictures until the database takes no more than so many bytes.
    async fn keep_within(&self, limit: u64) -> Result<u64, StoreError> {
        let mut pictures = 0;
        loop {
            let used = self.used_bytes().await?;
            if used <= limit {
                return Ok(pictures);
            }
            let jobs = self.count_of("SELECT COUNT(DISTINCT job_id) FROM job_pictures").await?.max(1);
            // Half of what an average says, again and again: near the limit it goes job by job.
            let excess = (used - limit) * jobs / used / 2;
            let most = excess.clamp(1, 200) as i64;
            let taken = sqlx::query(OLDEST).bind(most).execute(self.writer()).await?.rows_affected();
            // Uploads are kept for the shortest time: they go along.
            let brought = sqlx::query(OLDEST_IN_EDITOR).bind(most).execute(self.writer()).await?.rows_affected();
            if taken + brought == 0 {
                tracing::warn!("the database is larger than the disk limit allows, and no picture can be spared");
                return Ok(pictures);
            }
            pictures += self.drop_orphans().await?;
        }
    }

    /// The answer of a query for one number that is not negative.
    pub(super) async fn count_of(&self, query: &'static str) -> Result<u64, StoreError> {
        let count: i64 = sqlx::query_scalar(query).fetch_one(self.writer()).await?;
        Ok(count.max(0).unsigned_abs())
    }
}
