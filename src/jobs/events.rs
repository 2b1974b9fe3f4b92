//! News about jobs for whoever keeps people informed.

use tokio::sync::broadcast;

use super::JobId;

/// Something happened to a job. A listener that missed some reads the queue again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum JobEvent {
    /// The order of the waiting jobs changed: one came, one went.
    QueueMoved,
    /// The owner paused the queue or let it go on, or the worker has come: what was told of places is out of date.
    PauseChanged,
    /// A worker began.
    Started(JobId),
    /// A worker went on; the share that is done, 0 to 1.
    Progress(JobId, f64),
    /// The person called it off while it is drawn; it ends after the step.
    CalledOff(JobId),
    /// It ended: pictures, a failure or a cancellation.
    Ended(JobId),
    /// It was running when the program ended and waits again.
    Requeued(JobId),
}

/// The sending end; cheap to clone.
#[derive(Debug, Clone)]
pub struct JobEvents(broadcast::Sender<JobEvent>);

impl JobEvents {
    /// Room for a burst of events; a listener that is slower than that reads the queue again.
    const CAPACITY: usize = 1024;

    /// Tells all listeners; that there are none is fine.
    pub fn send(&self, event: JobEvent) {
        let _ = self.0.send(event);
    }

    /// From now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<JobEvent> {
        self.0.subscribe()
    }
}

impl Default for JobEvents {
    fn default() -> Self {
        Self(broadcast::channel(Self::CAPACITY).0)
    }
}
