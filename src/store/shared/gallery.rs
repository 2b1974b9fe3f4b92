//! Pictures of users in the editor, and the hold of results that are looked at there.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use sqlx::FromRow;

use super::Store;
use super::clock::{milliseconds, now_ms, time};
use super::disk::DROP_ORPHAN;
use super::rows::{JobRow, LOCK_STATE, SELECT_OF_USER};
use super::stored_picture::store_picture;
use crate::gallery::{Gallery, GalleryEntry, GalleryJob, GalleryPicture, NewGalleryPicture};
use crate::jobs::{Failure, JobEvent, JobId, Requester, StoreError};
use crate::recipe::Task;

#[derive(FromRow)]
struct PictureRow {
    id: String,
    width: i64,
    height: i64,
    has_alpha: bool,
    parent: Option<String>,
    created_at: i64,
}

impl From<PictureRow> for GalleryPicture {
    fn from(row: PictureRow) -> Self {
        let PictureRow { id, width, height, has_alpha, parent, created_at } = row;
        Self { id, size: (side(width), side(height)), has_alpha, parent, created_at: time(created_at) }
    }
}

/// A width or height as it is stored.
fn side(stored: i64) -> u32 {
    u32::try_from(stored).unwrap_or_default()
}

const SELECT_OWN: &str = "
    SELECT id, width, height, has_alpha, parent, created_at FROM editor_pictures WHERE id = $1 AND user_id = $2";

/// The type of colour that a PNG has when it has an alpha channel (<https://www.w3.org/TR/png-3/#11IHDR>).
const COLOUR_WITH_ALPHA: &[u8] = &[6];

/// Whether the first result of a job is a PNG with this type of colour.
const HAS_ALPHA: &str = "
    SELECT substr(bytes, 26, 1) = $2 FROM job_pictures JOIN pictures ON pictures.id = picture_id
    WHERE job_id = $1 AND role = 'result' ORDER BY position LIMIT 1";

/// Jobs with pictures, and pictures that were brought, newest first. The key tells those of one moment apart.
const SELECT_ENTRIES: &str = "
    SELECT key, created_at FROM (
        SELECT 'j' || id AS key, created_at FROM jobs
        WHERE user_id = $1 AND created_at <= $2 AND state IN ('drawn', 'delivered') AND work <> 'describe'
            AND EXISTS (SELECT 1 FROM job_pictures WHERE job_id = jobs.id AND role = 'result')
        UNION ALL
        SELECT id, created_at FROM editor_pictures WHERE user_id = $1 AND created_at <= $2
    ) AS entries WHERE created_at < $2 OR key < $3 ORDER BY created_at DESC, key DESC LIMIT $4";

#[async_trait]
impl Gallery for Store {
    async fn add_picture(&self, picture: NewGalleryPicture) -> Result<GalleryPicture, StoreError> {
        let now = now_ms();
        let mut transaction = self.begin().await?;
        let stored = store_picture(&mut transaction, &picture.picture).await?;
        sqlx::query(
            "INSERT INTO editor_pictures (id, user_id, picture_id, parent, width, height, has_alpha, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&picture.id)
        .bind(picture.user.0)
        .bind(stored)
        .bind(&picture.parent)
        .bind(i64::from(picture.size.0))
        .bind(i64::from(picture.size.1))
        .bind(picture.has_alpha)
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let NewGalleryPicture { id, parent, size, has_alpha, .. } = picture;
        Ok(GalleryPicture { id, size, has_alpha, parent, created_at: time(now) })
    }

    async fn own_picture(&self, user: Requester, id: &str) -> Result<Option<GalleryPicture>, StoreError> {
        let row: Option<PictureRow> =
            sqlx::query_as(SELECT_OWN).bind(id).bind(user.0).fetch_optional(self.reader()).await?;
        Ok(row.map(GalleryPicture::from))
    }

    async fn own_bytes(&self, id: &str) -> Result<Option<Bytes>, StoreError> {
        let bytes: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT bytes FROM editor_pictures JOIN pictures ON pictures.id = picture_id WHERE editor_pictures.id = $1",
        )
        .bind(id)
        .fetch_optional(self.reader())
        .await?;
        Ok(bytes.map(Bytes::from))
    }

    async fn remove_own_picture(&self, user: Requester, id: &str) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        let removed: Option<i64> =
            sqlx::query_scalar("DELETE FROM editor_pictures WHERE id = $1 AND user_id = $2 RETURNING picture_id")
                .bind(id)
                .bind(user.0)
                .fetch_optional(&mut *transaction)
                .await?;
        if let Some(picture) = removed {
            sqlx::query(DROP_ORPHAN).bind(picture).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(removed.is_some())
    }

    async fn job_of(&self, user: Requester, job: JobId) -> Result<Option<GalleryJob>, StoreError> {
        let row: Option<JobRow> =
            sqlx::query_as(SELECT_OF_USER).bind(job.0).bind(user.0).fetch_optional(self.reader()).await?;
        let Some(row) = row else { return Ok(None) };
        let failure = row.failure.as_deref().map(Failure::from_name);
        let (parent, created_at) = (row.parent.clone(), time(row.created_at));
        let pictures = self.infos_of_results(job).await?;
        let summary = row.summary()?;
        // Other tasks draw opaque pictures; the bytes of a picture are long.
        let may_have_alpha = matches!(summary.recipe.task, Task::Inpaint { .. } | Task::Outpaint { .. });
        let has_alpha = match may_have_alpha && !pictures.is_empty() {
            true => {
                let query = sqlx::query_scalar(HAS_ALPHA).bind(job.0).bind(COLOUR_WITH_ALPHA);
                query.fetch_optional(self.reader()).await?.unwrap_or(false)
            }
            false => false,
        };
        Ok(Some(GalleryJob { job: summary, failure, parent, created_at, pictures, has_alpha }))
    }

    async fn entries(
        &self,
        user: Requester,
        before: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<GalleryEntry>, Option<String>), StoreError> {
        let (moment, key) = before.and_then(place).unwrap_or((i64::MAX, ""));
        let rows: Vec<(String, i64)> = sqlx::query_as(SELECT_ENTRIES)
            .bind(user.0)
            .bind(moment)
            .bind(key)
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await?;
        let next = rows.last().filter(|_| rows.len() == limit as usize).map(|(key, at)| format!("{at}.{key}"));
        let mut entries = Vec::with_capacity(rows.len());
        for (key, _) in rows {
            let job = key.strip_prefix('j').and_then(|id| id.parse().ok()).map(JobId);
            let entry = match job {
                // A row of another version hides itself, not the others.
                Some(job) => self.job_of(user, job).await.ok().flatten().map(|job| GalleryEntry::Job(Box::new(job))),
                None => self.own_picture(user, &key).await?.map(GalleryEntry::Picture),
            };
            entries.extend(entry);
        }
        Ok((entries, next))
    }

    async fn hold(&self, user: Requester, job: JobId, time: Duration) -> Result<(), StoreError> {
        let now = now_ms();
        sqlx::query(
            "UPDATE jobs SET deliver_after = $4 WHERE id = $1 AND user_id = $2 AND is_from_editor
                AND state IN ('drawn', 'failed') AND delivered_at IS NULL AND deliver_after > $3",
        )
        .bind(job.0)
        .bind(user.0)
        .bind(now)
        .bind(now.saturating_add(milliseconds(time)))
        .execute(self.writer())
        .await?;
        Ok(())
    }

    async fn mark_seen(&self, user: Requester, job: JobId) -> Result<(), StoreError> {
        // One that is on its way to the chat already goes there.
        sqlx::query(
            "UPDATE jobs SET delivered_at = $3, state = CASE state WHEN 'drawn' THEN 'delivered' ELSE state END
             WHERE id = $1 AND user_id = $2 AND is_from_editor AND state IN ('drawn', 'failed') AND delivered_at IS NULL
                AND deliver_after > $3",
        )
        .bind(job.0)
        .bind(user.0)
        .bind(now_ms())
        .execute(self.writer())
        .await?;
        Ok(())
    }

    async fn send_files(&self, user: Requester, job: JobId) -> Result<bool, StoreError> {
        let are_there = self.job_of(user, job).await?.is_some_and(|job| !job.pictures.is_empty());
        if are_there {
            self.events.send(JobEvent::FilesAsked(job));
        }
        Ok(are_there)
    }

    async fn send_to_chat(&self, user: Requester, job: JobId) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        // What is noted of a delivery at this moment is read afterwards.
        let state: Option<String> =
            sqlx::query_scalar(LOCK_STATE).bind(job.0).bind(user.0).fetch_optional(&mut *transaction).await?;
        if state.is_none() {
            return Ok(false);
        }
        let sent = sqlx::query(
            "UPDATE jobs SET state = 'drawn', delivered_at = NULL, deliver_after = 0, delivery_attempts = 0
             WHERE id = $1 AND user_id = $2 AND is_from_editor AND state IN ('drawn', 'delivered')
                AND EXISTS (SELECT 1 FROM job_pictures WHERE job_id = jobs.id AND role = 'result')
                AND NOT EXISTS (SELECT 1 FROM deliveries WHERE job_id = jobs.id)",
        )
        .bind(job.0)
        .bind(user.0)
        .execute(&mut *transaction)
        .await?;
        let is_sent = match sent.rows_affected() {
            // It may be in a chat already, because it was asked for there or sent before.
            0 => {
                let is_there = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM deliveries WHERE job_id = $1)");
                is_there.bind(job.0).fetch_one(&mut *transaction).await?
            }
            _ => true,
        };
        transaction.commit().await?;
        Ok(is_sent)
    }
}

/// A place in the list: a moment and a key.
fn place(text: &str) -> Option<(i64, &str)> {
    let (moment, key) = text.split_once('.')?;
    // Not every text is one for every database.
    let is_key = key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    Some((moment.parse().ok()?, key)).filter(|_| is_key)
}
