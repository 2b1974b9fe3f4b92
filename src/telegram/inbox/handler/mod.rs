//! Answers updates. Handling one takes milliseconds: messages are posted to the chat's queue, pictures are drawn elsewhere.
//!
//! [`Handler::handle`] looks up what the event concerns, asks the conversation, carries its actions out as a [`step::Step`], and
//! commits that: the chat's state, the job, the messages and the end of the update are one transaction.

mod actions;
mod actors;
mod albums;
mod api_keys;
mod files;
mod jobs;
mod look_up;
mod masks;
mod owner;
mod step;

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::access::AccessControl;
use super::albums::Albums;
use super::chat_locks::ChatLocks;
use super::members::Members;
use super::tap_debounce::TapDebounce;
use super::updates::Incoming;
use crate::chats::ChatStore;
use crate::conversation::{Action, ChatState, Example, status};
use crate::i18n::Language;
use crate::jobs::{JobStore, StoreError, UpdateId, UpdateOutcome};
use crate::orders::Orders;
use crate::policy::{AdminStore, Broadcasts};
use crate::telegram::EditorEntrance;
use crate::telegram::inputs::picture_fetcher::PictureFetcher;
use crate::telegram::options::ApiOffer;
use crate::telegram::outbox::api::Api;
use crate::telegram::outbox::broadcast::Broadcaster;
use crate::telegram::outbox::chat_directory::ChatDirectory;
use crate::telegram::outbox::message::{Destination, Target};
use crate::telegram::outbox::outgoing::OutgoingMessage;
use crate::telegram::outbox::progress::Progress;
use crate::telegram::outbox::sender::{PostedMessage, Sender};
use crate::telegram::persist::persist;
use crate::telegram::tasks::Tasks;
use step::Step;

/// Files that are opened at a time: each takes up to 20 MB and a picture of up to 50 megapixels.
pub(in crate::telegram) const OPEN_FILES: usize = 4;

/// Answers updates.
pub(in crate::telegram) struct Handler {
    pub(in crate::telegram) store: JobStore,
    pub(in crate::telegram) chats: Arc<dyn ChatStore>,
    pub(in crate::telegram) admin: Arc<dyn AdminStore>,
    pub(in crate::telegram) broadcasts: Arc<dyn Broadcasts>,
    pub(in crate::telegram) orders: Orders,
    pub(in crate::telegram) access: AccessControl,
    pub(in crate::telegram) members: Members,
    pub(in crate::telegram) api: Api,
    pub(in crate::telegram) sender: Arc<Sender>,
    pub(in crate::telegram) progress: Arc<Progress<Api>>,
    pub(in crate::telegram) broadcaster: Arc<Broadcaster>,
    pub(in crate::telegram) directory: ChatDirectory,
    pub(in crate::telegram) fetcher: PictureFetcher,
    pub(in crate::telegram) tasks: Tasks,
    pub(in crate::telegram) albums: Albums,
    pub(in crate::telegram) chat_locks: ChatLocks,
    pub(in crate::telegram) tap_debounce: TapDebounce,
    /// Bounds how many files are opened at a time.
    pub(in crate::telegram) open_files: Arc<Semaphore>,
    /// The bot's own number.
    pub(in crate::telegram) bot_id: i64,
    /// The bot's name, for links to it.
    pub(in crate::telegram) username: String,
    /// Prompts to suggest.
    pub(in crate::telegram) examples: Vec<Example>,
    /// The side of the model's own square pictures, in pixels.
    pub(in crate::telegram) native: u32,
    /// Whether greetings, thanks and questions are answered instead of drawn.
    pub(in crate::telegram) answers_small_talk: bool,
    /// The HTTP API, if it is served.
    pub(in crate::telegram) api_offer: Option<ApiOffer>,
    /// The web editor, where there is one.
    pub(in crate::telegram) editor: Option<EditorEntrance>,
}

impl Handler {
    /// Answers one event. The chat's state is read, changed and written, so the events of a chat take turns.
    pub(in crate::telegram) async fn handle(self: &Arc<Self>, incoming: Incoming) {
        // Before the lock: the platform may have to be asked, and chats share locks.
        let incoming = Arc::new(self.with_actor(incoming).await);
        let _lock = self.chat_locks.lock(incoming.chat_id).await;
        let mut language = Language::from_code(incoming.client_language.as_deref());
        if let Err(error) = self.answer(&incoming, &mut language).await {
            tracing::error!(chat = incoming.chat_id, %error, "an update can not be answered");
            self.admit_trouble(&incoming, language);
        }
    }

    async fn answer(self: &Arc<Self>, incoming: &Arc<Incoming>, language: &mut Language) -> Result<(), StoreError> {
        if let Some(line) = self.access.refuses(incoming).await {
            return self.refuse_access(incoming, line).await;
        }
        let loaded = self.load(incoming.chat_id).await?;
        let is_known = loaded.is_some();
        let state = loaded.unwrap_or_default();
        *language = state.language_or(incoming.client_language.as_deref());
        // A chat that is not known yet gets a state in any case: from then on it is.
        let unchanged = (!is_known).then(|| state.clone());
        if !is_known && self.orders.policy().is_admin(incoming.user) {
            // An admin's command may count the chats.
            self.save_state(incoming.chat_id, &state).await?;
        }
        if let Some(step) = self.command_of_owner(incoming, *language).await? {
            return self.commit(incoming, *language, Step { state: unchanged, ..step }).await;
        }
        if let Some(step) = self.command_about_keys(incoming, *language).await? {
            return self.commit(incoming, *language, Step { state: unchanged, ..step }).await;
        }
        if self.tap_debounce.is_repeat(incoming) {
            return self.commit(incoming, *language, Step { state: unchanged, ..Step::default() }).await;
        }
        let response = self.respond(&state, incoming).await?;
        let brings_something_new = response.actions.iter().any(Action::brings_something_new);
        let state = match response.state == state {
            true => unchanged.clone(),
            false => Some(response.state),
        };
        *language = response.language;
        let mut step = Step { state, state_if_refused: unchanged, ..Step::default() };
        self.carry_out(incoming, *language, response.actions, &mut step).await?;
        self.commit(incoming, *language, step).await?;
        if brings_something_new {
            self.tap_debounce.remember(incoming);
        }
        Ok(())
    }

    /// The state of a chat; `None` for one that is not known yet.
    async fn load(&self, chat_id: i64) -> Result<Option<ChatState>, StoreError> {
        let text = self.chats.chat_state(chat_id).await?;
        Ok(text.map(|text| {
            serde_json::from_str(&text).unwrap_or_else(|error| {
                tracing::warn!(chat = chat_id, %error, "a chat's state can not be read and begins anew");
                ChatState::default()
            })
        }))
    }

    /// Writes a state that comes before the step.
    async fn save_state(&self, chat_id: i64, state: &ChatState) -> Result<(), StoreError> {
        let text = serde_json::to_string(state).map_err(StoreError::database)?;
        let outcome = UpdateOutcome { chat_state: Some((chat_id, text)), ..UpdateOutcome::default() };
        self.store.inbox.complete_update(outcome).await.map(drop)
    }

    /// Notifies a user who is not served: over the chat, or once in a private chat.
    async fn refuse_access(self: &Arc<Self>, incoming: &Arc<Incoming>, line: String) -> Result<(), StoreError> {
        let mut step = Step::default();
        if incoming.press.is_some() {
            step.press_text = Some(line);
        } else if incoming.chat_id > 0 && self.access.is_news_to(incoming.user.0) {
            step.say(incoming, crate::conversation::Message::plain(line));
        }
        let language = Language::from_code(incoming.client_language.as_deref());
        self.commit(incoming, language, step).await
    }

    /// Nothing was written: the user may try again, and the update is not handled a second time.
    pub(super) fn admit_trouble(self: &Arc<Self>, incoming: &Incoming, language: Language) {
        let message = status::trouble_with(language, &incoming.event);
        let outgoing = match &incoming.press {
            Some(press) => OutgoingMessage::AnswerPress {
                chat_id: incoming.chat_id,
                press: press.clone(),
                text: Some(message.text),
            },
            None => OutgoingMessage::Say { to: here(incoming), message },
        };
        self.sender.post(PostedMessage::unstored(outgoing));
        if let Some(update) = incoming.update {
            self.complete_later(update);
        }
    }

    /// Ends an update without an answer, as soon as the store takes it.
    pub(super) fn complete_later(&self, update: UpdateId) {
        let (inbox, stop) = (Arc::clone(&self.store.inbox), self.tasks.stop().clone());
        self.tasks.spawn(async move {
            let complete = || async {
                let outcome = UpdateOutcome { update: Some(update), ..UpdateOutcome::default() };
                inbox.complete_update(outcome).await.map(drop)
            };
            persist(&stop, "the end of an update", complete).await;
        });
    }

    /// A group has another number.
    pub(super) async fn chat_moved(&self, update: UpdateId, from: i64, to: i64) {
        if persist(self.tasks.stop(), "the new number of a group", || self.directory.moved(from, to)).await {
            self.complete_later(update);
        }
    }
}

/// Where an event happened.
fn here(incoming: &Incoming) -> Destination {
    Destination { chat_id: incoming.chat_id, thread_id: incoming.thread_id, reply_to: None }
}

/// The message whose button was pressed.
fn pressed(incoming: &Incoming) -> Target {
    Target { chat_id: incoming.chat_id, message_id: incoming.message_id }
}
