//! What other processes do: their hints, and a look at the tables every two seconds, because hints may be lost.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use sqlx::FromRow;
use sqlx::postgres::PgListener;
use tokio::time::{Instant, sleep, sleep_until};

use super::PostgresStore;
use super::clock::now_ms;
use super::events::{Hint, decode};
use crate::jobs::{JobEvent, JobId, StoreError};

/// Between two looks at the tables.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// Before the database is asked again after an error.
const PAUSE: Duration = Duration::from_secs(1);
/// How far back a look goes: the clocks of the processes may differ by so much.
const OVERLAP_MS: i64 = 20_000;

/// What is looked at: new jobs, claims, the pause, and jobs that ended.
const LOOK: &str = "
    SELECT (SELECT last_value FROM jobs_id_seq) AS newest, (SELECT last_value FROM services) AS services,
        EXISTS (SELECT 1 FROM settings WHERE key = 'paused') AS is_paused,
        ARRAY (SELECT id FROM jobs WHERE finished_at > $1) AS ended";

/// The progress of jobs that other processes draw.
const PROGRESS: &str = "
    SELECT job_id, job_progress.progress, preview_at FROM jobs JOIN job_progress ON job_id = jobs.id
    WHERE state = 'running' AND process <> $1";

/// What was seen before.
#[derive(Debug, Default)]
struct Seen {
    moves: Option<(i64, i64)>,
    is_paused: Option<bool>,
    ended: HashSet<i64>,
    progress: HashMap<i64, SeenProgress>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct SeenProgress {
    progress: f64,
    preview_at: i64,
}

#[derive(Debug, FromRow)]
struct LookRow {
    newest: i64,
    services: i64,
    is_paused: bool,
    ended: Vec<i64>,
}

impl PostgresStore {
    /// Follows what other processes do, for ever.
    pub(super) async fn follow_news(self, channel: String) {
        let mut seen = Seen::default();
        loop {
            if let Err(error) = self.listen(&channel, &mut seen).await {
                tracing::debug!(%error, "no hints from other processes for the moment");
            }
            sleep(PAUSE).await;
        }
    }

    /// Listens until there is an error.
    async fn listen(&self, channel: &str, seen: &mut Seen) -> Result<(), StoreError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(channel).await?;
        self.look(seen).await?;
        let mut next_look = Instant::now() + POLL_INTERVAL;
        loop {
            tokio::select! {
                hint = listener.try_recv() => match hint? {
                    Some(hint) => self.take(decode(&self.process, hint.payload()), seen).await?,
                    // The connection was lost, and hints with it.
                    None => self.look(seen).await?,
                },
                () = sleep_until(next_look) => {
                    self.look(seen).await?;
                    next_look = Instant::now() + POLL_INTERVAL;
                }
            }
        }
    }

    async fn take(&self, hint: Option<Hint>, seen: &mut Seen) -> Result<(), StoreError> {
        match hint {
            Some(Hint::Event(event)) => {
                if let JobEvent::Ended(job) = event {
                    self.previews.remove(job);
                    seen.ended.insert(job.0);
                }
                self.positions.changed();
                self.events.forward(event);
            }
            Some(Hint::Progress) => self.read_progress(seen).await?,
            None => {}
        }
        Ok(())
    }

    /// Looks at the tables for what no hint said.
    async fn look(&self, seen: &mut Seen) -> Result<(), StoreError> {
        let row: LookRow = sqlx::query_as(LOOK).bind(now_ms() - OVERLAP_MS).fetch_one(&self.pool).await?;
        for job in row.ended.iter().filter(|job| !seen.ended.contains(*job)) {
            self.previews.remove(JobId(*job));
            self.positions.changed();
            self.events.forward(JobEvent::Ended(JobId(*job)));
        }
        seen.ended = row.ended.into_iter().collect();
        if seen.is_paused.replace(row.is_paused).is_some_and(|before| before != row.is_paused) {
            self.positions.changed();
            self.events.forward(JobEvent::PauseChanged);
        }
        let moves = (row.newest, row.services);
        if seen.moves.replace(moves).is_some_and(|before| before != moves) {
            self.positions.changed();
            self.events.forward(JobEvent::QueueMoved);
        }
        self.read_progress(seen).await
    }

    /// Reads progress and previews of jobs that other processes draw.
    async fn read_progress(&self, seen: &mut Seen) -> Result<(), StoreError> {
        let rows: Vec<(i64, f64, i64)> = sqlx::query_as(PROGRESS).bind(&*self.process).fetch_all(&self.pool).await?;
        let mut now_seen = HashMap::with_capacity(rows.len());
        for (job, progress, preview_at) in rows {
            let before = seen.progress.get(&job).copied();
            let now = SeenProgress { progress, preview_at };
            now_seen.insert(job, now);
            if before == Some(now) {
                continue;
            }
            if before.is_none_or(|before| before.preview_at != preview_at) && preview_at > 0 {
                self.read_preview(JobId(job)).await?;
            }
            self.events.forward(JobEvent::Progress(JobId(job), progress));
        }
        seen.progress = now_seen;
        Ok(())
    }

    async fn read_preview(&self, job: JobId) -> Result<(), StoreError> {
        let query = "SELECT preview FROM job_progress WHERE job_id = $1 AND preview IS NOT NULL";
        let preview: Option<Vec<u8>> = sqlx::query_scalar(query).bind(job.0).fetch_optional(&self.pool).await?;
        if let Some(preview) = preview {
            self.previews.set(job, preview);
        }
        Ok(())
    }
}
