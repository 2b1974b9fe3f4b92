//! Queues pictures and calls them off.

use std::sync::Arc;

use super::{Handler, HandlerError, pressed, report};
use crate::conversation::{Drawing, Message, StatusMessage, status};
use crate::i18n::Language;
use crate::jobs::{Address, CancelOutcome, JobId, JobState, JobSummary, NewJob, QueueError, Requester};
use crate::telegram::api::{Destination, Target, patiently};
use crate::telegram::delivery::destination;
use crate::telegram::fault::Fault;
use crate::telegram::progress::status_message;
use crate::telegram::updates::Incoming;

impl Handler {
    /// The job's row comes first; only then is anything said.
    pub(super) async fn draw(
        self: &Arc<Self>,
        incoming: &Arc<Incoming>,
        language: Language,
        drawing: Drawing,
    ) -> Result<(), HandlerError> {
        let status = drawing.status;
        let job = match self.admit(incoming, language, new_job(incoming, language, drawing)).await {
            Err(HandlerError::Queue(QueueError::InputsGone { .. })) => {
                self.say(incoming, Message::plain(language.text("inputs-gone")));
                return Ok(());
            }
            admitted => admitted?,
        };
        let Some(job) = job else { return Ok(()) };
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        self.lanes.post(incoming.chat_id, async move {
            if let Err(error) = handler.tell_queued(&incoming, job, status).await {
                tracing::warn!(%job, %error, "the queue message can not be kept");
            }
        });
        Ok(())
    }

    /// Tells the place in the queue, unless that was done before or is not needed any more.
    async fn tell_queued(&self, incoming: &Incoming, job: JobId, status: StatusMessage) -> Result<(), QueueError> {
        let Some(summary) = self.queue.job(job).await? else { return Ok(()) };
        if summary.address.status_message_id.is_some() || (has_ended(&summary) && status == StatusMessage::New) {
            return Ok(());
        }
        let language = summary.address.language;
        let place = self.queue.place(job).await?;
        let message = status::queued(language, job, place);
        let Some(target) = self.send_status(incoming, &summary, status, &message).await else { return Ok(()) };
        self.queue.set_status_message(job, target.message_id).await?;
        self.progress.watch(job, target, language, place, message);
        self.catch_up(job, target, language).await
    }

    async fn send_status(
        &self,
        incoming: &Incoming,
        job: &JobSummary,
        status: StatusMessage,
        message: &Message,
    ) -> Option<Target> {
        let outcome = match status {
            StatusMessage::New => self.say_status(job, message).await,
            StatusMessage::Pressed => {
                let target = pressed(incoming);
                let edit = |chat_id| self.api.edit(Target { chat_id, ..target }, message);
                match patiently(target.chat_id, edit).await {
                    Err(Fault::Refused(_)) => self.say_status(job, message).await,
                    outcome => outcome.map(|()| Some(target.message_id)),
                }
            }
        };
        match outcome {
            Ok(message_id) => Some(Target { chat_id: incoming.chat_id, message_id: message_id? }),
            Err(fault) => {
                if matches!(fault, Fault::Gone(_)) {
                    self.broadcaster.whereabouts.gone(incoming.chat_id).await;
                }
                report::<()>("the queue message can not be sent; the job goes on", Err(fault));
                None
            }
        }
    }

    async fn say_status(&self, job: &JobSummary, message: &Message) -> Result<Option<i32>, Fault> {
        let to = destination(job);
        patiently(to.chat_id, |chat_id| self.api.say(Destination { chat_id, ..to }, message)).await
    }

    /// A quick job may have ended while its status message was on the way.
    async fn catch_up(&self, job: JobId, target: Target, language: Language) -> Result<(), QueueError> {
        match self.queue.job(job).await?.map(|job| job.state) {
            Some(JobState::Cancelled) => self.progress.cancelled(job, target, language),
            Some(JobState::Delivered | JobState::Failed) | None => {
                self.progress.forget(job, target);
                self.api.clear_away(target).await;
            }
            Some(JobState::Queued | JobState::Running | JobState::Drawn) => {}
        }
        Ok(())
    }

    /// Calls jobs off; what became of that, in a line. `None`: whether this person may is asked first, and told then.
    pub(super) async fn cancel(
        self: &Arc<Self>,
        incoming: &Arc<Incoming>,
        language: Language,
        jobs: &[JobId],
    ) -> Result<Option<String>, HandlerError> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            outcomes.push(self.cancel_one(*job, incoming.person).await?);
        }
        Ok(match (outcomes.as_slice(), jobs) {
            ([CancelOutcome::NotYours], [job]) if incoming.chat_id < 0 => {
                self.cancel_as_admin(incoming, language, *job);
                None
            }
            ([outcome], _) => Some(status::cancel_outcome(language, *outcome)),
            (outcomes, _) => {
                let is_off =
                    |outcome: &&CancelOutcome| matches!(outcome, CancelOutcome::Cancelled | CancelOutcome::Stopping);
                Some(status::cancelled_jobs(language, outcomes.iter().filter(is_off).count()))
            }
        })
    }

    async fn cancel_one(&self, job: JobId, by: Requester) -> Result<CancelOutcome, QueueError> {
        let outcome = self.queue.cancel(job, by).await?;
        if matches!(outcome, CancelOutcome::Cancelled | CancelOutcome::Stopping) {
            self.tell_cancelled(job).await?;
        }
        Ok(outcome)
    }

    /// In a group its administrators may call off what others asked for there.
    fn cancel_as_admin(self: &Arc<Self>, incoming: &Arc<Incoming>, language: Language, job: JobId) {
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        tokio::spawn(async move {
            let outcome = match handler.rules_over(&incoming, job).await {
                Some(summary) => handler.cancel_one(job, summary.requester).await,
                None => Ok(CancelOutcome::NotYours),
            };
            let text = match outcome {
                Ok(outcome) => status::cancel_outcome(language, outcome),
                Err(error) => {
                    tracing::error!(%job, %error, "a job can not be called off");
                    status::trouble(language).text
                }
            };
            handler.toast(&incoming, Some(text));
        });
    }

    /// The job, if it is this person's own or was asked for in a group that this person administers.
    pub(super) async fn rules_over(&self, incoming: &Incoming, job: JobId) -> Option<JobSummary> {
        let job = self.queue.job(job).await.ok().flatten()?;
        if job.requester == incoming.person {
            return Some(job);
        }
        let is_here = job.address.chat_id == incoming.chat_id && incoming.chat_id < 0;
        let is_admin = is_here && self.api.is_admin(incoming.chat_id, incoming.person.0).await.unwrap_or(false);
        is_admin.then_some(job)
    }

    async fn tell_cancelled(&self, job: JobId) -> Result<(), QueueError> {
        if let Some(job) = self.queue.job(job).await?
            && let Some(target) = status_message(&job)
        {
            self.progress.cancelled(job.id, target, job.address.language);
        }
        Ok(())
    }
}

fn new_job(incoming: &Incoming, language: Language, drawing: Drawing) -> NewJob {
    NewJob {
        request_key: incoming.request_key.clone(),
        requester: incoming.person,
        address: Address {
            chat_id: incoming.chat_id,
            thread_id: incoming.thread_id,
            request_message_id: drawing.reply_to,
            status_message_id: None,
            language,
            previews: drawing.previews,
        },
        recipe: drawing.recipe,
        inputs: drawing.inputs,
    }
}

fn has_ended(job: &JobSummary) -> bool {
    !matches!(job.state, JobState::Queued | JobState::Running)
}
