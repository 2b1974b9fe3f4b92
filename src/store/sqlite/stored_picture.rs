//! The bytes of a picture.

use super::clock::now_ms;
use super::dialect::Connection;
use crate::jobs::EncodedPicture;

/// Stores a picture unless it is there; returns its number.
pub(super) async fn store_picture(connection: &mut Connection, picture: &EncodedPicture) -> Result<i64, sqlx::Error> {
    let stored: Option<i64> = sqlx::query_scalar("SELECT id FROM pictures WHERE hash = $1")
        .bind(&picture.hash)
        .fetch_optional(&mut *connection)
        .await?;
    if let Some(id) = stored {
        return Ok(id);
    }
    sqlx::query_scalar(
        "INSERT INTO pictures (hash, width, height, size, created_at, bytes) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    )
    .bind(&picture.hash)
    .bind(picture.info.width)
    .bind(picture.info.height)
    .bind(picture.bytes.len() as i64)
    .bind(now_ms())
    .bind(picture.bytes.as_ref())
    .fetch_one(connection)
    .await
}
