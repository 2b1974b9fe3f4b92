//! Carries out what the conversation answers. Handling an update takes milliseconds: whatever has to be sent is posted to
//! the chat's lane, pictures are drawn elsewhere.

mod albums;
mod drawing;
mod pictures;

use std::sync::Arc;

use tokio::sync::watch;

use super::albums::Albums;
use super::api::{Api, Destination, Target, patiently};
use super::broadcast::Broadcaster;
use super::delivery::{Delivery, size_of};
use super::fault::Fault;
use super::fetching::Fetcher;
use super::gate::Gate;
use super::lanes::Lanes;
use super::progress::Progress;
use super::repeats::DoubleTaps;
use super::turns::Turns;
use super::updates::Incoming;
use crate::chats::ChatStore;
use crate::conversation::{
    Action, ChatState, Example, GivenPicture, Message, OwnJob, Replied, Response, Surroundings, history, privacy,
    respond, status,
};
use crate::i18n::Language;
use crate::jobs::{DeliveredJob, JobId, JobQueue, JobSummary, QueueError, Source};

/// Answers updates.
pub(super) struct Handler {
    pub(super) queue: Arc<dyn JobQueue>,
    pub(super) chats: ChatStore,
    pub(super) examples: Vec<Example>,
    pub(super) api: Api,
    pub(super) lanes: Lanes,
    pub(super) progress: Arc<Progress<Api>>,
    pub(super) delivery: Arc<Delivery>,
    pub(super) fetcher: Fetcher,
    pub(super) albums: Albums,
    /// Turns true when the program ends.
    pub(super) stopped: watch::Receiver<bool>,
    pub(super) turns: Turns,
    pub(super) double_taps: DoubleTaps,
    pub(super) gate: Gate,
    pub(super) broadcaster: Arc<Broadcaster>,
    /// The bot's own number.
    pub(super) bot_id: i64,
    /// The side of the model's own square pictures, in pixels.
    pub(super) native: u32,
    /// The bot's name, for links to it.
    pub(super) username: String,
}

/// What is looked up before an event is answered.
#[derive(Default)]
struct Known {
    jobs: Vec<OwnJob>,
    job: Option<JobSummary>,
    pictures: Vec<GivenPicture>,
    recent: Vec<DeliveredJob>,
    linked: Option<JobSummary>,
    replied: Option<Replied>,
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
    /// Answers one update. The chat's memory is read, changed and written, so each chat's updates take turns.
    pub(super) async fn handle(self: &Arc<Self>, incoming: Incoming) {
        if self.is_turned_away(&incoming).await {
            return;
        }
        let incoming = Arc::new(incoming);
        let _turn = self.turns.of(incoming.chat_id).await;
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
        if self.double_taps.is_repeat(incoming) {
            self.toast(incoming, None);
            return Ok(());
        }
        let response = self.respond(&state, incoming).await.map_err(|error| (language, error))?;
        if response.state != state {
            self.save(incoming.chat_id, &response.state).await.map_err(|error| (language, error))?;
        }
        let is_seen = response.actions.iter().any(Action::brings_something_new);
        self.carry_out(incoming, response).await.map_err(|error| (language, error))?;
        if is_seen {
            self.double_taps.remember(incoming);
        }
        Ok(())
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
        let known = self.look_up(incoming).await?;
        let around = Surroundings {
            chat_id: incoming.chat_id,
            thread_id: incoming.thread_id,
            person: incoming.person,
            client_language: incoming.client_language.as_deref(),
            replied: known.replied.as_ref(),
            native: self.native,
            message_id: incoming.message_id,
            // Short enough to be read out and typed in.
            seed: u64::from(rand::random::<u32>()),
            examples: &self.examples,
            jobs: &known.jobs,
            job: known.job.as_ref(),
            pictures: &known.pictures,
            recent: &known.recent,
            linked: known.linked.as_ref(),
        };
        Ok(respond(state, &incoming.event, &around))
    }

    async fn look_up(&self, incoming: &Incoming) -> Result<Known, QueueError> {
        let (event, mut known) = (&incoming.event, Known::default());
        if event.concerns_queue() {
            known.jobs = self.jobs_of(incoming).await?;
        }
        if let Some(job) = event.concerned_job() {
            known.job = self.queue.job(job).await?;
            if event.concerns_pictures() {
                known.pictures = self.pictures_of(job).await?;
            }
        }
        if let Some(before) = event.concerned_history() {
            known.recent = self.queue.recent(incoming.person, before, history::ON_A_PAGE as u32 + 1).await?;
        }
        if let Some(token) = event.concerned_link() {
            known.linked = self.queue.shared(token).await?;
        }
        known.replied = self.replied(incoming).await?;
        Ok(known)
    }

    /// A job's pictures and their sizes.
    async fn pictures_of(&self, job: JobId) -> Result<Vec<GivenPicture>, QueueError> {
        let pictures = self.queue.pictures(job).await?;
        let given = (0..).zip(pictures).filter_map(|(index, bytes)| {
            let size = size_of(&bytes)?;
            let source = Source::Result(job, index);
            Some(GivenPicture { source, width: size.width, height: size.height, message_id: 0 })
        });
        Ok(given.collect())
    }

    /// The picture that the message answers: one of ours, or somebody's.
    async fn replied(&self, incoming: &Incoming) -> Result<Option<Replied>, QueueError> {
        if let Some((job, index)) = self.job_behind(incoming).await? {
            let pictures = self.pictures_of(job.id).await?;
            let picture = pictures.into_iter().nth(index.unwrap_or(0) as usize);
            return Ok(picture.map(|picture| Replied::Result { job: Box::new(job), picture }));
        }
        Ok(incoming.reply.as_ref().and_then(|answered| answered.picture.clone()).map(Replied::Picture))
    }

    /// The job of this chat whose message is answered, and which of its pictures.
    pub(super) async fn job_behind(
        &self,
        incoming: &Incoming,
    ) -> Result<Option<(JobSummary, Option<u32>)>, QueueError> {
        let Some(answered) = &incoming.reply else { return Ok(None) };
        let noted = self.queue.job_of_message(incoming.chat_id, answered.message_id).await?;
        let Some((job, index)) = noted.or(answered.job) else { return Ok(None) };
        let job = self.queue.job(job).await?.filter(|job| job.address.chat_id == incoming.chat_id);
        Ok(job.map(|job| (job, index)))
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
        let (language, mut toast, mut is_answered) = (response.language, None, false);
        for action in response.actions {
            match action {
                Action::Say(message) => self.say(incoming, message),
                Action::Edit(message) => self.edit(incoming, message),
                Action::Toast(text) => toast = Some(text),
                Action::Draw(drawing) => self.draw(incoming, language, drawing).await?,
                Action::SendFiles(job) => self.send_files(incoming, language, job),
                Action::SendPictures(job) => self.send_again(incoming, language, job),
                Action::Share(job) => self.share(incoming, language, job).await?,
                Action::Open => self.open(incoming),
                Action::AwaitAlbum(album) => self.await_album(incoming, album),
                Action::ShowMask(shown) => self.show_mask(incoming, shown),
                Action::Delete(job) => {
                    is_answered = true;
                    self.delete(incoming, language, job);
                }
                Action::TellPrivacy => self.say(incoming, privacy::privacy(language, &self.gate.rules.keeping)),
                Action::Forget => self.forget(incoming, language).await?,
                Action::Cancel(jobs) => match self.cancel(incoming, language, &jobs).await? {
                    Some(text) if incoming.press.is_some() => toast = Some(text),
                    Some(text) => self.say(incoming, Message::plain(text)),
                    None => is_answered = true,
                },
            }
        }
        if !is_answered {
            self.toast(incoming, toast);
        }
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
                Err(Fault::Refused(_)) => {
                    let say = |chat_id| api.say(Destination { chat_id, ..to }, &message);
                    patiently(to.chat_id, say).await.map(drop)
                }
                outcome => outcome,
            };
            report("a message can not be changed", outcome);
        });
    }
}

pub(super) fn here(incoming: &Incoming) -> Destination {
    Destination { chat_id: incoming.chat_id, thread_id: incoming.thread_id, reply_to: None }
}

pub(super) fn pressed(incoming: &Incoming) -> Target {
    Target { chat_id: incoming.chat_id, message_id: incoming.message_id }
}

/// A lost answer is no reason to stop; it is worth a line.
pub(super) fn report<T>(what: &str, outcome: Result<T, Fault>) {
    if let Err(fault) = outcome {
        tracing::warn!(?fault, "{what}");
    }
}
