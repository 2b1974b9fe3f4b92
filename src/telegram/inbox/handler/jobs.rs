//! Queues, cancels and deletes jobs for a user of a chat.

use std::sync::Arc;

use super::step::{Later, Step};
use super::{Handler, pressed};
use crate::conversation::{Drawing, Message, status};
use crate::i18n::Language;
use crate::jobs::{CancelOutcome, ChatAddress, DeliveredMessage, JobId, NewJob, Origin, StoreError};
use crate::orders::{Authority, Deleted};
use crate::telegram::inbox::updates::Incoming;
use crate::telegram::outbox::message::Target;
use crate::telegram::outbox::outgoing::OutgoingMessage;

/// The job that a user of a chat orders.
pub(super) fn new_job(incoming: &Incoming, language: Language, drawing: Drawing) -> NewJob {
    NewJob {
        request_key: incoming.request_key.clone(),
        requester: incoming.user,
        origin: Origin::Chat(ChatAddress {
            chat_id: incoming.chat_id,
            thread_id: incoming.thread_id,
            request_message_id: drawing.reply_to,
            status_message_id: None,
            language,
            previews: drawing.previews,
        }),
        recipe: drawing.recipe,
        inputs: drawing.inputs,
    }
}

impl Handler {
    /// Cancels jobs of the user; in a group an administrator may cancel those of others.
    pub(super) async fn cancel(
        &self,
        incoming: &Incoming,
        language: Language,
        jobs: &[JobId],
        step: &mut Step,
    ) -> Result<(), StoreError> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            outcomes.push(self.orders.cancel(*job, Authority::Requester(incoming.user)).await?);
        }
        let text = match (outcomes.as_slice(), jobs) {
            ([CancelOutcome::NotYours], [job]) if incoming.chat_id < 0 => {
                step.later = Some(Later::CancelAsAdmin(*job));
                return Ok(());
            }
            ([outcome], _) => status::cancel_outcome(language, *outcome),
            (outcomes, _) => {
                let is_cancelled =
                    |outcome: &&CancelOutcome| matches!(outcome, CancelOutcome::Cancelled | CancelOutcome::Stopping);
                status::cancelled_jobs(language, outcomes.iter().filter(is_cancelled).count())
            }
        };
        match incoming.press {
            Some(_) => step.press_text = Some(text),
            None => step.say(incoming, Message::plain(text)),
        }
        Ok(())
    }

    /// Deletes the pictures of a job and the messages that show them; in a group an administrator may delete those of others.
    pub(super) async fn delete(
        &self,
        incoming: &Incoming,
        language: Language,
        job: JobId,
        step: &mut Step,
    ) -> Result<(), StoreError> {
        match self.orders.delete(job, Authority::Requester(incoming.user)).await? {
            Deleted::Done(messages) => delete_messages(incoming, language, messages, step),
            Deleted::NotAllowed if incoming.chat_id < 0 => step.later = Some(Later::DeleteAsAdmin(job)),
            Deleted::NotAllowed => step.press_text = Some(language.text("delete-not-yours")),
        }
        Ok(())
    }

    /// Asks the platform whether the user administers the group, and cancels the job if so.
    pub(super) fn cancel_as_admin(self: &Arc<Self>, incoming: &Arc<Incoming>, language: Language, job: JobId) {
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        self.tasks.spawn(async move {
            let outcome = async {
                let outcome = handler.orders.cancel(job, handler.authority(&incoming).await).await?;
                let text = Some(status::cancel_outcome(language, outcome));
                handler.commit(&incoming, language, Step { press_text: text, ..Step::default() }).await
            };
            let outcome = outcome.await;
            handler.end(&incoming, language, outcome);
        });
    }

    /// Asks the platform whether the user administers the group, and deletes the job's pictures if so.
    pub(super) fn delete_as_admin(self: &Arc<Self>, incoming: &Arc<Incoming>, language: Language, job: JobId) {
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        self.tasks.spawn(async move {
            let outcome = async {
                let mut step = Step::default();
                match handler.orders.delete(job, handler.authority(&incoming).await).await? {
                    Deleted::Done(messages) => delete_messages(&incoming, language, messages, &mut step),
                    Deleted::NotAllowed => step.press_text = Some(language.text("delete-not-yours")),
                }
                handler.commit(&incoming, language, step).await
            };
            let outcome = outcome.await;
            handler.end(&incoming, language, outcome);
        });
    }

    /// In what capacity the user acts in this group.
    async fn authority(&self, incoming: &Incoming) -> Authority {
        let (chat_id, user) = (incoming.chat_id, incoming.user.0);
        // Only administrators act in the name of the group itself.
        let is_admin =
            user == chat_id || self.members.of(chat_id, user).await.is_some_and(|membership| membership.is_admin);
        if is_admin { Authority::ChatAdmin { chat_id } } else { Authority::Requester(incoming.user) }
    }

    fn end(self: &Arc<Self>, incoming: &Incoming, language: Language, outcome: Result<(), StoreError>) {
        if let Err(error) = outcome {
            tracing::error!(chat = incoming.chat_id, %error, "an update can not be answered");
            self.admit_trouble(incoming, language);
        }
    }
}

/// The messages that show pictures which are gone; the pressed one is the last, it may show nothing but the buttons.
fn delete_messages(incoming: &Incoming, language: Language, messages: Vec<DeliveredMessage>, step: &mut Step) {
    step.press_text = Some(language.text("deleted"));
    let pressed = pressed(incoming);
    let shown = messages.into_iter().map(|it| Target { chat_id: it.chat_id, message_id: it.message_id });
    let targets = shown.filter(|target| *target != pressed).chain([pressed]);
    step.messages.extend(targets.map(|target| OutgoingMessage::Delete { target }));
}
