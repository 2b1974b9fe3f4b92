//! Positions in the queue. Every user who has just queued a job asks for one: in a crowd one look at the queue serves many.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, MutexGuard};

use super::Store;
use super::dialect::SNAPSHOT_MAX_AGE;
use super::rows::{OrderRow, SELECT_ORDER};
use crate::jobs::order::{Waiting, estimates, fair_order};
use crate::jobs::{JobId, Queue, QueuePosition, StoreError, Work};

/// In a queue of this length a position may be a little out of date: it is by the time that it is read anyway.
const CROWD: usize = 64;
const CROWD_MAX_AGE: Duration = Duration::from_millis(250);
/// How many of the latest jobs of a kind the estimate looks at.
const PACE_WINDOW: i64 = 10;

/// The latest snapshot of the order; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Positions {
    /// Counts every change of the order.
    changes: Arc<AtomicU64>,
    /// Its holder takes a snapshot; the others wait and use the same.
    latest: Arc<Mutex<Option<Snapshot>>>,
}

/// The positions at a moment.
#[derive(Debug)]
struct Snapshot {
    taken: Instant,
    changes: u64,
    /// The position of each job from 1, and the time until it is ready.
    places: HashMap<JobId, (usize, Option<Duration>)>,
    /// Progress of the first running job.
    progress: f64,
    is_paused: bool,
    is_loading: bool,
}

impl Positions {
    /// The order changed: a job came, went or ended.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    fn is_current(&self, snapshot: &Snapshot) -> bool {
        let is_young = snapshot.taken.elapsed() < SNAPSHOT_MAX_AGE;
        is_young && snapshot.changes == self.changes.load(Ordering::Acquire) && snapshot.progress == 0.0
    }

    /// Whether the snapshot is good enough for this job.
    fn is_good(&self, snapshot: &Snapshot, job: JobId) -> bool {
        let is_crowd = snapshot.places.len() > CROWD && snapshot.taken.elapsed() < CROWD_MAX_AGE;
        self.is_current(snapshot) || (is_crowd && snapshot.places.contains_key(&job))
    }
}

impl Snapshot {
    fn position(&self, (number, estimate): (usize, Option<Duration>)) -> QueuePosition {
        QueuePosition { number, estimate, is_paused: self.is_paused, is_loading: self.is_loading }
    }
}

impl Store {
    pub(super) async fn position_of(&self, job: JobId) -> Result<Option<QueuePosition>, StoreError> {
        let latest = self.snapshot(|positions, snapshot| positions.is_good(snapshot, job)).await?;
        Ok(latest.as_ref().and_then(|snapshot| Some(snapshot.position(*snapshot.places.get(&job)?))))
    }

    pub(super) async fn all_positions(&self) -> Result<HashMap<JobId, QueuePosition>, StoreError> {
        let latest = self.snapshot(Positions::is_current).await?;
        let Some(snapshot) = latest.as_ref() else { return Ok(HashMap::new()) };
        Ok(snapshot.places.iter().map(|(job, place)| (*job, snapshot.position(*place))).collect())
    }

    /// The latest snapshot, taken anew unless it is good enough.
    async fn snapshot(
        &self,
        is_good: impl Fn(&Positions, &Snapshot) -> bool,
    ) -> Result<MutexGuard<'_, Option<Snapshot>>, StoreError> {
        let mut latest = self.positions.latest.lock().await;
        if !latest.as_ref().is_some_and(|snapshot| is_good(&self.positions, snapshot)) {
            *latest = Some(self.take_snapshot().await?);
        }
        Ok(latest)
    }

    async fn take_snapshot(&self) -> Result<Snapshot, StoreError> {
        // Before the reading: a change meanwhile makes the snapshot out of date, not wrongly new.
        let changes = self.positions.changes.load(Ordering::Acquire);
        let rows: Vec<OrderRow> = sqlx::query_as(SELECT_ORDER).fetch_all(self.reader()).await?;
        let (running, queued): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_running);
        let waiting: Vec<Waiting> = queued.iter().map(OrderRow::waiting).collect();
        let order: Vec<JobId> = running.iter().map(|row| JobId(row.id)).chain(fair_order(&waiting)).collect();
        // Most jobs are drawings.
        let others = running.iter().chain(&queued).map(|row| (JobId(row.id), Work::from_name(&row.work)));
        let others: HashMap<JobId, Work> = others.filter(|(_, work)| *work != Work::Draw).collect();
        let mut pace_of = Vec::with_capacity(Work::ALL.len());
        for work in Work::ALL {
            pace_of.push((work, self.pace(work).await?));
        }
        let pace = |job: &JobId| {
            let work = others.get(job).copied().unwrap_or(Work::Draw);
            pace_of.iter().find(|(known, _)| *known == work).and_then(|(_, pace)| *pace)
        };
        let paces: Vec<_> = order.iter().map(pace).collect();
        // A job without progress may have been claimed ahead.
        let at_once = running.iter().filter(|job| job.progress > 0.0).count();
        let progress = running.first().map_or(0.0, |first| first.progress);
        let places = (1..).zip(estimates(&paces, at_once, progress));
        Ok(Snapshot {
            taken: Instant::now(),
            changes,
            places: order.into_iter().zip(places).collect(),
            progress,
            is_paused: self.is_paused().await?,
            is_loading: self.is_loading(),
        })
    }

    /// From claim to stored pictures, the median of the latest jobs of a kind.
    pub(super) async fn pace(&self, work: Work) -> Result<Option<Duration>, StoreError> {
        let mut times: Vec<i64> = sqlx::query_scalar(
            "SELECT finished_at - started_at FROM jobs WHERE work = $1 AND state IN ('drawn', 'delivered')
             ORDER BY finished_at DESC LIMIT $2",
        )
        .bind(work.name())
        .bind(PACE_WINDOW)
        .fetch_all(self.reader())
        .await?;
        times.sort_unstable();
        Ok(times.get(times.len() / 2).map(|&ms| Duration::from_millis(ms.max(0).unsigned_abs())))
    }
}
