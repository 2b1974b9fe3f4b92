//! Keeps the status messages up to date: position in the queue, progress with previews, restarts and cancellations.

use std::sync::Arc;
use std::time::Duration;

use dashmap::DashMap;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until};

use super::edit_limiter::{Content, EditLimiter, Editor};
use super::message::Target;
use crate::conversation::{Message, status};
use crate::i18n::Language;
use crate::jobs::{
    ChatAddress, JobEvent, JobId, JobState, JobStore, JobSummary, Pace, QueuePosition, StoreError, Work,
};
use crate::telegram::tasks::Tasks;

/// Positions that are worth an edit: all of the first seven, then ever fewer. A hundred users who each see every step would be
/// a hundred edits a job.
const SHOWN_POSITIONS: [usize; 25] =
    [1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 18, 23, 29, 36, 45, 56, 70, 88, 110, 138, 172, 215, 269, 336, 420];

/// The pause between two looks at the whole queue: in a crowd it moves many times a second.
const POSITIONS_PAUSE: Duration = Duration::from_secs(1);

/// The status messages of all jobs that wait or run.
pub(in crate::telegram) struct Progress<E> {
    store: JobStore,
    limiter: EditLimiter<E>,
    tasks: Tasks,
    watched: DashMap<JobId, Watched>,
}

/// A job with a status message.
#[derive(Debug, Clone, Copy)]
struct Watched {
    target: Target,
    language: Language,
    work: Work,
    /// The position that was shown last.
    position: Option<usize>,
    /// A worker has begun: progress is shown instead of the position.
    is_running: bool,
}

impl<E: Editor> Progress<E> {
    pub(in crate::telegram) fn new(store: JobStore, editor: E, pace: Pace, tasks: Tasks) -> Self {
        let limiter = EditLimiter::new(editor, pace, tasks.clone());
        Self { store, limiter, tasks, watched: DashMap::new() }
    }

    /// The status message of a job was just sent with this content.
    pub(in crate::telegram) fn watch(
        &self,
        job: &JobSummary,
        target: Target,
        language: Language,
        position: Option<QueuePosition>,
        shown: Message,
    ) {
        self.limiter.sent(target, shown);
        let (work, position) = (Work::of(&job.recipe), position.map(|position| position.number));
        self.watched.insert(job.id, Watched { target, language, work, position, is_running: false });
    }

    /// The job was cancelled: its status message shows that, unless it does already.
    pub(in crate::telegram) fn cancelled(&self, job: JobId) {
        if let Some((_, watched)) = self.watched.remove(&job) {
            self.show_cancelled(job, watched.work, watched.target, watched.language);
        }
    }

    /// The job was cancelled: its status message shows that at once. Once it does, it is no status message any more.
    pub(in crate::telegram) fn show_cancelled(&self, job: JobId, work: Work, target: Target, language: Language) {
        self.watched.remove(&job);
        let shown = self.limiter.finish(target, status::cancelled(language, job, work));
        let outbox = Arc::clone(&self.store.outbox);
        self.tasks.spawn_until_stop(async move {
            if shown.await.is_ok()
                && let Err(error) = outbox.clear_status_message(job).await
            {
                tracing::warn!(%job, %error, "the end of a status message can not be noted");
            }
        });
    }

    /// The status message is about to be deleted.
    pub(in crate::telegram) fn forget(&self, job: JobId, target: Target) {
        self.watched.remove(&job);
        self.limiter.forget(target);
    }

    /// Follows the events of the queue until the store closes.
    pub(in crate::telegram) async fn run(&self) {
        let mut events = self.store.signals.events();
        if let Err(error) = self.resume().await {
            tracing::warn!(%error, "the status messages of earlier jobs can not be found");
        }
        let (mut has_moved, mut next_look) = (false, Instant::now());
        loop {
            let outcome = tokio::select! {
                event = events.recv() => match event {
                    Ok(event) => self.follow(event, &mut events, &mut has_moved).await,
                    Err(RecvError::Lagged(_)) => {
                        has_moved = true;
                        self.look_again().await
                    }
                    Err(RecvError::Closed) => return,
                },
                () = sleep_until(next_look), if has_moved => {
                    (has_moved, next_look) = (false, Instant::now() + POSITIONS_PAUSE);
                    self.show_positions().await
                }
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, "a status message can not be brought up to date");
            }
        }
    }

    /// Watches the jobs that waited before the program began. Where a job was interrupted, the message shows that it waits
    /// again, once; the others change when their position does.
    async fn resume(&self) -> Result<(), StoreError> {
        let (positions, texts) = (self.store.queue.positions().await?, self.store.outbox.status_texts().await?);
        for job in self.store.queue.pending().await? {
            let Some(address) = job.chat() else { continue };
            let (Some(target), false) = (Target::status_of(address), self.watched.contains_key(&job.id)) else {
                continue;
            };
            let position = positions.get(&job.id).copied();
            let watched = Watched {
                target,
                language: address.language,
                work: Work::of(&job.recipe),
                position: position.map(|position| position.number),
                is_running: job.state == JobState::Running,
            };
            self.watched.insert(job.id, watched);
            match texts.get(&job.id).and_then(|text| serde_json::from_str(text).ok()) {
                Some(shown) => self.limiter.known(target, shown),
                None if job.state == JobState::Queued => {
                    self.show_waiting(job.id, target, status::requeued(address.language, job.id, position));
                }
                None => {}
            }
        }
        Ok(())
    }

    /// Does everything that has happened so far; however often the queue moved, positions are shown once, afterwards.
    async fn follow(
        &self,
        first: JobEvent,
        events: &mut Receiver<JobEvent>,
        has_moved: &mut bool,
    ) -> Result<(), StoreError> {
        let mut event = first;
        loop {
            match event {
                JobEvent::QueueMoved => *has_moved = true,
                // Every position is shown anew.
                JobEvent::PauseChanged => self.watched.iter_mut().for_each(|mut watched| watched.position = None),
                JobEvent::Started(job) => self.show_progress(job, 0.0),
                JobEvent::Progress(job, progress) => self.show_progress(job, progress),
                // It stops after the step; the user need not wait for that.
                JobEvent::CancelRequested(job) => self.cancelled(job),
                JobEvent::Ended(job) => self.ended(job).await?,
                JobEvent::FilesAsked(_) => {}
            }
            event = match events.try_recv() {
                Ok(event) => event,
                Err(TryRecvError::Lagged(_)) => {
                    self.look_again().await?;
                    JobEvent::QueueMoved
                }
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Ok(()),
            };
        }
    }

    /// Shows something in the message of a waiting job, and notes it: the next process must not show it again.
    fn show_waiting(&self, job: JobId, target: Target, message: Message) {
        let shown = self.limiter.edit_and_report(target, message.clone());
        let outbox = Arc::clone(&self.store.outbox);
        self.tasks.spawn_until_stop(async move {
            if shown.await.is_ok()
                && let Err(error) = outbox.set_status_text(job, &stored(&message)).await
            {
                tracing::warn!(%job, %error, "what a status message shows can not be noted");
            }
        });
    }

    fn show_progress(&self, job: JobId, progress: f64) {
        // The entry is held while the edit is put, so that a cancellation can not slip in between.
        if let Some(mut watched) = self.watched.get_mut(&job) {
            watched.is_running = true;
            let message = status::running(watched.language, job, watched.work, progress);
            self.limiter.edit(watched.target, Content::new(message, self.store.signals.preview(job)));
        }
    }

    async fn show_positions(&self) -> Result<(), StoreError> {
        let positions = self.store.queue.positions().await?;
        for mut watched in self.watched.iter_mut() {
            let job = *watched.key();
            let Some(position) = positions.get(&job).copied() else { continue };
            let is_news = watched.position != Some(position.number) && SHOWN_POSITIONS.contains(&position.number);
            if is_news && !watched.is_running {
                watched.position = Some(position.number);
                let message = status::queued(watched.language, job, watched.work, Some(position));
                self.show_waiting(job, watched.target, message);
            }
        }
        Ok(())
    }

    /// Events were missed: jobs that are watched may have ended.
    async fn look_again(&self) -> Result<(), StoreError> {
        let watched: Vec<JobId> = self.watched.iter().map(|entry| *entry.key()).collect();
        let positions = self.store.queue.positions().await?;
        for job in watched.into_iter().filter(|job| !positions.contains_key(job)) {
            self.ended(job).await?;
        }
        Ok(())
    }

    /// Pictures and failures are notified by the delivery; a cancellation is shown here.
    async fn ended(&self, job: JobId) -> Result<(), StoreError> {
        if !self.watched.contains_key(&job) {
            return Ok(());
        }
        match self.store.queue.job(job).await?.map(|job| job.state) {
            Some(JobState::Cancelled) => self.cancelled(job),
            _ => {
                if let Some((_, watched)) = self.watched.remove(&job) {
                    self.limiter.forget(watched.target);
                }
            }
        }
        Ok(())
    }

    /// Cleans up after a crash: status messages of jobs that have ended are deleted, or show that the job was cancelled.
    pub(in crate::telegram) async fn stale_messages(&self) -> Result<Vec<(JobId, Target)>, StoreError> {
        let mut leftover = Vec::new();
        for job in self.store.outbox.stale_status_messages().await? {
            let Some((address, target)) = with_status(&job) else { continue };
            match job.state {
                JobState::Cancelled => self.show_cancelled(job.id, Work::of(&job.recipe), target, address.language),
                _ => leftover.push((job.id, target)),
            }
        }
        Ok(leftover)
    }
}

fn with_status(job: &JobSummary) -> Option<(&ChatAddress, Target)> {
    let address = job.chat()?;
    Some((address, Target::status_of(address)?))
}

/// What a status message shows, as it is stored.
pub(super) fn stored(shown: &Message) -> String {
    serde_json::to_string(shown).unwrap_or_default()
}
