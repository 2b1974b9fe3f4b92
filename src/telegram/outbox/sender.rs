//! Sends the stored messages of each chat in their order, and removes them from the store once they were sent.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tracing::Instrument;

use super::api::Api;
use super::chat_directory::ChatDirectory;
use super::chat_queues::ChatQueues;
use super::delivery::DeliveryWorker;
use super::fault::Fault;
use super::forms::Form;
use super::message::{Destination, Picture, Target};
use super::outgoing::{OutgoingMessage, ShownMask};
use super::picture_sender::{self, Accompaniment, as_file};
use super::progress::Progress;
use super::results::{JobResult, ResultError, ResultSender, file_name};
use super::retries::{Patience, log_fault};
use crate::conversation::{BadMask, Message, status};
use crate::i18n::Language;
use crate::jobs::{JobId, JobStore, OutgoingId, PictureInfo, StoreError};
use crate::telegram::inputs::picture_fetcher::PictureFetcher;
use crate::telegram::persist::persist;
use crate::telegram::tasks::Tasks;

/// Sends messages.
pub(in crate::telegram) struct Sender {
    pub(in crate::telegram) store: JobStore,
    pub(in crate::telegram) api: Api,
    pub(in crate::telegram) results: ResultSender,
    pub(in crate::telegram) progress: Arc<Progress<Api>>,
    pub(in crate::telegram) delivery: Arc<DeliveryWorker>,
    pub(in crate::telegram) directory: ChatDirectory,
    pub(in crate::telegram) fetcher: PictureFetcher,
    pub(in crate::telegram) queues: ChatQueues,
    pub(in crate::telegram) tasks: Tasks,
    /// Masks that can not be shown; the conversation goes on with that.
    pub(in crate::telegram) failed_masks: UnboundedSender<FailedMask>,
}

/// A mask that can not be shown.
#[derive(Debug)]
pub(in crate::telegram) struct FailedMask {
    pub(in crate::telegram) mask: ShownMask,
    pub(in crate::telegram) reason: BadMask,
}

/// A message that is posted to its chat's queue.
#[derive(Debug)]
pub(in crate::telegram) struct PostedMessage {
    /// Its number in the store; `None` for one that is not stored.
    pub(in crate::telegram) id: Option<OutgoingId>,
    /// The job that it is about.
    pub(in crate::telegram) job: Option<JobId>,
    /// The message.
    pub(in crate::telegram) message: OutgoingMessage,
}

impl PostedMessage {
    /// A message that is lost if the program ends before it is sent.
    pub(in crate::telegram) fn unstored(message: OutgoingMessage) -> Self {
        Self { id: None, job: None, message }
    }
}

impl Sender {
    /// Posts the messages that were stored before the program began. Returns how many there are.
    pub(in crate::telegram) async fn post_unsent(self: &Arc<Self>) -> Result<usize, StoreError> {
        let unsent = self.store.outbox.unsent_messages().await?;
        let count = unsent.len();
        for stored in unsent {
            match serde_json::from_str(&stored.body) {
                Ok(message) => self.post(PostedMessage { id: Some(stored.id), job: stored.job, message }),
                Err(error) => {
                    tracing::error!(id = stored.id.0, %error, "a stored message can not be read and is dropped");
                    self.mark_sent(stored.id);
                }
            }
        }
        Ok(count)
    }

    /// Sends a message when it is its turn in its chat. Returns at once.
    pub(in crate::telegram) fn post(self: &Arc<Self>, posted: PostedMessage) {
        let sender = Arc::clone(self);
        match &posted.message {
            // Beside the chat's queue: it must be quick, and it counts against no limit.
            OutgoingMessage::AnswerPress { .. } => self.tasks.spawn(async move { sender.send(posted).await }),
            message => self.queues.post(message.chat_id(), async move { sender.send(posted).await }.in_current_span()),
        }
    }

    async fn send(self: &Arc<Self>, posted: PostedMessage) {
        match posted.message {
            OutgoingMessage::Say { to, message } => self.say(to, &message).await,
            OutgoingMessage::Edit { target, to, message } => self.edit(target, to, &message).await,
            OutgoingMessage::EditButtons { target, buttons } => {
                let edit = |chat_id| self.api.edit_buttons(target.in_chat(chat_id), &buttons);
                log_fault("buttons can not be changed", Patience::LONG.call(target.chat_id, edit).await);
            }
            OutgoingMessage::AnswerPress { press, text, .. } => {
                let answer = |_| self.api.answer_press(&press, text.as_deref());
                log_fault("a press can not be answered", Patience::SHORT.call(0, answer).await);
            }
            OutgoingMessage::Status { pressed, .. } => {
                if let Some(job) = posted.job
                    && let Err(error) = self.send_status(job, pressed).await
                {
                    tracing::warn!(%job, %error, "a status message can not be noted");
                }
            }
            OutgoingMessage::SendFiles { to, job, language } => {
                let outcome = self.send_files(to, job, language).await;
                self.admit_trouble(outcome, to, job, language).await;
            }
            OutgoingMessage::SendPictures { to, job, language } => {
                let outcome = self.send_pictures(to, job).await;
                self.admit_trouble(outcome, to, job, language).await;
            }
            OutgoingMessage::ShowMask(mask) => self.show_mask(*mask).await,
            OutgoingMessage::Delete { target } => {
                self.api.delete_with_retries(target).await;
            }
        }
        if let Some(id) = posted.id {
            self.mark_sent(id);
        }
    }

    /// Removes a message from the store, beside the chat's queue: the next message need not wait for the disk.
    fn mark_sent(&self, id: OutgoingId) {
        let (outbox, stop) = (Arc::clone(&self.store.outbox), self.tasks.stop().clone());
        self.tasks.spawn(async move {
            persist(&stop, "that a message was sent", || outbox.mark_sent(id)).await;
        });
    }

    pub(super) async fn say(&self, to: Destination, message: &Message) {
        let say = |chat_id| self.api.say(to.in_chat(chat_id), message);
        log_fault("a message can not be sent", Patience::LONG.call(to.chat_id, say).await);
    }

    async fn edit(&self, target: Target, to: Destination, message: &Message) {
        let edit = |chat_id| self.api.edit(target.in_chat(chat_id), message);
        match Patience::LONG.call(target.chat_id, edit).await {
            // Deleted or too old: what it was to become is said anew.
            Err(Fault::Refused(_)) => self.say(to, message).await,
            outcome => {
                log_fault("a message can not be edited", outcome);
            }
        }
    }

    /// Sends a job's pictures as files.
    async fn send_files(&self, to: Destination, job: JobId, language: Language) -> Result<(), ResultError> {
        let summary = self.store.queue.job(job).await?.ok_or(ResultError::Gone(job))?;
        let infos = self.store.archive.picture_infos(job).await?;
        if infos.is_empty() {
            return Err(ResultError::Gone(job));
        }
        let with = Accompaniment { caption: "", prompt: "", buttons: &[], language, wants_file: true };
        for (index, info) in (0..).zip(&infos) {
            let bytes = self.store.archive.picture(job, index).await?.ok_or(ResultError::Gone(job))?;
            let picture = Picture { bytes, file_name: file_name(&summary.recipe, index), is_covered: false };
            // Here only the bytes count; of a picture as a photo there is one in the chat already.
            let forms = || as_file(info).into_iter().filter(|form| !form.is_photo()).collect();
            let send = |chat_id| picture_sender::send(&self.api, to.in_chat(chat_id), &picture, forms(), with);
            Patience::LONG.call(to.chat_id, send).await?;
        }
        Ok(())
    }

    /// Sends a job's pictures once more, as they were.
    async fn send_pictures(&self, to: Destination, job: JobId) -> Result<(), ResultError> {
        let summary = self.store.queue.job(job).await?.ok_or(ResultError::Gone(job))?;
        let infos = self.store.archive.picture_infos(job).await?;
        let address = summary.chat().filter(|_| !infos.is_empty()).ok_or(ResultError::Gone(job))?;
        let result = JobResult::new(&summary, address.language, &infos);
        // Each attempt begins where the one before ended.
        let sent = tokio::sync::Mutex::new(Vec::new());
        let send = |chat_id| {
            let sent = &sent;
            async move {
                match self.results.send(to.in_chat(chat_id), result, &mut *sent.lock().await).await {
                    Err(ResultError::Fault(fault)) => Err(fault),
                    outcome => Ok(outcome),
                }
            }
        };
        let outcome = Patience::LONG.call(to.chat_id, send).await;
        self.store.outbox.mark_partly_delivered(job, &sent.into_inner()).await?;
        outcome?
    }

    /// Says that pictures are gone, can not be read, or may not be sent here.
    async fn admit_trouble(&self, outcome: Result<(), ResultError>, to: Destination, job: JobId, language: Language) {
        let to = Destination { reply_to: None, ..to };
        match outcome {
            Ok(()) => {}
            Err(ResultError::Gone(_)) => {
                // What is larger has no button to be drawn again.
                let job = self.store.queue.job(job).await.ok().flatten();
                let is_upscale = job.is_some_and(|job| job.recipe.task.is_upscale());
                let key = if is_upscale { "larger-file-gone" } else { "file-gone" };
                self.say(to, &Message::plain(language.text(key))).await;
            }
            Err(ResultError::Fault(Fault::Forbidden(reason))) => {
                tracing::info!(%job, reason, "the chat takes no pictures");
                self.say(to, &status::pictures_forbidden(language, job)).await;
            }
            Err(ResultError::Fault(Fault::Gone(_))) => self.directory.gone(to.chat_id).await,
            Err(error) => {
                tracing::error!(%job, %error, "pictures can not be sent");
                self.say(to, &status::trouble(language)).await;
            }
        }
    }

    /// Shows what will be drawn anew.
    async fn show_mask(&self, mask: ShownMask) {
        let bytes = match self.fetcher.preview(&mask.shown.plan).await {
            Ok(bytes) => bytes.into(),
            Err(error) => {
                tracing::info!(chat = mask.to.chat_id, %error, "a mask can not be shown");
                let reason = error.bad_mask();
                let _ = self.failed_masks.send(FailedMask { mask, reason });
                return;
            }
        };
        let picture = Picture { bytes, file_name: "mask.png".to_owned(), is_covered: false };
        let (to, text, buttons) = (mask.to, &mask.shown.message.text, &mask.shown.message.buttons);
        if mask.shown.in_place {
            let target = Target { chat_id: to.chat_id, message_id: mask.message_id };
            let edit = |chat_id| self.api.edit_photo(target.in_chat(chat_id), &picture, text, buttons);
            match Patience::LONG.call(to.chat_id, edit).await {
                // Deleted meanwhile: it is sent anew.
                Err(Fault::Refused(_)) => {}
                outcome => {
                    log_fault("a mask can not be shown", outcome);
                    return;
                }
            }
        }
        let info = PictureInfo::of(&picture.bytes);
        let language = Language::from_code(mask.client_language.as_deref());
        let with = Accompaniment { caption: text, prompt: "", buttons, language, wants_file: false };
        let send = |chat_id| picture_sender::send(&self.api, to.in_chat(chat_id), &picture, Form::of(&info), with);
        match Patience::LONG.call(to.chat_id, send).await {
            // In words alone, where pictures are forbidden.
            Err(Fault::Forbidden(_)) => self.say(to, &mask.shown.message).await,
            outcome => {
                log_fault("a mask can not be shown", outcome);
            }
        }
    }
}
