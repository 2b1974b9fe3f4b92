//! Keeps the status messages true: place in the queue, progress with small pictures of it, restarts and cancellations.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until};

use super::api::Target;
use super::edit_limiter::{Content, EditLimiter, Editor};
use crate::conversation::{Message, status};
use crate::i18n::Language;
use crate::jobs::{JobEvent, JobId, JobQueue, JobState, JobSummary, Place, QueueError};

/// Places that are worth an edit: all of the first seven, then ever fewer. A hundred people who each hear of every step
/// would be a hundred edits a job.
const TOLD_PLACES: [usize; 25] =
    [1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 18, 23, 29, 36, 45, 56, 70, 88, 110, 138, 172, 215, 269, 336, 420];

/// The pause between two looks at the whole queue: in a crowd it moves many times a second.
const PLACES_PAUSE: Duration = Duration::from_secs(1);

/// The status messages of all jobs that wait or run.
pub(super) struct Progress<E> {
    queue: Arc<dyn JobQueue>,
    limiter: EditLimiter<E>,
    watched: DashMap<JobId, Watched>,
}

/// A job with a status message.
#[derive(Debug, Clone, Copy)]
struct Watched {
    target: Target,
    language: Language,
    /// The place that was told last.
    position: Option<usize>,
}

impl<E: Editor> Progress<E> {
    pub(super) fn new(queue: Arc<dyn JobQueue>, editor: E) -> Self {
        Self { queue, limiter: EditLimiter::new(editor), watched: DashMap::new() }
    }

    /// The status message was just sent with this content.
    pub(super) fn watch(&self, job: JobId, target: Target, language: Language, place: Option<Place>, shown: Message) {
        self.limiter.sent(target, shown);
        self.watched.insert(job, Watched { target, language, position: place.map(|place| place.position) });
    }

    /// The job was called off: its status message says so at once.
    pub(super) fn cancelled(&self, job: JobId, target: Target, language: Language) {
        self.watched.remove(&job);
        self.limiter.last_word(target, status::cancelled(language, job));
    }

    /// The status message is about to be deleted.
    pub(super) fn forget(&self, job: JobId, target: Target) {
        self.watched.remove(&job);
        self.limiter.forget(target);
    }

    /// Follows the queue's news, for ever.
    pub(super) async fn run(&self) {
        let mut news = self.queue.events();
        if let Err(error) = self.resume().await {
            tracing::warn!(%error, "the status messages of earlier jobs can not be found");
        }
        let (mut has_moved, mut next_telling) = (false, Instant::now());
        loop {
            let outcome = tokio::select! {
                event = news.recv() => match event {
                    Ok(event) => self.follow(event, &mut news, &mut has_moved).await,
                    Err(RecvError::Lagged(_)) => {
                        has_moved = true;
                        Ok(())
                    }
                    Err(RecvError::Closed) => return,
                },
                () = sleep_until(next_telling), if has_moved => {
                    (has_moved, next_telling) = (false, Instant::now() + PLACES_PAUSE);
                    self.tell_places().await
                }
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, "a status message can not be brought up to date");
            }
        }
    }

    /// What waited before the program began is told so.
    async fn resume(&self) -> Result<(), QueueError> {
        for job in self.queue.waiting().await? {
            if self.watched.contains_key(&job.id) {
                continue;
            }
            if let Some(watched) = self.watch_again(&job) {
                let place = self.queue.place(job.id).await?;
                self.limiter.wish(watched.target, status::requeued(watched.language, job.id, place));
            }
        }
        Ok(())
    }

    /// Does everything that has happened so far; however often the queue moved, places are told once, afterwards.
    async fn follow(
        &self,
        first: JobEvent,
        news: &mut Receiver<JobEvent>,
        has_moved: &mut bool,
    ) -> Result<(), QueueError> {
        let mut event = first;
        loop {
            match event {
                JobEvent::QueueMoved => *has_moved = true,
                // Everybody's place is told anew.
                JobEvent::PauseChanged => self.watched.iter_mut().for_each(|mut watched| watched.position = None),
                JobEvent::Started(job) => self.tell_progress(job, 0.0),
                JobEvent::Progress(job, progress) => self.tell_progress(job, progress),
                // It is told when it has ended.
                JobEvent::CalledOff(_) => {}
                JobEvent::Ended(job) => self.end(job).await?,
                JobEvent::Requeued(job) => self.requeued(job).await?,
            }
            event = match news.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Lagged(_)) => JobEvent::QueueMoved,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(()),
            };
        }
    }

    fn tell_progress(&self, job: JobId, progress: f64) {
        // The entry is held while the wish is put, so that a cancellation can not slip in between.
        if let Some(watched) = self.watched.get(&job) {
            let message = status::drawing(watched.language, job, progress);
            self.limiter.wish(watched.target, Content::new(message, self.queue.preview(job)));
        }
    }

    async fn tell_places(&self) -> Result<(), QueueError> {
        for (job, place) in self.queue.places().await? {
            if job.state != JobState::Queued || !is_told(place.position) {
                continue;
            }
            if let Some(mut watched) = self.watched.get_mut(&job.id)
                && watched.position != Some(place.position)
            {
                watched.position = Some(place.position);
                self.limiter.wish(watched.target, status::queued(watched.language, job.id, Some(place)));
            }
        }
        Ok(())
    }

    /// Pictures and failures are told by the delivery; a cancellation is told here.
    async fn end(&self, job: JobId) -> Result<(), QueueError> {
        let Some((_, watched)) = self.watched.remove(&job) else { return Ok(()) };
        match self.queue.job(job).await?.map(|job| job.state) {
            Some(JobState::Cancelled) => {
                self.limiter.last_word(watched.target, status::cancelled(watched.language, job));
            }
            _ => self.limiter.forget(watched.target),
        }
        Ok(())
    }

    async fn requeued(&self, job: JobId) -> Result<(), QueueError> {
        let Some(summary) = self.queue.job(job).await? else { return Ok(()) };
        if let Some(watched) = self.watch_again(&summary) {
            let place = self.queue.place(job).await?;
            self.limiter.wish(watched.target, status::requeued(watched.language, job, place));
        }
        Ok(())
    }

    fn watch_again(&self, job: &JobSummary) -> Option<Watched> {
        let target = status_message(job)?;
        let watched = Watched { target, language: job.address.language, position: None };
        self.watched.insert(job.id, watched);
        Some(watched)
    }
}

/// The message that tells about a job, if there is one.
pub(super) fn status_message(job: &JobSummary) -> Option<Target> {
    let message_id = job.address.status_message_id?;
    Some(Target { chat_id: job.address.chat_id, message_id })
}

fn is_told(position: usize) -> bool {
    TOLD_PLACES.contains(&position)
}
