//! Where jobs stand. Asked for by everybody who has just queued something: in a crowd one look at the queue serves many.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::super::order::{Waiting, estimate, fair_order};
use super::super::{JobId, Place, QueueError};
use super::SqliteQueue;
use super::rows::{OrderRow, SELECT_ORDER};

/// In a queue of this length a place may be a little out of date: it is by the time that it is read anyway.
const CROWD: usize = 64;
const CROWDS_PATIENCE: Duration = Duration::from_millis(250);

/// The latest look at the queue; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// Counts every change of the order.
    changes: Arc<AtomicU64>,
    /// Whoever holds it looks; the others wait and look at the same.
    latest: Arc<Mutex<Option<Snapshot>>>,
}

/// The places at a moment.
#[derive(Debug)]
struct Snapshot {
    taken: Instant,
    changes: u64,
    positions: HashMap<JobId, usize>,
    /// The share of the first running job that is done, how many run, and what a job takes.
    progress: f64,
    at_once: usize,
    pace: Option<Duration>,
    is_paused: bool,
    is_loading: bool,
}

impl Places {
    /// The order changed: a job came, went or ended.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    fn is_good(&self, snapshot: &Snapshot, job: JobId) -> bool {
        let is_current = snapshot.changes == self.changes.load(Ordering::Acquire) && snapshot.progress == 0.0;
        let is_crowd = snapshot.positions.len() > CROWD && snapshot.taken.elapsed() < CROWDS_PATIENCE;
        is_current || (is_crowd && snapshot.positions.contains_key(&job))
    }
}

impl Snapshot {
    fn place(&self, job: JobId) -> Option<Place> {
        let position = *self.positions.get(&job)?;
        let estimate = self.pace.map(|pace| estimate(position, self.at_once, pace, self.progress));
        Some(Place { position, estimate, is_paused: self.is_paused, is_loading: self.is_loading })
    }
}

impl SqliteQueue {
    pub(super) async fn place_of(&self, job: JobId) -> Result<Option<Place>, QueueError> {
        let mut latest = self.places.latest.lock().await;
        let snapshot = match latest.take().filter(|snapshot| self.places.is_good(snapshot, job)) {
            Some(snapshot) => snapshot,
            None => self.look().await?,
        };
        let place = snapshot.place(job);
        *latest = Some(snapshot);
        Ok(place)
    }

    async fn look(&self) -> Result<Snapshot, QueueError> {
        // Before the reading: a change meanwhile makes the snapshot out of date, not wrongly new.
        let changes = self.places.changes.load(Ordering::Acquire);
        let rows: Vec<OrderRow> = sqlx::query_as(SELECT_ORDER).fetch_all(&self.reader).await?;
        let (running, queued): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.is_running);
        let waiting: Vec<Waiting> = queued.iter().map(OrderRow::waiting).collect();
        let order = running.iter().map(|row| JobId(row.id)).chain(fair_order(&waiting));
        Ok(Snapshot {
            taken: Instant::now(),
            changes,
            positions: order.zip(1..).collect(),
            progress: running.first().map_or(0.0, |first| first.progress),
            // One that has come nowhere may have been claimed ahead.
            at_once: running.iter().filter(|job| job.progress > 0.0).count(),
            pace: self.pace().await?,
            is_paused: self.paused().await?,
            is_loading: self.is_loading(),
        })
    }
}
