//! Deletes everything about a person.

use std::sync::Arc;

use super::handler::{Handler, HandlerError};
use super::progress::status_message;
use super::updates::Incoming;
use crate::conversation::privacy;
use crate::i18n::Language;

impl Handler {
    /// Deletes jobs, pictures, settings, and the messages that told about waiting jobs; then says so.
    pub(super) async fn forget(&self, incoming: &Arc<Incoming>, language: Language) -> Result<(), HandlerError> {
        let person = incoming.person;
        let keep_times = self.gate.rules.limits.count_time();
        self.gate.house.forget(person.0).await?;
        self.chats.forget(person.0).await?;
        // Last: it clears what was deleted out of the files.
        let pending = self.queue.forget(person, keep_times).await?;
        for target in pending.iter().filter_map(|job| Some((job.id, status_message(job)?))) {
            let (job, target) = target;
            self.progress.forget(job, target);
            let api = self.api.clone();
            self.lanes.post(target.chat_id, async move { api.clear_away(target).await });
        }
        tracing::info!(jobs = pending.len(), "somebody's data was deleted");
        self.edit(incoming, privacy::forgotten(language, keep_times));
        Ok(())
    }
}
