//! What answering an event changes, and how it is written: all of it in one transaction, or nothing.

use std::sync::Arc;

use super::{Handler, here, pressed};
use crate::conversation::{Button, ChatState, Message, refusal};
use crate::i18n::Language;
use crate::jobs::{JobId, NewJob, OutgoingId, StoreError, UpdateOutcome};
use crate::orders::{Placed, Refusal};
use crate::telegram::inbox::updates::Incoming;
use crate::telegram::outbox::message::Destination;
use crate::telegram::outbox::outgoing::OutgoingMessage;
use crate::telegram::outbox::sender::PostedMessage;

/// What answering an event changes.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// The new state of the chat, if it changes.
    pub(super) state: Option<ChatState>,
    /// The state that is written instead if a rule is against the order.
    pub(super) state_if_refused: Option<ChatState>,
    /// What is sent, in this order.
    pub(super) messages: Vec<OutgoingMessage>,
    /// What is sent and not stored, because it holds a secret: if the program ends just then, it is lost.
    pub(super) once: Option<Message>,
    /// The line over the chat in answer to the press.
    pub(super) press_text: Option<String>,
    /// The job that is queued.
    pub(super) order: Option<NewJob>,
    /// An album of which more pictures may come.
    pub(super) album: Option<String>,
    /// What ends the update later, instead of this step.
    pub(super) later: Option<Later>,
}

/// What has to be done before the update ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Later {
    /// The file that was sent is opened, and the conversation goes on with what it is.
    OpenFile,
    /// The platform is asked whether the user administers the group, and the job is cancelled if so.
    CancelAsAdmin(JobId),
    /// The same; the job's pictures are deleted.
    DeleteAsAdmin(JobId),
}

impl Step {
    pub(super) fn say(&mut self, incoming: &Incoming, message: Message) {
        self.messages.push(OutgoingMessage::Say { to: here(incoming), message });
    }

    pub(super) fn edit_buttons(&mut self, incoming: &Incoming, buttons: Vec<Vec<Button>>) {
        self.messages.push(OutgoingMessage::EditButtons { target: pressed(incoming), buttons });
    }

    pub(super) fn edit(&mut self, incoming: &Incoming, message: Message) {
        self.messages.push(OutgoingMessage::Edit { target: pressed(incoming), to: here(incoming), message });
    }
}

impl Handler {
    /// Writes a step and posts its messages.
    pub(super) async fn commit(
        self: &Arc<Self>,
        incoming: &Arc<Incoming>,
        language: Language,
        mut step: Step,
    ) -> Result<(), StoreError> {
        if let (Some(press), None) = (&incoming.press, step.later) {
            let (press, text) = (press.clone(), step.press_text.take());
            step.messages.push(OutgoingMessage::AnswerPress { chat_id: incoming.chat_id, press, text });
        }
        let outcome = outcome(incoming, &step)?;
        let reply_to = step.order.as_ref().and_then(|job| job.origin.chat()?.request_message_id);
        let (job, ids) = match step.order.take() {
            Some(order) => match self.orders.place(order, outcome).await? {
                Placed::Queued { job, messages } => (Some(job), messages),
                Placed::Refused(reason) => {
                    return self.refuse(incoming, language, reason, reply_to, step.state_if_refused).await;
                }
            },
            None if outcome == UpdateOutcome::default() => (None, Vec::new()),
            None => (None, self.store.inbox.complete_update(outcome).await?),
        };
        self.post(step.messages, job, ids);
        if let Some(message) = step.once {
            self.sender.post(PostedMessage::unstored(OutgoingMessage::Say { to: here(incoming), message }));
        }
        if let Some(album) = step.album {
            self.await_album(incoming, album);
        }
        match step.later {
            Some(Later::OpenFile) => self.open_file(incoming),
            Some(Later::CancelAsAdmin(job)) => self.cancel_as_admin(incoming, language, job),
            Some(Later::DeleteAsAdmin(job)) => self.delete_as_admin(incoming, language, job),
            None => {}
        }
        Ok(())
    }

    /// A rule is against the order: only that is said, and the chat's state stays as it was.
    async fn refuse(
        self: &Arc<Self>,
        incoming: &Arc<Incoming>,
        language: Language,
        reason: Refusal,
        reply_to: Option<i32>,
        state: Option<ChatState>,
    ) -> Result<(), StoreError> {
        let to = Destination { reply_to, ..here(incoming) };
        let mut step = Step { state, ..Step::default() };
        step.messages.push(OutgoingMessage::Say { to, message: refusal::message(language, reason) });
        if let Some(press) = incoming.press.clone() {
            step.messages.push(OutgoingMessage::AnswerPress { chat_id: incoming.chat_id, press, text: None });
        }
        let ids = self.store.inbox.complete_update(outcome(incoming, &step)?).await?;
        self.post(step.messages, None, ids);
        Ok(())
    }

    /// Posts messages under the numbers that they were stored with.
    fn post(&self, messages: Vec<OutgoingMessage>, job: Option<JobId>, ids: Vec<OutgoingId>) {
        if ids.len() == messages.len() {
            for (message, id) in messages.into_iter().zip(ids) {
                self.sender.post(PostedMessage { id: Some(id), job, message });
            }
            return;
        }
        // The same request was queued before, and its user was notified then; but a press wants an answer each time.
        let is_press = |message: &OutgoingMessage| matches!(message, OutgoingMessage::AnswerPress { .. });
        for message in messages.into_iter().filter(is_press) {
            self.sender.post(PostedMessage::unstored(message));
        }
    }
}

/// What a step writes beside the job.
fn outcome(incoming: &Incoming, step: &Step) -> Result<UpdateOutcome, StoreError> {
    let state = step.state.as_ref().map(serde_json::to_string).transpose().map_err(StoreError::database)?;
    Ok(UpdateOutcome {
        update: incoming.update.filter(|_| step.later.is_none()),
        chat_state: state.map(|state| (incoming.chat_id, state)),
        outgoing: step.messages.iter().map(OutgoingMessage::stored).collect::<Result<_, _>>()?,
    })
}
