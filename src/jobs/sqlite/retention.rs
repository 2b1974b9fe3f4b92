//! Pictures are kept for a while, then the disk gets its room back.

use super::super::{Keeping, QueueError, Swept};
use super::{SqliteQueue, milliseconds};
use crate::database::now_ms;
use crate::limits::DAY;

/// Rows that are deleted together: whoever writes meanwhile waits no longer than that takes.
const BATCH: i64 = 200;
/// Pages that are given back together.
const PAGES: i64 = 4096;

/// A job of which nobody waits for anything any more.
macro_rules! is_over {
    () => {
        "(state IN ('delivered', 'cancelled') OR (state = 'failed' AND told_at IS NOT NULL))"
    };
}

/// Takes pictures of one role from jobs that were over before a moment.
const EXPIRED: &str = concat!(
    "DELETE FROM job_blobs WHERE (job_id, role, position) IN (
        SELECT job_id, role, position FROM job_blobs JOIN jobs ON jobs.id = job_id
        WHERE role = $1 AND COALESCE(told_at, finished_at) < $2 AND ",
    is_over!(),
    " LIMIT $3)"
);

/// Takes all pictures from the oldest jobs that are over.
const OLDEST: &str = concat!(
    "DELETE FROM job_blobs WHERE job_id IN (
        SELECT id FROM jobs WHERE EXISTS (SELECT 1 FROM job_blobs WHERE job_id = jobs.id) AND ",
    is_over!(),
    " ORDER BY COALESCE(told_at, finished_at), id LIMIT $1)"
);

/// Pictures that no job has.
const ORPHANS: &str =
    "SELECT hash FROM blobs WHERE NOT EXISTS (SELECT 1 FROM job_blobs WHERE job_blobs.hash = blobs.hash)";

/// One of them, unless a job has got it meanwhile.
const DROP_ORPHAN: &str =
    "DELETE FROM blobs WHERE hash = $1 AND NOT EXISTS (SELECT 1 FROM job_blobs WHERE job_blobs.hash = blobs.hash)";

impl SqliteQueue {
    pub(super) async fn sweep_by(&self, keeping: &Keeping) -> Result<Swept, QueueError> {
        let before = self.disk_bytes().await?;
        for (role, kept) in [("input", keeping.inputs), ("result", keeping.results)] {
            let Some(kept) = kept else { continue };
            let until = now_ms().saturating_sub(milliseconds(kept));
            while sqlx::query(EXPIRED).bind(role).bind(until).bind(BATCH).execute(&self.writer).await?.rows_affected()
                > 0
            {}
        }
        sqlx::query("DELETE FROM spent WHERE created_at < $1")
            .bind(now_ms().saturating_sub(milliseconds(DAY)))
            .execute(&self.writer)
            .await?;
        let mut pictures = self.drop_orphans().await?;
        if let Some(limit) = keeping.disk {
            pictures += self.keep_within(limit).await?;
        }
        self.shrink().await?;
        Ok(Swept { pictures, bytes: before.saturating_sub(self.disk_bytes().await?) })
    }

    /// Deletes the oldest pictures until the database takes no more than so many bytes.
    async fn keep_within(&self, limit: u64) -> Result<u64, QueueError> {
        let mut pictures = 0;
        loop {
            let used = self.used_bytes().await?;
            if used <= limit {
                return Ok(pictures);
            }
            let jobs = self.count_of("SELECT COUNT(DISTINCT job_id) FROM job_blobs").await?.max(1);
            // Half of what an average says, again and again: near the limit it goes job by job.
            let excess = (used - limit) * jobs / used / 2;
            let taken = sqlx::query(OLDEST).bind(excess.clamp(1, 200) as i64).execute(&self.writer).await?;
            if taken.rows_affected() == 0 {
                tracing::warn!("the database is larger than the disk limit allows, and no picture can be spared");
                return Ok(pictures);
            }
            pictures += self.drop_orphans().await?;
        }
    }

    pub(super) async fn drop_orphans(&self) -> Result<u64, QueueError> {
        let orphans: Vec<String> = sqlx::query_scalar(ORPHANS).fetch_all(&self.writer).await?;
        let mut dropped = 0;
        for batch in orphans.chunks(BATCH as usize) {
            let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
            for hash in batch {
                dropped += sqlx::query(DROP_ORPHAN).bind(hash).execute(&mut *transaction).await?.rows_affected();
            }
            transaction.commit().await?;
        }
        Ok(dropped)
    }

    /// Gives free pages back to the system, a part at a time: whoever writes meanwhile gets a turn.
    pub(super) async fn shrink(&self) -> Result<(), QueueError> {
        let mut free = self.free_pages().await?;
        while free > 0 {
            let statement = format!("PRAGMA incremental_vacuum({PAGES})");
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&self.writer).await?;
            let left = self.free_pages().await?;
            if left >= free {
                break;
            }
            free = left;
        }
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        Ok(())
    }

    async fn free_pages(&self) -> Result<u64, QueueError> {
        self.count_of("PRAGMA freelist_count").await
    }

    /// What the database takes on the disk.
    pub(super) async fn disk_bytes(&self) -> Result<u64, QueueError> {
        self.count_of("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").await
    }

    /// What of it holds something.
    async fn used_bytes(&self) -> Result<u64, QueueError> {
        self.count_of(
            "SELECT (page_count - freelist_count) * page_size
             FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
        )
        .await
    }

    async fn count_of(&self, query: &'static str) -> Result<u64, QueueError> {
        let count: i64 = sqlx::query_scalar(query).fetch_one(&self.writer).await?;
        Ok(count.max(0).unsigned_abs())
    }
}

#[cfg(test)]
mod tests;
