//! The queue in SQLite.

mod claims;
mod deliveries;
mod forget;
mod gathering;
mod limits;
mod places;
mod retention;
mod rows;
mod status_messages;
mod telling;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use sqlx::{SqliteConnection, SqlitePool};
use tokio::sync::broadcast;

use super::order::{Waiting, estimate, fair_order};
use super::{
    CancelOutcome, Census, Claim, ClaimedJob, Delivered, DeliveredJob, Failure, Gathering, JobEvent, JobEvents, JobId,
    JobQueue, JobState, JobSummary, Keeping, NewJob, Place, Previews, QueueError, Remarks, Report, Requester,
    Submission, Swept, Telling, Verdict,
};
use crate::database::{Database, now_ms};
use crate::limits::Limits;
use gathering::store_new_inputs;
use places::Places;
use rows::JobRow;
use status_messages::StatusMessages;

/// The queue in the data folder's database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SqliteQueue {
    reader: SqlitePool,
    writer: SqlitePool,
    events: JobEvents,
    previews: Previews,
    places: Places,
    status_messages: StatusMessages,
    is_loading: Arc<AtomicBool>,
}

/// How many of the latest jobs the estimate looks at.
const PACE_WINDOW: i64 = 10;

impl SqliteQueue {
    /// The queue in this database. One process serves one data folder, so whatever a former process was drawing waits
    /// again at once.
    ///
    /// # Errors
    /// When the database can not be written.
    pub async fn open(database: &Database) -> Result<Self, QueueError> {
        let queue = Self {
            reader: database.reader.clone(),
            writer: database.writer.clone(),
            events: JobEvents::default(),
            previews: Previews::default(),
            places: Places::default(),
            status_messages: StatusMessages::default(),
            is_loading: Arc::default(),
        };
        queue.take_back_all().await?;
        Ok(queue)
    }

    /// Seconds from claim to stored pictures, as the median of the latest jobs.
    async fn pace(&self) -> Result<Option<Duration>, QueueError> {
        let mut times: Vec<i64> = sqlx::query_scalar(
            "SELECT finished_at - started_at FROM jobs WHERE state IN ('drawn', 'delivered') ORDER BY finished_at DESC LIMIT $1",
        )
        .bind(PACE_WINDOW)
        .fetch_all(&self.reader)
        .await?;
        times.sort_unstable();
        Ok(times.get(times.len() / 2).map(|&ms| Duration::from_millis(ms.max(0).unsigned_abs())))
    }
}

#[async_trait]
impl JobQueue for SqliteQueue {
    async fn submit_within(&self, job: NewJob, limits: &Limits) -> Result<Submission, QueueError> {
        let recipe = serde_json::to_string(&job.recipe)
            .map_err(|error| QueueError::Unreadable { job: JobId(0), reason: error.to_string() })?;
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let inserted: Option<i64> = sqlx::query_scalar(
            "INSERT INTO jobs (request_key, user_id, chat_id, thread_id, request_message_id, status_message_id, language,
                               recipe, created_at, previews)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (request_key) DO NOTHING RETURNING id",
        )
        .bind(&job.request_key)
        .bind(job.requester.0)
        .bind(job.address.chat_id)
        .bind(job.address.thread_id)
        .bind(job.address.request_message_id)
        .bind(job.address.status_message_id)
        .bind(job.address.language.code())
        .bind(recipe)
        .bind(now_ms())
        .bind(job.address.previews)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(id) = inserted else {
            let id = sqlx::query_scalar("SELECT id FROM jobs WHERE request_key = $1")
                .bind(&job.request_key)
                .fetch_one(&mut *transaction)
                .await?;
            return Ok(Submission::Queued(JobId(id)));
        };
        // An early return takes the row back.
        if let Some(over) = limits::passed(&mut transaction, id, &job, limits).await? {
            return Ok(Submission::OverLimit(over));
        }
        store_new_inputs(&mut transaction, JobId(id), job.recipe.task.inputs(), &job.inputs).await?;
        transaction.commit().await?;
        self.moved();
        Ok(Submission::Queued(JobId(id)))
    }

    async fn set_status_message(&self, job: JobId, message_id: i32) -> Result<(), QueueError> {
        self.write_status_message(job, message_id).await
    }

    async fn claim(&self, worker: &str, lease: Duration) -> Result<Option<ClaimedJob>, QueueError> {
        self.claim_next(worker, lease).await
    }

    async fn report(&self, claim: &Claim, report: Report, lease: Duration) -> Result<Verdict, QueueError> {
        self.renew(claim, report, lease).await
    }

    async fn finish(&self, claim: &Claim, pictures: Vec<Vec<u8>>) -> Result<Verdict, QueueError> {
        self.store_results(claim, &pictures).await
    }

    async fn fail(&self, claim: &Claim, failure: Failure) -> Result<Verdict, QueueError> {
        self.store_failure(claim, failure).await
    }

    async fn release(&self, claim: &Claim) -> Result<(), QueueError> {
        // Not the job's fault, so the attempt does not count; a new claim still gets a number that no old one has, because
        // this worker is gone.
        self.give_back(claim, 1).await
    }

    async fn try_again(&self, claim: &Claim) -> Result<(), QueueError> {
        self.give_back(claim, 0).await
    }

    async fn cancel(&self, job: JobId, by: Requester) -> Result<CancelOutcome, QueueError> {
        self.cancel_for(job, by).await
    }

    async fn job(&self, job: JobId) -> Result<Option<JobSummary>, QueueError> {
        let row: Option<JobRow> = sqlx::query_as(rows::SELECT_BY_ID).bind(job.0).fetch_optional(&self.reader).await?;
        row.map(JobRow::summary).transpose()
    }

    async fn waiting(&self) -> Result<Vec<JobSummary>, QueueError> {
        let mut rows = self.rows_in(JobState::Running).await?;
        let mut queued: HashMap<i64, JobRow> =
            self.rows_in(JobState::Queued).await?.into_iter().map(|row| (row.id, row)).collect();
        let mut waiting: Vec<Waiting> = queued.values().map(JobRow::waiting).collect();
        waiting.sort_unstable_by_key(|job| job.id);
        rows.extend(fair_order(&waiting).into_iter().filter_map(|id| queued.remove(&id.0)));
        // A row of another version hides itself, not the others; the worker fails it in its turn.
        Ok(rows.into_iter().filter_map(|row| row.summary().ok()).collect())
    }

    async fn places(&self) -> Result<Vec<(JobSummary, Place)>, QueueError> {
        let (waiting, pace) = (self.waiting().await?, self.pace().await?);
        let progress = waiting.first().map_or(0.0, |first| first.progress);
        let at_once = waiting.iter().filter(|job| job.progress > 0.0).count();
        let (is_paused, is_loading) = (self.paused().await?, self.is_loading());
        let place = |position| {
            let estimate = pace.map(|pace| estimate(position, at_once, pace, progress));
            Place { position, estimate, is_paused, is_loading }
        };
        Ok(waiting.into_iter().zip((1..).map(place)).collect())
    }

    async fn place(&self, job: JobId) -> Result<Option<Place>, QueueError> {
        self.place_of(job).await
    }

    async fn pictures(&self, job: JobId) -> Result<Vec<Vec<u8>>, QueueError> {
        self.blobs(job, "result").await
    }

    async fn untold(&self, limit: u32) -> Result<Vec<Telling>, QueueError> {
        self.next_tellings(limit).await
    }

    async fn told(&self, job: JobId, messages: &[Delivered]) -> Result<(), QueueError> {
        self.mark_told(job, messages).await
    }

    async fn told_partly(&self, job: JobId, messages: &[Delivered]) -> Result<(), QueueError> {
        self.mark_told_partly(job, messages).await
    }

    async fn to_gather(&self, limit: u32) -> Result<Vec<Gathering>, QueueError> {
        self.next_gatherings(limit).await
    }

    async fn gathered(&self, job: JobId, pictures: Vec<Vec<u8>>) -> Result<(), QueueError> {
        self.store_inputs(job, &pictures).await
    }

    async fn gather_later(&self, job: JobId, delay: Duration) -> Result<(), QueueError> {
        self.put_off_gathering(job, delay).await
    }

    async fn fail_gathering(&self, job: JobId, failure: Failure) -> Result<(), QueueError> {
        self.fail_unclaimed(job, failure).await
    }

    async fn job_of_message(&self, chat: i64, message: i32) -> Result<Option<(JobId, Option<u32>)>, QueueError> {
        self.job_behind(chat, message).await
    }

    async fn recent(
        &self,
        person: Requester,
        before: Option<JobId>,
        limit: u32,
    ) -> Result<Vec<DeliveredJob>, QueueError> {
        self.recent_of(person, before, limit).await
    }

    async fn remove(&self, job: JobId) -> Result<Vec<Delivered>, QueueError> {
        self.remove_results(job).await
    }

    async fn share(&self, job: JobId, token: &str) -> Result<Option<String>, QueueError> {
        self.share_as(job, token).await
    }

    async fn shared(&self, token: &str) -> Result<Option<JobSummary>, QueueError> {
        self.shared_by(token).await
    }

    async fn tell_later(&self, job: JobId, delay: Duration) -> Result<(), QueueError> {
        self.put_off_telling(job, delay).await
    }

    fn preview(&self, job: JobId) -> Option<Arc<Vec<u8>>> {
        self.previews.get(job)
    }

    async fn remark(&self, claim: &Claim, remarks: &Remarks) -> Result<(), QueueError> {
        self.write_remarks(claim, remarks).await
    }

    async fn is_paused(&self) -> Result<bool, QueueError> {
        self.paused().await
    }

    async fn set_paused(&self, is_paused: bool) -> Result<(), QueueError> {
        self.pause(is_paused).await
    }

    fn set_loading(&self, is_loading: bool) {
        if self.is_loading.swap(is_loading, Ordering::AcqRel) != is_loading {
            self.events.send(JobEvent::PauseChanged);
            self.moved();
        }
    }

    async fn census(&self) -> Result<Census, QueueError> {
        self.count().await
    }

    async fn failures_in_a_row(&self) -> Result<u64, QueueError> {
        self.count_failures().await
    }

    async fn sweep(&self, keeping: &Keeping) -> Result<Swept, QueueError> {
        self.sweep_by(keeping).await
    }

    async fn forget(&self, person: Requester, keep_times: bool) -> Result<Vec<JobSummary>, QueueError> {
        self.forget_person(person, keep_times).await
    }

    async fn move_chat(&self, from: i64, to: i64) -> Result<u64, QueueError> {
        self.follow_chat(from, to).await
    }

    async fn abandon(&self, chat_id: i64) -> Result<u64, QueueError> {
        self.abandon_chat(chat_id).await
    }

    fn events(&self) -> broadcast::Receiver<JobEvent> {
        self.events.subscribe()
    }
}

impl SqliteQueue {
    fn is_loading(&self) -> bool {
        self.is_loading.load(Ordering::Acquire)
    }

    /// The order of the jobs changed.
    fn moved(&self) {
        self.places.changed();
        self.events.send(JobEvent::QueueMoved);
    }

    async fn rows_in(&self, state: JobState) -> Result<Vec<JobRow>, QueueError> {
        Ok(sqlx::query_as(rows::SELECT_BY_STATE).bind(state.name()).fetch_all(&self.reader).await?)
    }

    async fn blobs(&self, job: JobId, role: &str) -> Result<Vec<Vec<u8>>, QueueError> {
        let blobs = sqlx::query_scalar(
            "SELECT bytes FROM job_blobs JOIN blobs USING (hash) WHERE job_id = $1 AND role = $2 ORDER BY position",
        )
        .bind(job.0)
        .bind(role)
        .fetch_all(&self.reader)
        .await?;
        Ok(blobs)
    }
}

/// Writes pictures under the hash of their content and links them to the job. The same picture is kept once.
async fn store_blobs(
    connection: &mut SqliteConnection,
    job: JobId,
    role: &str,
    pictures: &[Vec<u8>],
) -> Result<(), sqlx::Error> {
    for (position, bytes) in (0_i64..).zip(pictures) {
        let hash = content_hash(bytes);
        sqlx::query("INSERT INTO blobs (hash, bytes, created_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING")
            .bind(&hash)
            .bind(bytes)
            .bind(now_ms())
            .execute(&mut *connection)
            .await?;
        sqlx::query("INSERT INTO job_blobs (job_id, role, position, hash) VALUES ($1, $2, $3, $4)")
            .bind(job.0)
            .bind(role)
            .bind(position)
            .bind(&hash)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn content_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(super) mod tests;
