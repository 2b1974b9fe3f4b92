//! Delivers results to the chats that asked for them.
//!
//! The store keeps what has to be delivered. A result is marked delivered after the chat has it, so that a crash loses nothing;
//! what can not be delivered now is put off, longer each time. What was sent and can not be noted is remembered here, and only
//! the note is tried again.

mod busy;
mod unnoted;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::api::Api;
use super::chat_directory::ChatDirectory;
use super::fault::Fault;
use super::message::{Destination, Target};
use super::progress::Progress;
use super::results::{JobResult, ResultError, ResultSender};
use crate::conversation::status;
use crate::jobs::{DeliveredMessage, Delivery, Failure, JobEvent, JobId, JobOutcome, JobStore, StoreError, Work};
use crate::telegram::persist::persist;
use crate::telegram::tasks::Tasks;
use busy::BusyChats;
use unnoted::Unnoted;

/// The most chats that get a result at a time.
const CONCURRENCY: usize = 32;
/// How often the store is asked though no event came: what was put off comes due, pauses end.
const TICK: Duration = Duration::from_secs(1);
/// The first delay after a failure; it doubles each time.
const FIRST_DELAY: Duration = Duration::from_secs(2);
const LONGEST_DELAY: Duration = Duration::from_secs(600);
/// A result that is refused so often will be refused for ever.
const REFUSALS: u32 = 5;

/// Delivers results, one at a time in each chat.
pub(in crate::telegram) struct DeliveryWorker {
    store: JobStore,
    api: Api,
    results: ResultSender,
    progress: Arc<Progress<Api>>,
    directory: ChatDirectory,
    tasks: Tasks,
    busy: BusyChats,
    unnoted: Unnoted,
}

/// What came of sending a result.
enum Sent {
    /// The chat has it, in these messages, or never will.
    Done(Vec<DeliveredMessage>),
    /// The chat has a pause.
    Paused,
    /// It is tried again after this time.
    Later(Duration),
}

impl DeliveryWorker {
    pub(in crate::telegram) fn new(
        results: ResultSender,
        progress: Arc<Progress<Api>>,
        directory: ChatDirectory,
        tasks: Tasks,
    ) -> Self {
        Self {
            store: directory.store.clone(),
            api: results.api.clone(),
            results,
            progress,
            directory,
            tasks,
            busy: BusyChats::default(),
            unnoted: Unnoted::default(),
        }
    }

    /// Delivers until `stop`; what has begun goes on.
    pub(in crate::telegram) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut events = self.store.signals.events();
        while !stop.is_cancelled() {
            if let Err(error) = self.begin().await {
                tracing::warn!(%error, "due results can not be read");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                is_open = ended(&mut events) => if !is_open { return },
                () = self.busy.freed() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Begins the deliveries that are due in chats that are neither busy nor paused.
    async fn begin(self: &Arc<Self>) -> Result<(), StoreError> {
        let mut excluded = self.busy.list();
        let free = CONCURRENCY.saturating_sub(excluded.len());
        if free == 0 {
            return Ok(());
        }
        excluded.extend(self.api.pauses().paused());
        for delivery in self.store.outbox.due_deliveries(&excluded, free as u32).await? {
            let (chat_id, job) = (delivery.address.chat_id, delivery.job.id);
            if self.busy.begin(chat_id, job) {
                let span = tracing::info_span!("job", %job);
                let worker = Arc::clone(self);
                self.tasks.spawn(
                    async move {
                        let leftover = {
                            // Frees the chat even after a panic.
                            let _busy = worker.busy.guard(chat_id, job);
                            worker.deliver(&delivery).await
                        };
                        // The next result need not wait for this.
                        if let Some(target) = leftover {
                            worker.delete_status(job, target).await;
                        }
                    }
                    .instrument(span),
                );
            }
        }
        Ok(())
    }

    /// Delivers one result and notes what came of it. Returns the status message, which is not needed any more.
    async fn deliver(&self, delivery: &Delivery) -> Option<Target> {
        let job = delivery.job.id;
        let sent = match self.unnoted.get(job) {
            // An earlier attempt sent it.
            Some(messages) => Sent::Done(messages),
            None => self.send(delivery).await,
        };
        match sent {
            Sent::Done(messages) => {
                metrics::counter!("kandinsky_deliveries_total").increment(1);
                self.unnoted.put(job, messages.clone());
                let outbox = &self.store.outbox;
                let is_noted = self.note(|| outbox.mark_delivered(job, &messages)).await;
                if is_noted {
                    self.unnoted.remove(job);
                }
                self.status_message(delivery).await
            }
            Sent::Paused => None,
            Sent::Later(delay) => {
                self.note(|| self.store.outbox.postpone_delivery(job, delay)).await;
                None
            }
        }
    }

    async fn send(&self, delivery: &Delivery) -> Sent {
        let mut sent = delivery.sent.clone();
        let mut outcome = self.send_to(Destination::of(&delivery.address), delivery, &mut sent).await;
        if let Err(ResultError::Fault(Fault::Moved(chat_id))) = outcome {
            let from = delivery.address.chat_id;
            self.note(|| self.directory.moved(from, chat_id)).await;
            // Topic and messages have other numbers there.
            outcome = self.send_to(Destination::chat(chat_id), delivery, &mut sent).await;
        }
        if outcome.is_err() && sent.len() > delivery.sent.len() {
            // Albums that were sent must not be sent again with the rest.
            let new = &sent[delivery.sent.len()..];
            self.note(|| self.store.outbox.mark_partly_delivered(delivery.job.id, new)).await;
        }
        self.settle(delivery, outcome, sent).await
    }

    /// What to do after an attempt.
    async fn settle(&self, delivery: &Delivery, outcome: Result<(), ResultError>, sent: Vec<DeliveredMessage>) -> Sent {
        let is_last_attempt = delivery.attempts + 1 >= REFUSALS;
        let fault = match outcome {
            Ok(()) => return Sent::Done(sent),
            Err(ResultError::Fault(fault)) => fault,
            Err(error @ ResultError::Store(_)) => Fault::Passing(error.to_string()),
            Err(error @ ResultError::Gone(_)) => Fault::Refused(error.to_string()),
        };
        match fault {
            Fault::Wait(_) => return Sent::Paused,
            Fault::Gone(reason) => {
                tracing::info!(reason, "nobody is there to take a result");
                self.directory.gone(delivery.address.chat_id).await;
                return Sent::Done(Vec::new());
            }
            // Words are not allowed either.
            Fault::Forbidden(_) if is_in_words(delivery) => return Sent::Done(sent),
            Fault::Forbidden(reason) => {
                tracing::info!(reason, "the chat takes no pictures");
                let message = status::pictures_forbidden(delivery.address.language, delivery.job.id);
                match self.api.say(Destination::of(&delivery.address), &message).await {
                    Err(Fault::Wait(_)) => return Sent::Paused,
                    Err(Fault::Passing(_) | Fault::Moved(_)) => {}
                    // Where not even that is allowed, the picture is in the user's history.
                    _ => return Sent::Done(sent),
                }
            }
            Fault::Refused(reason) if is_last_attempt => {
                tracing::error!(reason, "a result is refused again and again and is given up");
                let to = Destination::of(&delivery.address);
                match self.say_failure(to, delivery, Failure::Engine).await {
                    Ok(()) | Err(Fault::Refused(_) | Fault::Gone(_) | Fault::Forbidden(_)) => {
                        return Sent::Done(sent);
                    }
                    Err(Fault::Wait(_)) => return Sent::Paused,
                    Err(_) => {}
                }
            }
            fault => tracing::warn!(?fault, "a result can not be delivered yet"),
        }
        Sent::Later(delay_after(delivery.attempts))
    }

    async fn send_to(
        &self,
        to: Destination,
        delivery: &Delivery,
        sent: &mut Vec<DeliveredMessage>,
    ) -> Result<(), ResultError> {
        let failure = match &delivery.outcome {
            JobOutcome::Pictures(infos) if !infos.is_empty() || is_in_words(delivery) => {
                let result = JobResult::new(&delivery.job, delivery.address.language, infos);
                return self.results.send(to, result, sent).await;
            }
            JobOutcome::Pictures(_) => Failure::Unreadable,
            JobOutcome::Failure(failure) => *failure,
        };
        Ok(self.say_failure(to, delivery, failure).await?)
    }

    async fn say_failure(&self, to: Destination, delivery: &Delivery, failure: Failure) -> Result<(), Fault> {
        let work = Work::of(&delivery.job.recipe);
        let message = status::failed(delivery.address.language, delivery.job.id, work, failure);
        self.api.say(to, &message).await.map(drop)
    }

    async fn note<F>(&self, write: impl Fn() -> F) -> bool
    where
        F: Future<Output = Result<(), StoreError>>,
    {
        persist(self.tasks.stop(), "what was sent", write).await
    }

    /// The status message of a job that was delivered: read again, since that of a quick job may have been sent meanwhile.
    async fn status_message(&self, delivery: &Delivery) -> Option<Target> {
        let job = self.store.queue.job(delivery.job.id).await.ok().flatten();
        let address = job.as_ref().map_or(Some(&delivery.address), |job| job.chat())?;
        let target = Target::status_of(address)?;
        self.progress.forget(delivery.job.id, target);
        Some(target)
    }

    /// Deletes a status message and notes that it is gone. If the program ends in between, the next start does it.
    pub(in crate::telegram) async fn delete_status(&self, job: JobId, target: Target) {
        if self.api.delete_with_retries(target).await
            && let Err(error) = self.store.outbox.clear_status_message(job).await
        {
            tracing::warn!(%job, %error, "the end of a status message can not be noted");
        }
    }
}

/// Waits until a job ended, or perhaps did. False if there are no more events.
async fn ended(events: &mut Receiver<JobEvent>) -> bool {
    loop {
        match events.recv().await {
            Ok(JobEvent::Ended(_)) | Err(RecvError::Lagged(_)) => return true,
            Ok(_) => {}
            Err(RecvError::Closed) => return false,
        }
    }
}

/// Whether it is no picture: a failure, or the description of a picture.
fn is_in_words(delivery: &Delivery) -> bool {
    matches!(delivery.outcome, JobOutcome::Failure(_)) || delivery.job.warnings.description.is_some()
}

fn delay_after(attempts: u32) -> Duration {
    FIRST_DELAY.saturating_mul(2_u32.saturating_pow(attempts)).min(LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_ten_minutes() {
        let seconds: Vec<u64> = (0..12).map(|attempts| delay_after(attempts).as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
        assert_eq!(delay_after(u32::MAX), LONGEST_DELAY);
    }
}
