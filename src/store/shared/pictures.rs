//! Pictures by the hash of their bytes: the same picture is stored once.

use bytes::Bytes;

use super::stored_picture::store_picture;
use super::{Connection, Store};
use crate::jobs::{EncodedPicture, JobId, PictureInfo, StoreError};

/// What a picture is to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Input,
    Result,
}

impl Role {
    /// The name in the database.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Result => "result",
        }
    }
}

impl Store {
    /// The bytes of a job's pictures.
    pub(super) async fn pictures_of(&self, job: JobId, role: Role) -> Result<Vec<Bytes>, StoreError> {
        let pictures: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT bytes FROM job_pictures JOIN pictures ON pictures.id = picture_id
             WHERE job_id = $1 AND role = $2 ORDER BY position",
        )
        .bind(job.0)
        .bind(role.name())
        .fetch_all(self.reader())
        .await?;
        Ok(pictures.into_iter().map(Bytes::from).collect())
    }

    /// The sizes of a job's results.
    pub(super) async fn infos_of_results(&self, job: JobId) -> Result<Vec<PictureInfo>, StoreError> {
        let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
            "SELECT width, height, size FROM job_pictures JOIN pictures ON pictures.id = picture_id
             WHERE job_id = $1 AND role = 'result' ORDER BY position",
        )
        .bind(job.0)
        .fetch_all(self.reader())
        .await?;
        let number = |stored: i64| u32::try_from(stored).unwrap_or_default();
        let info = |(width, height, size): (i64, i64, i64)| PictureInfo {
            width: number(width),
            height: number(height),
            size: size.max(0).unsigned_abs(),
        };
        Ok(rows.into_iter().map(info).collect())
    }
}

/// Stores pictures and links them to the job.
pub(super) async fn store_pictures(
    connection: &mut Connection,
    job: JobId,
    role: Role,
    pictures: &[EncodedPicture],
) -> Result<(), sqlx::Error> {
    for (position, picture) in (0_i64..).zip(pictures) {
        let id = store_picture(connection, picture).await?;
        sqlx::query("INSERT INTO job_pictures (job_id, role, position, picture_id) VALUES ($1, $2, $3, $4)")
            .bind(job.0)
            .bind(role.name())
            .bind(position)
            .bind(id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
