//! What the database takes on the disk, and how it gives that back.

use super::SqliteStore;
use super::database::optimize;
use crate::jobs::StoreError;

/// Pictures that are deleted together: other writers wait no longer than that takes.
const BATCH: usize = 200;
/// Pages that are given back together.
const PAGES: i64 = 4096;

/// Pictures that neither a job nor the editor has.
const ORPHANS: &str =
    "SELECT id FROM pictures WHERE NOT EXISTS (SELECT 1 FROM job_pictures WHERE picture_id = pictures.id)
    AND NOT EXISTS (SELECT 1 FROM editor_pictures WHERE picture_id = pictures.id)";

/// One of them, unless something has got it meanwhile.
pub(super) const DROP_ORPHAN: &str = "
    DELETE FROM pictures WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM job_pictures WHERE picture_id = pictures.id)
        AND NOT EXISTS (SELECT 1 FROM editor_pictures WHERE picture_id = pictures.id)";

impl SqliteStore {
    /// Deletes the pictures that neither a job nor the editor has. Returns how many.
    pub(super) async fn drop_orphans(&self) -> Result<u64, StoreError> {
        let orphans: Vec<i64> = sqlx::query_scalar(ORPHANS).fetch_all(self.writer()).await?;
        let mut dropped = 0;
        for batch in orphans.chunks(BATCH) {
            let mut transaction = self.begin().await?;
            for picture in batch {
                dropped += sqlx::query(DROP_ORPHAN).bind(picture).execute(&mut *transaction).await?.rows_affected();
            }
            transaction.commit().await?;
        }
        Ok(dropped)
    }

    /// Gives free pages back to the system, a part at a time: other writers get a turn between them.
    pub(super) async fn shrink(&self) -> Result<(), StoreError> {
        let mut free = self.free_pages().await?;
        while free > 0 {
            let statement = format!("PRAGMA incremental_vacuum({PAGES})");
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(self.writer()).await?;
            let left = self.free_pages().await?;
            if left >= free {
                break;
            }
            free = left;
        }
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(self.writer()).await?;
        Ok(())
    }

    async fn free_pages(&self) -> Result<u64, StoreError> {
        self.count_of("PRAGMA freelist_count").await
    }

    /// What the database takes on the disk.
    pub(super) async fn disk_bytes(&self) -> Result<u64, StoreError> {
        self.count_of("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").await
    }

    /// What of it holds something.
    pub(super) async fn used_bytes(&self) -> Result<u64, StoreError> {
        self.count_of(
            "SELECT (page_count - freelist_count) * page_size
             FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
        )
        .await
    }

    /// What a sweep makes less.
    pub(super) async fn measured_bytes(&self) -> Result<u64, StoreError> {
        self.disk_bytes().await
    }

    /// Gives the query planner its statistics.
    pub(super) async fn optimize(&self) -> Result<(), StoreError> {
        Ok(optimize(self.writer()).await?)
    }
}
