//! Asks for updates, stores them, and only then confirms them: a crash at any moment loses none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use teloxide::Bot;
use teloxide::prelude::Requester;
use teloxide::types::Me;
use tokio_util::sync::CancellationToken;

use super::dispatcher::Dispatcher;
use super::poller::{PollError, Poller};
use super::updates::Parsed;
use crate::jobs::{Inbox, StoreError, StoredUpdate, UpdateId};
use crate::telegram::outbox::fault::brief;
use crate::telegram::persist::persist;

/// How long the server may hold a request for updates open.
const POLL_TIMEOUT: Duration = Duration::from_secs(30);
/// The most updates in one answer, which is what the platform allows.
const BATCH: u8 = 100;
/// Pauses after failures double from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long the last confirmation may take: it is not needed, the updates are stored.
const LAST_POLL: Duration = Duration::from_secs(1);

/// Receives updates.
pub(in crate::telegram) struct Listener {
    bot: Bot,
    me: Me,
    poller: Poller,
    inbox: Arc<dyn Inbox>,
    dispatcher: Arc<Dispatcher>,
}

impl Listener {
    pub(in crate::telegram) fn new(bot: Bot, me: Me, inbox: Arc<dyn Inbox>, dispatcher: Arc<Dispatcher>) -> Self {
        Self { poller: Poller::new(&bot), bot, me, inbox, dispatcher }
    }

    /// Handles what an earlier process left, then receives updates until `stop`.
    pub(in crate::telegram) async fn run(self, stop: CancellationToken) {
        let mut offset = None;
        let receive = async {
            self.resume(&stop).await;
            self.delete_webhook().await;
            loop {
                let updates = self.poll(offset).await;
                let Some(last) = updates.iter().map(|update| update.id.0).max() else { continue };
                if !self.take(updates, &stop).await {
                    return;
                }
                offset = Some(last + 1);
            }
        };
        tokio::select! {
            () = receive => {}
            () = stop.cancelled() => {}
        }
        if offset.is_some() {
            // Confirms the last batch.
            let _ = tokio::time::timeout(LAST_POLL, self.poller.poll(offset, Duration::ZERO, 1)).await;
        }
    }

    /// Dispatches the updates that were stored and not handled.
    async fn resume(&self, stop: &CancellationToken) {
        let found = Mutex::new(Vec::new());
        let read = || async {
            let unhandled = self.inbox.unhandled_updates().await?;
            *found.lock().unwrap_or_else(PoisonError::into_inner) = unhandled;
            Ok(())
        };
        persist(stop, "the list of unhandled updates", read).await;
        let unhandled = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !unhandled.is_empty() {
            tracing::info!(updates = unhandled.len(), "handling updates that were received before");
        }
        for update in unhandled {
            self.dispatcher.dispatch(update.id, Parsed::of(&update.body, &self.me)).await;
        }
    }

    /// Stores a batch, as long as that takes, then dispatches it. What is not for the bot is not stored, nor are inline
    /// queries: they are answered at once or never. False if the bot stops before the batch is stored.
    async fn take(&self, updates: Vec<StoredUpdate>, stop: &CancellationToken) -> bool {
        let (mut parsed, mut kept) = (HashMap::new(), Vec::new());
        for update in updates {
            match Parsed::of(&update.body, &self.me) {
                Parsed::Ignored => {}
                Parsed::Unreadable(reason) => {
                    tracing::warn!(update = update.id.0, reason, "an update can not be read and is left out");
                }
                Parsed::Inline(query) => self.dispatcher.answer_inline(*query),
                other => {
                    parsed.insert(update.id, other);
                    kept.push(update);
                }
            }
        }
        let Some(new) = self.store(kept, stop).await else { return false };
        for id in new {
            if let Some(parsed) = parsed.remove(&id) {
                self.dispatcher.dispatch(id, parsed).await;
            }
        }
        true
    }

    /// Stores updates, as long as that takes. Returns those that are new; `None` if the bot stops before.
    async fn store(&self, updates: Vec<StoredUpdate>, stop: &CancellationToken) -> Option<Vec<UpdateId>> {
        if updates.is_empty() {
            return Some(Vec::new());
        }
        let new = Mutex::new(Vec::new());
        let write = || async {
            let stored = self.inbox.store_updates(updates.clone()).await?;
            *new.lock().unwrap_or_else(PoisonError::into_inner) = stored;
            Ok::<_, StoreError>(())
        };
        let is_stored = persist(stop, "a batch of updates", write).await;
        let new = new.into_inner().unwrap_or_else(PoisonError::into_inner);
        is_stored.then(|| new.into_iter().map(|update| update.id).collect())
    }

    /// The next updates, as long as that takes.
    async fn poll(&self, offset: Option<i64>) -> Vec<StoredUpdate> {
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.poller.poll(offset, POLL_TIMEOUT, BATCH).await {
                Ok(updates) => return updates,
                Err(error) => error,
            };
            // Once: the next attempts would say the same.
            let is_first = pause == FIRST_PAUSE;
            match &error {
                PollError::Conflict(reason) if reason.contains("webhook") => self.delete_webhook().await,
                PollError::Conflict(reason) if is_first => {
                    tracing::error!(reason, "another program asks for this bot's updates; only one can have them");
                }
                PollError::Failed(reason) if is_first => {
                    tracing::warn!(error = reason, "updates can not be fetched; trying again");
                }
                _ => {}
            }
            match error {
                PollError::Wait(wait) => tokio::time::sleep(wait).await,
                PollError::Conflict(_) | PollError::Failed(_) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// While a webhook is set, there are no updates for those who ask.
    async fn delete_webhook(&self) {
        let outcome = async {
            let info = self.bot.get_webhook_info().await?;
            if info.url.is_some() {
                self.bot.delete_webhook().await?;
            }
            Ok::<_, teloxide::RequestError>(())
        };
        if let Err(error) = outcome.await {
            tracing::warn!(error = brief(&error), "the webhook can not be deleted");
        }
    }
}
