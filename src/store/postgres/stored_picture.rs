//! The bytes of a picture.

use super::clock::now_ms;
use super::dialect::Connection;
use crate::jobs::EncodedPicture;

/// A stored picture, which can not be deleted until the end of the transaction.
const FIND: &str = "SELECT id FROM pictures WHERE hash = $1 FOR KEY SHARE";

/// Stores a picture unless it is there; returns its number.
pub(super) async fn store_picture(connection: &mut Connection, picture: &EncodedPicture) -> Result<i64, sqlx::Error> {
    loop {
        let found = sqlx::query_scalar(FIND).bind(&picture.hash).fetch_optional(&mut *connection).await?;
        if let Some(id) = found {
            return Ok(id);
        }
        let inserted = sqlx::query_scalar(
            "INSERT INTO pictures (hash, width, height, size, created_at, bytes) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (hash) DO NOTHING RETURNING id",
        )
        .bind(&picture.hash)
        .bind(i64::from(picture.info.width))
        .bind(i64::from(picture.info.height))
        .bind(picture.bytes.len() as i64)
        .bind(now_ms())
        .bind(picture.bytes.as_ref())
        .fetch_optional(&mut *connection)
        .await?;
        // Another transaction stored the same picture meanwhile: it is found now, unless it was deleted again.
        if let Some(id) = inserted {
            return Ok(id);
        }
    }
}
