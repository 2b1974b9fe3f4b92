//! Carries out what the conversation answers. Handling an update takes milliseconds: whatever has to be sent is posted to
//! the chat's lane, pictures are drawn elsewhere.

use std::sync::Arc;

use super::api::{Api, Destination, Target, patiently};
use super::broadcast::Broadcaster;
use super::delivery::{destination, named_pictures};
use super::fault::Fault;
use super::gate::Gate;
use super::lanes::Lanes;
use super::progress::{Progress, status_message};
use super::updates::Incoming;
use crate::chats::ChatStore;
use crate::conversation::{
    Action, ChatState, Drawing, Example, Message, OwnJob, Response, StatusMessage, Surroundings, privacy, respond,
    status,
};
use crate::i18n::Language;
use crate::jobs::{Address, CancelOutcome, JobId, JobQueue, JobState, JobSummary, NewJob, QueueError};

/// Answers updates.
pub(super) struct Handler {
    pub(super) queue: Arc<dyn JobQueue>,
    pub(super) chats: ChatStore,
    pub(super) examples: Vec<Example>,
    pub(super) api: Api,
    pub(super) lanes: Lanes,
    pub(super) progress: Arc<Progress<Api>>,
    pub(super) gate: Gate,
    pub(super) broadcaster: Arc<Broadcaster>,
    /// The bot's own number.
    pub(super) bot_id: i64,
}

/// Why an update could not be answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum HandlerError {
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The chats' memory failed.
    #[error("the chats' database: {0}")]
    Chats(#[from] sqlx::Error),
}

impl Handler {
    /// Answers one update. The updates of one chat must come one after another: the chat's memory is read, changed and
    /// written (teloxide's dispatcher sees to that).
    pub(super) async fn handle(self: &Arc<Self>, incoming: Incoming) {
        if self.is_turned_away(&incoming).await {
            return;
        }
        let incoming = Arc::new(incoming);
        let language = match self.answer(&incoming).await {
            Ok(()) => return,
            Err((language, error)) => {
                tracing::error!(chat = incoming.chat_id, %error, "an update can not be answered");
                language
            }
        };
        // A press has to be answered whatever happens.
        match incoming.press {
            Some(_) => self.toast(&incoming, Some(status::trouble(language).text)),
            None => self.say(&incoming, status::trouble(language)),
        }
    }

    async fn answer(self: &Arc<Self>, incoming: &Arc<Incoming>) -> Result<(), (Language, HandlerError)> {
        let client = incoming.client_language.as_deref();
        let fallback = Language::from_code(client);
        let state = self.load(incoming.chat_id).await.map_err(|error| (fallback, error))?;
        let language = state.language_or(client);
        if self.does_for_owner(incoming, language).await.map_err(|error| (language, error))? {
            return Ok(());
        }
        let response = self.respond(&state, incoming).await.map_err(|error| (language, error))?;
        if response.state != state {
            self.save(incoming.chat_id, &response.state).await.map_err(|error| (language, error))?;
        }
        self.carry_out(incoming, response).await.map_err(|error| (language, error))
    }

    async fn load(&self, chat_id: i64) -> Result<ChatState, HandlerError> {
        let Some(text) = self.chats.load(chat_id).await? else {
            // From now on the chat is known.
            self.save(chat_id, &ChatState::default()).await?;
            return Ok(ChatState::default());
        };
        Ok(serde_json::from_str(&text).unwrap_or_else(|error| {
            tracing::warn!(chat = chat_id, %error, "a chat's memory can not be read and begins anew");
            ChatState::default()
        }))
    }

    async fn save(&self, chat_id: i64, state: &ChatState) -> Result<(), HandlerError> {
        let text = serde_json::to_string(state).map_err(|error| sqlx::Error::Encode(error.into()))?;
        Ok(self.chats.save(chat_id, &text).await?)
    }

    async fn respond(&self, state: &ChatState, incoming: &Incoming) -> Result<Response, HandlerError> {
        let jobs = match incoming.event.concerns_queue() {
            true => self.jobs_of(incoming).await?,
            false => Vec::new(),
        };
        let job = match incoming.event.concerned_job() {
            Some(job) => self.queue.job(job).await?,
            None => None,
        };
        let around = Surroundings {
            chat_id: incoming.chat_id,
            person: incoming.person,
            client_language: incoming.client_language.as_deref(),
            message_id: incoming.message_id,
            // Short enough to be read out and typed in.
            seed: u64::from(rand::random::<u32>()),
            examples: &self.examples,
            jobs: &jobs,
            job: job.as_ref(),
        };
        Ok(respond(state, &incoming.event, &around))
    }

    async fn jobs_of(&self, incoming: &Incoming) -> Result<Vec<OwnJob>, QueueError> {
        let mut jobs = Vec::new();
        for job in self.queue.waiting().await?.into_iter().filter(|job| job.requester == incoming.person) {
            let place = self.queue.place(job.id).await?;
            jobs.push(OwnJob { job, place });
        }
        Ok(jobs)
    }

    async fn carry_out(self: &Arc<Self>, incoming: &Arc<Incoming>, response: Response) -> Result<(), HandlerError> {
        let (language, mut toast) = (response.language, None);
        for action in response.actions {
            match action {
                Action::Say(message) => self.say(incoming, message),
                Action::Edit(message) => self.edit(incoming, message),
                Action::Toast(text) => toast = Some(text),
                Action::Draw(drawing) => self.draw(incoming, language, drawing).await?,
                Action::SendFiles(job) => self.send_files(incoming, language, job),
                Action::TellPrivacy => self.say(incoming, privacy::privacy(language, &self.gate.rules.keeping)),
                Action::Forget => self.forget(incoming, language).await?,
                Action::Cancel(jobs) => {
                    let text = self.cancel(incoming, language, &jobs).await?;
                    match incoming.press {
                        Some(_) => toast = Some(text),
                        None => self.say(incoming, Message::plain(text)),
                    }
                }
            }
        }
        self.toast(incoming, toast);
        Ok(())
    }

    /// Answers the press, beside the chat's lane: it must be quick, and it counts against no limit.
    pub(super) fn toast(&self, incoming: &Incoming, text: Option<String>) {
        if let Some(press) = incoming.press.clone() {
            let api = self.api.clone();
            tokio::spawn(async move {
                let outcome = patiently(0, |_| api.answer(press.clone(), text.clone())).await;
                report("a press can not be answered", outcome);
            });
        }
    }

    pub(super) fn say(&self, incoming: &Incoming, message: Message) {
        let (api, to) = (self.api.clone(), here(incoming));
        self.lanes.post(incoming.chat_id, async move {
            let outcome = patiently(to.chat_id, |chat_id| api.say(Destination { chat_id, ..to }, &message)).await;
            report("a message can not be sent", outcome);
        });
    }

    pub(super) fn edit(&self, incoming: &Incoming, message: Message) {
        let (api, target, to) = (self.api.clone(), pressed(incoming), here(incoming));
        self.lanes.post(incoming.chat_id, async move {
            let edit = |chat_id| api.edit(Target { chat_id, ..target }, &message);
            let outcome = match patiently(target.chat_id, edit).await {
                // Deleted or too old: what it was to become is said anew.
                Err(Fault::Refused(_)) => api.say(to, &message).await.map(drop),
                outcome => outcome,
            };
            report("a message can not be changed", outcome);
        });
    }

    /// The job's row comes first; only then is anything said.
    async fn draw(
        self: &Arc<Self>,
        incoming: &Arc<Incoming>,
        language: Language,
        drawing: Drawing,
    ) -> Result<(), HandlerError> {
        let status = drawing.status;
        let Some(job) = self.admit(incoming, language, new_job(incoming, language, drawing)).await? else {
            return Ok(());
        };
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
                let _ = self.api.delete(target).await;
            }
            Some(JobState::Queued | JobState::Running | JobState::Drawn) => {}
        }
        Ok(())
    }

    /// Calls jobs off; what became of that, in a line.
    async fn cancel(&self, incoming: &Incoming, language: Language, jobs: &[JobId]) -> Result<String, HandlerError> {
        let mut outcomes = Vec::with_capacity(jobs.len());
        for job in jobs {
            let outcome = self.queue.cancel(*job, incoming.person).await?;
            if matches!(outcome, CancelOutcome::Cancelled | CancelOutcome::Stopping) {
                self.tell_cancelled(*job).await?;
            }
            outcomes.push(outcome);
        }
        Ok(match outcomes.as_slice() {
            [outcome] => status::cancel_outcome(language, *outcome),
            outcomes => {
                let is_off =
                    |outcome: &&CancelOutcome| matches!(outcome, CancelOutcome::Cancelled | CancelOutcome::Stopping);
                status::cancelled_jobs(language, outcomes.iter().filter(is_off).count())
            }
        })
    }

    async fn tell_cancelled(&self, job: JobId) -> Result<(), QueueError> {
        if let Some(job) = self.queue.job(job).await?
            && let Some(target) = status_message(&job)
        {
            self.progress.cancelled(job.id, target, job.address.language);
        }
        Ok(())
    }

    fn send_files(self: &Arc<Self>, incoming: &Arc<Incoming>, language: Language, job: JobId) {
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        self.lanes.post(incoming.chat_id, async move {
            if let Err(error) = handler.tell_files(&incoming, language, job).await {
                tracing::error!(%job, %error, "the pictures can not be read");
                handler.say(&incoming, status::trouble(language));
            }
        });
    }

    async fn tell_files(&self, incoming: &Incoming, language: Language, job: JobId) -> Result<(), QueueError> {
        let pictures = self.queue.pictures(job).await?;
        let Some(summary) = self.queue.job(job).await?.filter(|_| !pictures.is_empty()) else {
            self.say(incoming, Message::plain(language.text("file-gone")));
            return Ok(());
        };
        let to = Destination { reply_to: Some(incoming.message_id), ..here(incoming) };
        for picture in named_pictures(&summary.recipe, &pictures) {
            let send = |chat_id| self.api.send_file(Destination { chat_id, ..to }, &picture, None, &[]);
            report("a file can not be sent", patiently(to.chat_id, send).await);
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
        },
        recipe: drawing.recipe,
        inputs: Vec::new(),
    }
}

fn here(incoming: &Incoming) -> Destination {
    Destination { chat_id: incoming.chat_id, thread_id: incoming.thread_id, reply_to: None }
}

fn pressed(incoming: &Incoming) -> Target {
    Target { chat_id: incoming.chat_id, message_id: incoming.message_id }
}

fn has_ended(job: &JobSummary) -> bool {
    !matches!(job.state, JobState::Queued | JobState::Running)
}

/// A lost answer is no reason to stop; it is worth a line.
pub(super) fn report<T>(what: &str, outcome: Result<T, Fault>) {
    if let Err(fault) = outcome {
        tracing::warn!(?fault, "{what}");
    }
}
