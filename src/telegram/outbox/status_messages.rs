//! Sends the message that shows position and progress of a job.

use super::fault::Fault;
use super::message::{Destination, Target};
use super::progress::stored;
use super::retries::{Patience, log_fault};
use super::sender::Sender;
use crate::conversation::{Message, status};
use crate::jobs::{ChatAddress, JobId, JobState, JobSummary, StoreError, Work};

impl Sender {
    /// Shows the position in the queue, unless that was done before or the job has ended; in the message whose button was
    /// pressed, or in a new one.
    pub(super) async fn send_status(&self, job: JobId, pressed: Option<Target>) -> Result<(), StoreError> {
        let Some(summary) = self.store.queue.job(job).await? else { return Ok(()) };
        let Some(address) = summary.chat() else { return Ok(()) };
        if address.status_message_id.is_some() {
            return Ok(());
        }
        if has_ended(&summary) {
            if let Some(target) = pressed {
                self.end(&summary, address, target).await;
            }
            return Ok(());
        }
        let position = self.store.queue.position(job).await?;
        let message = status::queued(address.language, job, Work::of(&summary.recipe), position);
        let Some(target) = self.show(address, pressed, &message).await else { return Ok(()) };
        self.store.outbox.set_status_message(job, target.message_id, &stored(&message)).await?;
        self.progress.watch(&summary, target, address.language, position, message);
        // A quick job may have ended meanwhile.
        match self.store.queue.job(job).await? {
            // Its event may have come in between.
            Some(now) if now.state == JobState::Cancelled => self.progress.cancelled(job),
            Some(now) if has_ended(&now) => self.end(&now, address, target).await,
            Some(_) => {}
            None => {
                self.progress.forget(job, target);
                self.api.delete_with_retries(target).await;
            }
        }
        Ok(())
    }

    /// The status message of a job that has ended: deleted, unless the job was cancelled.
    async fn end(&self, job: &JobSummary, address: &ChatAddress, target: Target) {
        match job.state {
            JobState::Cancelled => {
                self.progress.show_cancelled(job.id, Work::of(&job.recipe), target, address.language);
            }
            // The delivery deletes it.
            JobState::Drawn if address.status_message_id.is_some() => {}
            _ => {
                self.progress.forget(job.id, target);
                self.delivery.delete_status(job.id, target).await;
            }
        }
    }

    async fn show(&self, address: &ChatAddress, pressed: Option<Target>, message: &Message) -> Option<Target> {
        let to = Destination::of(address);
        let edited = match pressed {
            Some(target) => {
                let edit = |chat_id| self.api.edit(target.in_chat(chat_id), message);
                Some(Patience::LONG.call(target.chat_id, edit).await.map(|_| Some(target.message_id)))
            }
            None => None,
        };
        let outcome = match edited {
            // There is no such message, or it was deleted.
            None | Some(Err(Fault::Refused(_))) => {
                let say = |chat_id| self.api.say(to.in_chat(chat_id), message);
                Patience::LONG.call(to.chat_id, say).await
            }
            Some(outcome) => outcome,
        };
        if matches!(outcome, Err(Fault::Gone(_))) {
            self.directory.gone(to.chat_id).await;
        }
        let message_id = log_fault("a status message can not be sent; the job goes on", outcome)??;
        Some(Target { chat_id: to.chat_id, message_id })
    }
}

fn has_ended(job: &JobSummary) -> bool {
    !matches!(job.state, JobState::Queued | JobState::Running)
}
