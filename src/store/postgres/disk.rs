//! What the tables take. PostgreSQL itself uses the room of deleted rows again.

use super::PostgresStore;
use crate::jobs::StoreError;

/// Pictures that neither a job nor the editor has.
const ORPHANS: &str =
    "SELECT id FROM pictures WHERE NOT EXISTS (SELECT 1 FROM job_pictures WHERE picture_id = pictures.id)
    AND NOT EXISTS (SELECT 1 FROM editor_pictures WHERE picture_id = pictures.id)";

/// One of them, unless something has got it meanwhile, or is about to.
pub(super) const DROP_ORPHAN: &str = "
    DELETE FROM pictures WHERE id = (
        SELECT id FROM pictures WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM job_pictures WHERE picture_id = pictures.id)
            AND NOT EXISTS (SELECT 1 FROM editor_pictures WHERE picture_id = pictures.id)
        FOR UPDATE SKIP LOCKED)";

impl PostgresStore {
    /// Deletes the pictures that neither a job nor the editor has. Returns how many.
    pub(super) async fn drop_orphans(&self) -> Result<u64, StoreError> {
        let orphans: Vec<i64> = sqlx::query_scalar(ORPHANS).fetch_all(&self.pool).await?;
        let mut dropped = 0;
        for picture in orphans {
            match sqlx::query(DROP_ORPHAN).bind(picture).execute(&self.pool).await {
                Ok(deleted) => dropped += deleted.rows_affected(),
                // Something has got it in this moment.
                Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(dropped)
    }

    /// What a sweep makes less.
    pub(super) async fn measured_bytes(&self) -> Result<u64, StoreError> {
        self.used_bytes().await
    }

    /// What the pictures take; the rest is small beside them.
    pub(super) async fn used_bytes(&self) -> Result<u64, StoreError> {
        self.count_of("SELECT COALESCE(SUM(size), 0)::bigint FROM pictures").await
    }

    /// What the tables take on the server's disk.
    pub(super) async fn disk_bytes(&self) -> Result<u64, StoreError> {
        self.count_of(
            "SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
             WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'",
        )
        .await
    }

    /// Autovacuum does that.
    pub(super) async fn optimize(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Autovacuum does that.
    pub(super) async fn shrink(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
