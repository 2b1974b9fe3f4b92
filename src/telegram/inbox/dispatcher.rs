//! Hands updates to the handler: one after another in each chat, those of different chats side by side, not too many at once.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument;

use super::handler::Handler;
use super::updates::{Incoming, Parsed};
use super::wire::InlineQuery;
use crate::jobs::UpdateId;
use crate::telegram::outbox::chat_queues::ChatQueues;
use crate::telegram::tasks::{Tasks, guarded};

/// The most updates that wait to be handled or are handled; no more are received meanwhile.
const MAX_IN_HAND: usize = 1000;

/// Dispatches updates.
pub(in crate::telegram) struct Dispatcher {
    handler: Arc<Handler>,
    queues: ChatQueues,
    in_hand: Arc<Semaphore>,
    tasks: Tasks,
}

impl Dispatcher {
    pub(in crate::telegram) fn new(handler: Arc<Handler>, queues: ChatQueues, tasks: Tasks) -> Self {
        Self { handler, queues, in_hand: Arc::new(Semaphore::new(MAX_IN_HAND)), tasks }
    }

    /// Posts a stored update to its chat's queue. Waits while too many are in hand.
    pub(in crate::telegram) async fn dispatch(&self, id: UpdateId, parsed: Parsed) {
        match parsed {
            Parsed::Incoming(incoming) => {
                let incoming = Incoming { update: Some(id), ..*incoming };
                let (chat_id, handler) = (incoming.chat_id, Arc::clone(&self.handler));
                let handle = async move {
                    let started = Instant::now();
                    handler.handle(incoming).await;
                    tracing::trace!(microseconds = started.elapsed().as_micros() as u64, "an update was answered");
                };
                self.post(id, chat_id, handle).await;
            }
            Parsed::Moved { from, to } => {
                let handler = Arc::clone(&self.handler);
                self.post(id, from, async move { handler.chat_moved(id, from, to).await }).await;
            }
            Parsed::Inline(_) | Parsed::Ignored => self.handler.complete_later(id),
            Parsed::Unreadable(reason) => {
                tracing::warn!(update = id.0, reason, "a stored update can not be read and is left out");
                self.handler.complete_later(id);
            }
        }
    }

    async fn post(&self, id: UpdateId, chat_id: i64, handle: impl Future<Output = ()> + Send + 'static) {
        let permit = self.permit().await;
        let handler = Arc::clone(&self.handler);
        let task = async move {
            let _permit = permit;
            // After a panic the update is not tried again: it would panic again.
            if !guarded(handle).await {
                handler.complete_later(id);
            }
        };
        self.queues.post(chat_id, task.instrument(tracing::info_span!("update", update = id.0, chat = chat_id)));
    }

    /// Answers an inline query.
    pub(in crate::telegram) fn answer_inline(&self, query: InlineQuery) {
        let handler = Arc::clone(&self.handler);
        self.tasks.spawn_until_stop(async move { handler.inline(query).await });
    }

    async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        Arc::clone(&self.in_hand).acquire_owned().await.ok()
    }
}
