//! Tells the admins when jobs fail one after another.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;

use super::api::{Api, Destination, patiently};
use super::handler::report;
use crate::chats::ChatStore;
use crate::conversation::{ChatState, owner};
use crate::house::{HouseRules, HouseStore};
use crate::i18n::Language;
use crate::jobs::{JobEvent, JobQueue, QueueError};

/// So many failures in a row are no accident.
const FAILURES: u64 = 3;

/// Watches the endings of jobs.
pub(super) struct Alerts {
    pub(super) queue: Arc<dyn JobQueue>,
    pub(super) rules: Arc<HouseRules>,
    pub(super) house: HouseStore,
    pub(super) chats: ChatStore,
    pub(super) api: Api,
}

impl Alerts {
    /// Watches for ever.
    pub(super) async fn run(self) {
        let mut news = self.queue.events();
        while !self.rules.admins.is_empty() {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "failures can not be counted");
            }
            loop {
                match news.recv().await {
                    Ok(JobEvent::Ended(_)) | Err(RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }
    }

    async fn look(&self) -> Result<(), QueueError> {
        let failures = self.queue.failures_in_a_row().await?;
        if failures == 0 {
            self.house.set_alerted(false).await?;
        } else if failures >= FAILURES && self.house.set_alerted(true).await? {
            for admin in &self.rules.admins {
                self.tell(*admin, failures).await;
            }
        }
        Ok(())
    }

    async fn tell(&self, admin: i64, failures: u64) {
        let message = owner::alert(language_of(&self.chats, admin).await, failures);
        let to = |chat_id| Destination { chat_id, thread_id: None, reply_to: None };
        let outcome = patiently(admin, |chat_id| self.api.say(to(chat_id), &message)).await;
        report("an admin can not be told of failures", outcome);
    }
}

/// The language that somebody chose in their private chat.
async fn language_of(chats: &ChatStore, person: i64) -> Language {
    let state = chats.load(person).await.ok().flatten();
    let state: ChatState = state.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    state.language_or(None)
}
