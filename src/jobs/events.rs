//! Events about jobs.

use tokio::sync::broadcast;

use super::JobId;

/// Something happened to a job. A listener that missed some reads the queue again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum JobEvent {
    /// The order of the waiting jobs changed: one came, one went.
    QueueMoved,
    /// The owner paused or resumed the queue, or the model was loaded: every position is shown anew.
    PauseChanged,
    /// A worker began.
    Started(JobId),
    /// A worker made progress, from 0 to 1.
    Progress(JobId, f64),
    /// The user cancelled it while it runs; it ends after the step.
    CancelRequested(JobId),
    /// It ended: pictures, a failure or a cancellation.
    Ended(JobId),
    /// Its user wants its pictures as files in the chat, byte for byte.
    FilesAsked(JobId),
}

/// The sending end; cheap to clone.
#[derive(Debug, Clone)]
pub struct JobEvents(broadcast::Sender<JobEvent>);

impl JobEvents {
    /// Events that a listener may lag behind before it has to read the queue again.
    const CAPACITY: usize = 1024;

    /// Sends to all listeners; there may be none.
    pub fn send(&self, event: JobEvent) {
        let _ = self.0.send(event);
    }

    /// Events from now on.
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
