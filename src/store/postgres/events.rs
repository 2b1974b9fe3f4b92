//! Events: to the listeners of this process at once, to the other processes as hints. A hint may be lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::broadcast;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::PostgresStore;
use super::beats::Beats;
use crate::jobs::{JobEvent, JobEvents, JobId, StoreError};

/// Events that come together are sent together.
const GATHER: Duration = Duration::from_millis(10);
/// Between two hints that there is progress.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(1);

const NOTIFY: &str = "
    SELECT pg_notify($1, hint) FROM unnest($2::text[]) WITH ORDINALITY AS hints (hint, place) ORDER BY place";

/// The sending end; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Events {
    local: JobEvents,
    beats: Beats,
    hints: UnboundedSender<JobEvent>,
    /// Taken by the task that sends hints; without one they are dropped with the store.
    unsent: Arc<Mutex<Option<UnboundedReceiver<JobEvent>>>>,
}

impl Events {
    pub(super) fn new(beats: Beats) -> Self {
        let (hints, unsent) = unbounded_channel();
        Self { local: JobEvents::default(), beats, hints, unsent: Arc::new(Mutex::new(Some(unsent))) }
    }

    /// Something happened in this process.
    pub(super) fn send(&self, event: JobEvent) {
        self.forward(event);
        let _ = self.hints.send(event);
    }

    /// Something happened in another process.
    pub(super) fn forward(&self, event: JobEvent) {
        if let JobEvent::CancelRequested(job) | JobEvent::Ended(job) = event {
            self.beats.forget(job);
        }
        self.local.send(event);
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<JobEvent> {
        self.local.subscribe()
    }
}

/// An event as other processes read it; that there is progress is all that they need to know of it.
fn encode(event: JobEvent) -> String {
    match event {
        JobEvent::QueueMoved => "moved".to_owned(),
        JobEvent::PauseChanged => "paused".to_owned(),
        JobEvent::Started(job) => format!("started {job}"),
        JobEvent::Progress(..) => "progress".to_owned(),
        JobEvent::CancelRequested(job) => format!("cancelled {job}"),
        JobEvent::Ended(job) => format!("ended {job}"),
        JobEvent::FilesAsked(job) => format!("files {job}"),
    }
}

/// What a hint says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Hint {
    /// Something happened.
    Event(JobEvent),
    /// There is progress in the table of progress.
    Progress,
}

/// A hint of another process; `None` for one of this process, or of a later version.
pub(super) fn decode(process: &str, hint: &str) -> Option<Hint> {
    let mut words = hint.split(' ');
    if words.next()? == process {
        return None;
    }
    let kind = words.next()?;
    let mut job = || words.next()?.parse().ok().map(JobId);
    Some(match kind {
        "moved" => Hint::Event(JobEvent::QueueMoved),
        "paused" => Hint::Event(JobEvent::PauseChanged),
        "started" => Hint::Event(JobEvent::Started(job()?)),
        "cancelled" => Hint::Event(JobEvent::CancelRequested(job()?)),
        "ended" => Hint::Event(JobEvent::Ended(job()?)),
        "files" => Hint::Event(JobEvent::FilesAsked(job()?)),
        "progress" => Hint::Progress,
        _ => return None,
    })
}

impl PostgresStore {
    /// The channel of this store's hints: other stores may be in other schemas of the same database.
    pub(super) async fn channel(&self) -> Result<String, StoreError> {
        Ok(sqlx::query_scalar("SELECT 'kandinsky_' || current_schema()").fetch_one(&self.pool).await?)
    }

    /// Sends hints to the other processes, for ever.
    pub(super) async fn send_hints(self, channel: String) {
        let unsent = self.events.unsent.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut unsent) = unsent else { return };
        let mut last_progress: Option<Instant> = None;
        while let Some(first) = unsent.recv().await {
            tokio::time::sleep(GATHER).await;
            let mut hints = Vec::new();
            let mut next = Some(first);
            while let Some(event) = next {
                let hint = format!("{} {}", self.process, encode(event));
                let is_too_soon = matches!(event, JobEvent::Progress(..))
                    && last_progress.is_some_and(|last| last.elapsed() < PROGRESS_INTERVAL);
                if !is_too_soon && !hints.contains(&hint) {
                    hints.push(hint);
                }
                if matches!(event, JobEvent::Progress(..)) && !is_too_soon {
                    last_progress = Some(Instant::now());
                }
                next = unsent.try_recv().ok();
            }
            if hints.is_empty() {
                continue;
            }
            if let Err(error) = sqlx::query(NOTIFY).bind(&channel).bind(hints).execute(&self.pool).await {
                tracing::debug!(%error, "other processes are not notified; they look for themselves");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_processes_read_what_happened() {
        for event in [
            JobEvent::QueueMoved,
            JobEvent::PauseChanged,
            JobEvent::Started(JobId(5)),
            JobEvent::CancelRequested(JobId(6)),
            JobEvent::Ended(JobId(7)),
            JobEvent::FilesAsked(JobId(8)),
        ] {
            let hint = format!("a {}", encode(event));
            assert_eq!(decode("b", &hint), Some(Hint::Event(event)));
            assert_eq!(decode("a", &hint), None, "a process knows its own");
        }
        assert_eq!(decode("b", &format!("a {}", encode(JobEvent::Progress(JobId(1), 0.5)))), Some(Hint::Progress));
        for strange in ["", "a", "a ended", "a ended x", "a flies 5"] {
            assert_eq!(decode("b", strange), None, "{strange:?}");
        }
    }
}
