//! Brings the owner's messages to all private chats.

use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};

use super::api::{Api, Destination, Target};
use super::fault::Fault;
use super::whereabouts::Whereabouts;
use crate::conversation::{Message, owner};
use crate::house::{Broadcast, Outcome};

/// About thirty messages a second pass (<https://core.telegram.org/bots/faq#broadcasting-to-users>); some room is left for
/// everything else that is said.
const PACE: Duration = Duration::from_millis(50);
/// The pause between two edits of the message that tells the progress.
const EDIT_PAUSE: Duration = Duration::from_secs(4);
/// A chat that the server stumbles over so often is passed over.
const ATTEMPTS: u32 = 5;
/// The pause after the database failed.
const TROUBLE_PAUSE: Duration = Duration::from_secs(30);

/// Sends what is to be sent, one broadcast after another.
pub(super) struct Broadcaster {
    pub(super) api: Api,
    pub(super) whereabouts: Whereabouts,
    /// A broadcast has begun.
    pub(super) begun: Notify,
}

impl Broadcaster {
    /// Sends until `stop` turns true; what is left is sent after the next start.
    pub(super) async fn run(&self, stop: watch::Receiver<bool>) {
        let mut until = stop.clone();
        while !*stop.borrow() {
            let pause = match self.send_all(&stop).await {
                Ok(()) => Duration::MAX,
                Err(error) => {
                    tracing::error!(%error, "a broadcast can not go on");
                    TROUBLE_PAUSE
                }
            };
            tokio::select! {
                _ = until.wait_for(|stop| *stop) => {}
                () = self.begun.notified() => {}
                () = sleep(pause) => {}
            }
        }
    }

    async fn send_all(&self, stop: &watch::Receiver<bool>) -> Result<(), sqlx::Error> {
        for broadcast in self.whereabouts.house.unfinished_broadcasts().await? {
            self.send(&broadcast, stop).await?;
        }
        Ok(())
    }

    async fn send(&self, broadcast: &Broadcast, stop: &watch::Receiver<bool>) -> Result<(), sqlx::Error> {
        let house = &self.whereabouts.house;
        let mut told = Instant::now();
        while let Some(chat_id) = house.next_chat(broadcast.id).await? {
            let Some(outcome) = self.send_to(chat_id, &broadcast.text, stop).await else { return Ok(()) };
            house.settle_chat(broadcast.id, chat_id, outcome).await?;
            if outcome == Outcome::Gone {
                self.whereabouts.gone(chat_id).await;
            }
            if told.elapsed() >= EDIT_PAUSE {
                self.tell(broadcast, false).await?;
                told = Instant::now();
            }
            sleep(PACE).await;
        }
        house.finish_broadcast(broadcast.id).await?;
        self.tell(broadcast, true).await
    }

    /// What came of it; `None` if the end came first.
    async fn send_to(&self, chat_id: i64, text: &str, stop: &watch::Receiver<bool>) -> Option<Outcome> {
        let message = Message::plain(text.to_owned());
        let to = Destination { chat_id, thread_id: None, reply_to: None };
        let mut attempts = 0;
        loop {
            if *stop.borrow() {
                return None;
            }
            let pause = match self.api.say(to, &message).await {
                Ok(_) => return Some(Outcome::Sent),
                Err(Fault::Gone(_)) => return Some(Outcome::Gone),
                // Flood control is nobody's fault and counts for no attempt.
                Err(Fault::Wait(pause)) => pause,
                Err(Fault::Passing(_)) if attempts < ATTEMPTS => {
                    attempts += 1;
                    Duration::from_secs(1 << attempts)
                }
                Err(fault) => {
                    tracing::warn!(chat = chat_id, ?fault, "a broadcast does not reach a chat");
                    return Some(Outcome::Refused);
                }
            };
            let mut until = stop.clone();
            tokio::select! {
                _ = until.wait_for(|stop| *stop) => return None,
                () = sleep(pause) => {}
            }
        }
    }

    async fn tell(&self, broadcast: &Broadcast, is_done: bool) -> Result<(), sqlx::Error> {
        let Some((chat_id, message_id)) = broadcast.status else { return Ok(()) };
        let tally = self.whereabouts.house.tally(broadcast.id).await?;
        let message = owner::broadcast_progress(broadcast.language, &tally, is_done);
        let target = Target { chat_id, message_id };
        let mut outcome = self.api.edit(target, &message).await;
        // The last word is worth some patience.
        if let (Err(Fault::Wait(wait)), true) = (&outcome, is_done) {
            sleep(*wait).await;
            outcome = self.api.edit(target, &message).await;
        }
        if let Err(fault) = outcome {
            tracing::warn!(?fault, "the progress of a broadcast can not be told");
        }
        Ok(())
    }
}
