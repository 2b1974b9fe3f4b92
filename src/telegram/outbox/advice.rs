//! Advice below a picture, at most once a day in a chat.

use std::sync::Arc;
use std::time::SystemTime;

use crate::chats::ChatStore;
use crate::conversation::ChatState;
use crate::conversation::advice::{Advised, about_english};
use crate::i18n::Language;
use crate::jobs::{JobId, JobSummary, StoreError};
use crate::policy::Policy;

/// Attempts to note advice while the chat's state changes for other reasons.
const ATTEMPTS: usize = 3;
const SECONDS_OF_DAY: u64 = 24 * 60 * 60;

/// Knows when advice is due. Cheap to clone.
#[derive(Clone)]
pub(in crate::telegram) struct AdviceGiver {
    pub(in crate::telegram) chats: Arc<dyn ChatStore>,
    pub(in crate::telegram) policy: Arc<Policy>,
}

impl AdviceGiver {
    /// The advice that the pictures of a job bring to its chat, if any is due; from then on none is due there that day.
    pub(in crate::telegram) async fn about(&self, job: &JobSummary, language: Language) -> Option<String> {
        let chat_id = job.chat().filter(|_| job.warnings.lacks_translation)?.chat_id;
        let is_due = self.note(chat_id, job.id).await.unwrap_or_else(|error| {
            tracing::warn!(chat = chat_id, %error, "advice can not be noted and is left out");
            false
        });
        is_due.then(|| about_english(language, self.policy.is_admin(job.requester)))
    }

    /// Notes that a job brings advice now; false if it does not.
    async fn note(&self, chat_id: i64, job: JobId) -> Result<bool, StoreError> {
        let day = today();
        for _ in 0..ATTEMPTS {
            let Some(text) = self.chats.chat_state(chat_id).await? else { return Ok(false) };
            let Ok(mut state) = serde_json::from_str::<ChatState>(&text) else { return Ok(false) };
            if !Advised::is_due(state.advised, job, day) {
                return Ok(false);
            }
            state.advised = Some(Advised::by(job, day));
            let new = serde_json::to_string(&state).map_err(StoreError::database)?;
            if self.chats.replace_chat_state(chat_id, &text, &new).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Days since 1970.
fn today() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs() / SECONDS_OF_DAY
}
