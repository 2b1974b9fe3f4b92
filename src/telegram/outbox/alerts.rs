//! Alerts the admins when jobs fail one after another.

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;

use super::api::Api;
use super::message::Destination;
use super::retries::{Patience, log_fault};
use crate::chats::ChatStore;
use crate::conversation::{ChatState, owner};
use crate::i18n::Language;
use crate::jobs::{JobEvent, JobStore, StoreError};
use crate::policy::{AdminStore, Policy};

/// So many failures in a row are worth an alert.
const FAILURES: u64 = 3;

/// Watches how jobs end.
pub(in crate::telegram) struct Alerts {
    pub(in crate::telegram) store: JobStore,
    pub(in crate::telegram) policy: Arc<Policy>,
    pub(in crate::telegram) admin: Arc<dyn AdminStore>,
    pub(in crate::telegram) chats: Arc<dyn ChatStore>,
    pub(in crate::telegram) api: Api,
}

impl Alerts {
    /// Watches until the store closes.
    pub(in crate::telegram) async fn run(self) {
        let mut events = self.store.signals.events();
        loop {
            if let Err(error) = self.check().await {
                tracing::warn!(%error, "failures can not be counted");
            }
            loop {
                match events.recv().await {
                    Ok(JobEvent::Ended(_)) | Err(RecvError::Lagged(_)) => break,
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }
    }

    async fn check(&self) -> Result<(), StoreError> {
        let failures = self.store.queue.failures_in_a_row().await?;
        if failures == 0 {
            self.admin.set_alerted(false).await?;
        } else if failures >= FAILURES && self.admin.set_alerted(true).await? {
            for admin in &self.policy.admins {
                self.alert(*admin, failures).await;
            }
        }
        Ok(())
    }

    async fn alert(&self, admin: i64, failures: u64) {
        let message = owner::alert(self.language_of(admin).await, failures);
        let say = |chat_id| self.api.say(Destination::chat(chat_id), &message);
        log_fault("an admin can not be alerted of failures", Patience::SHORT.call(admin, say).await);
    }

    /// The language that a user chose in the private chat.
    async fn language_of(&self, user: i64) -> Language {
        let state = self.chats.chat_state(user).await.ok().flatten();
        let state: ChatState = state.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        state.language_or(None)
    }
}
