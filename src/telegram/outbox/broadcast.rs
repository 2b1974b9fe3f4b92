//! Sends the owner's messages to all private chats.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::api::Api;
use super::chat_directory::ChatDirectory;
use super::fault::Fault;
use super::message::{Destination, Target};
use crate::conversation::{Message, owner};
use crate::jobs::StoreError;
use crate::policy::{Broadcast, BroadcastOutcome, Broadcasts};

/// About thirty messages a second pass (<https://core.telegram.org/bots/faq#broadcasting-to-users>); the rest is left for
/// everything else that is sent.
const SEND_PAUSE: Duration = Duration::from_millis(50);
/// The pause between two edits of the message that shows the progress.
const EDIT_PAUSE: Duration = Duration::from_secs(4);
/// How often sending to one chat is tried while the server fails.
const ATTEMPTS: u32 = 5;
/// The pause after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(30);

/// Sends one broadcast after another.
pub(in crate::telegram) struct Broadcaster {
    pub(in crate::telegram) api: Api,
    pub(in crate::telegram) broadcasts: Arc<dyn Broadcasts>,
    pub(in crate::telegram) directory: ChatDirectory,
    /// A broadcast has begun.
    pub(in crate::telegram) begun: Notify,
}

impl Broadcaster {
    /// Sends until `stop`; what is left is sent after the next start.
    pub(in crate::telegram) async fn run(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.send_all(&stop).await {
                Ok(()) => Duration::MAX,
                Err(error) => {
                    tracing::error!(%error, "a broadcast can not go on");
                    STORE_PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.begun.notified() => {}
                () = sleep(pause) => {}
            }
        }
    }

    async fn send_all(&self, stop: &CancellationToken) -> Result<(), StoreError> {
        for broadcast in self.broadcasts.unfinished_broadcasts().await? {
            self.send(&broadcast, stop).await?;
        }
        Ok(())
    }

    async fn send(&self, broadcast: &Broadcast, stop: &CancellationToken) -> Result<(), StoreError> {
        let mut shown_at = Instant::now();
        while let Some(chat_id) = self.broadcasts.next_broadcast_chat(broadcast.id).await? {
            let Some(outcome) = self.send_to(chat_id, &broadcast.text, stop).await else { return Ok(()) };
            self.broadcasts.settle_broadcast_chat(broadcast.id, chat_id, outcome).await?;
            if outcome == BroadcastOutcome::Gone {
                self.directory.gone(chat_id).await;
            }
            if shown_at.elapsed() >= EDIT_PAUSE {
                self.show_progress(broadcast, false).await?;
                shown_at = Instant::now();
            }
            sleep(SEND_PAUSE).await;
        }
        self.broadcasts.finish_broadcast(broadcast.id).await?;
        self.show_progress(broadcast, true).await
    }

    /// What came of it; `None` if the bot stops first.
    async fn send_to(&self, chat_id: i64, text: &str, stop: &CancellationToken) -> Option<BroadcastOutcome> {
        let message = Message::plain(text.to_owned());
        let mut attempts = 0;
        loop {
            if stop.is_cancelled() {
                return None;
            }
            let pause = match self.api.say(Destination::chat(chat_id), &message).await {
                Ok(_) => return Some(BroadcastOutcome::Sent),
                Err(Fault::Gone(_)) => return Some(BroadcastOutcome::Gone),
                // Flood control counts as no attempt.
                Err(Fault::Wait(pause)) => pause,
                Err(Fault::Passing(_)) if attempts < ATTEMPTS => {
                    attempts += 1;
                    Duration::from_secs(1 << attempts)
                }
                Err(fault) => {
                    tracing::warn!(chat = chat_id, ?fault, "a broadcast can not be sent to a chat");
                    return Some(BroadcastOutcome::Refused);
                }
            };
            tokio::select! {
                () = stop.cancelled() => return None,
                () = sleep(pause) => {}
            }
        }
    }

    async fn show_progress(&self, broadcast: &Broadcast, is_done: bool) -> Result<(), StoreError> {
        let Some((chat_id, message_id)) = broadcast.status else { return Ok(()) };
        let tally = self.broadcasts.broadcast_tally(broadcast.id).await?;
        let message = owner::broadcast_progress(broadcast.language, &tally, is_done);
        let target = Target { chat_id, message_id };
        let mut outcome = self.api.edit(target, &message).await;
        // The final figures are worth a second attempt.
        if let (Err(Fault::Wait(wait)), true) = (&outcome, is_done) {
            sleep(*wait).await;
            outcome = self.api.edit(target, &message).await;
        }
        if let Err(fault) = outcome {
            tracing::warn!(?fault, "the progress of a broadcast can not be shown");
        }
        Ok(())
    }
}
