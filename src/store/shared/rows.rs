//! Rows of the table `jobs`.

use sqlx::FromRow;

use super::unreadable;
use crate::i18n::Language;
use crate::jobs::order::Waiting;
use crate::jobs::{ChatAddress, JobId, JobState, JobSummary, Origin, Requester, StoreError};

/// What is read of a job.
#[derive(Debug, FromRow)]
pub(super) struct JobRow {
    pub(super) id: i64,
    user_id: i64,
    chat_id: Option<i64>,
    api_key_id: Option<i64>,
    thread_id: Option<i32>,
    request_message_id: Option<i32>,
    status_message_id: Option<i32>,
    language: String,
    previews: bool,
    recipe: String,
    state: String,
    progress: f64,
    warnings: Option<String>,
    pub(super) failure: Option<String>,
    pub(super) delivery_attempts: i64,
    pub(super) pending_inputs: Option<String>,
    pub(super) fetch_attempts: i64,
    pub(super) created_at: i64,
    is_from_editor: bool,
    pub(super) parent: Option<String>,
}

/// A statement that reads rows of jobs; `condition` is what stands behind `FROM jobs`.
macro_rules! select_jobs {
    ($($condition:tt)*) => {
        concat!(
            "SELECT jobs.id, jobs.user_id, jobs.chat_id, api_key_id, thread_id, request_message_id, status_message_id, ",
            "language, previews, recipe, state, ",
            progress!(),
            " AS progress, warnings, failure, delivery_attempts, pending_inputs, fetch_attempts, jobs.created_at, ",
            "is_from_editor, parent FROM ",
            jobs!(),
            " ",
            $($condition)*
        )
    };
}

/// One job; the number is the parameter.
pub(super) const SELECT_BY_ID: &str = select_jobs!("WHERE id = $1");
/// One job of a user.
pub(super) const SELECT_OF_USER: &str = select_jobs!("WHERE id = $1 AND user_id = $2");
/// The jobs in a state, oldest first.
pub(super) const SELECT_BY_STATE: &str = select_jobs!("WHERE state = $1 ORDER BY id");
/// A user's jobs that wait or run, oldest first.
pub(super) const SELECT_PENDING_OF_USER: &str =
    select_jobs!("WHERE user_id = $1 AND state IN ('queued', 'running') ORDER BY id");
/// A user's delivered pictures before one job, latest first, at most so many; of one chat, unless that is NULL.
pub(super) const SELECT_RECENT: &str = select_jobs!(
    "WHERE user_id = $1 AND state = 'delivered' AND work <> 'describe' AND api_key_id IS NULL AND id < $2 AND ($4 IS NULL OR chat_id = $4)
        ORDER BY id DESC LIMIT $3"
);
/// The job with a name in links.
pub(super) const SELECT_BY_SHARE_TOKEN: &str = select_jobs!("WHERE share_token = $1");
/// The newest jobs of an API key before one, at most so many.
pub(super) const SELECT_OF_API_KEY: &str = select_jobs!("WHERE api_key_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
/// The newest job with a request key between two that was asked for after a moment and has not failed. They are few: the plus keeps
/// SQLite from reading all jobs in the order of their numbers.
pub(super) const SELECT_RECENT_REQUEST: &str = select_jobs!(
    "WHERE request_key >= $1 AND request_key < $2 AND created_at > $3 AND state NOT IN ('failed', 'cancelled')
     ORDER BY +id DESC LIMIT 1"
);
/// Jobs that have ended, whose chats were notified, and that still have a status message.
pub(super) const SELECT_STALE_STATUS: &str = select_jobs!(
    indexed_by!("jobs_with_stale_status"),
    "WHERE status_message_id IS NOT NULL AND state IN ('delivered', 'failed', 'cancelled')
        AND (state = 'cancelled' OR delivered_at IS NOT NULL) ORDER BY id"
);

/// All statements of this file, for the test of their plans.
#[cfg(test)]
#[allow(dead_code, reason = "one of the stores tests the plans")]
pub(super) const STATEMENTS: [&str; 13] = [
    SELECT_BY_ID,
    SELECT_OF_USER,
    SELECT_BY_STATE,
    SELECT_PENDING_OF_USER,
    SELECT_STATUS_TEXTS,
    SELECT_MESSAGES,
    LOCK_STATE,
    SELECT_RECENT,
    SELECT_BY_SHARE_TOKEN,
    SELECT_OF_API_KEY,
    SELECT_RECENT_REQUEST,
    SELECT_STALE_STATUS,
    SELECT_ORDER,
];

/// What the order of the jobs depends on.
#[derive(Debug, FromRow)]
pub(super) struct OrderRow {
    pub(super) id: i64,
    user_id: i64,
    pub(super) is_running: bool,
    pub(super) progress: f64,
    pub(super) work: String,
    last_served: i64,
}

/// All jobs that run or wait, oldest first: asked for often, and therefore without what they are.
pub(super) const SELECT_ORDER: &str = concat!(
    "SELECT id, user_id, state = 'running' AS is_running, ",
    progress!(),
    " AS progress, work, COALESCE(last_served, 0) AS last_served FROM ",
    jobs!(),
    indexed_by!("jobs_pending"),
    "LEFT JOIN users USING (user_id) WHERE state IN ('queued', 'running') ORDER BY id"
);

/// What the status messages of waiting jobs show.
pub(super) const SELECT_STATUS_TEXTS: &str = concat!(
    "SELECT id, status_text FROM jobs",
    indexed_by!("jobs_pending"),
    "WHERE state IN ('queued', 'running') AND status_text IS NOT NULL"
);

/// The messages of some jobs (a JSON list of numbers), of each in the order of its pictures.
pub(super) const SELECT_MESSAGES: &str = concat!(
    "SELECT job_id, chat_id, message_id, position, file_id FROM deliveries WHERE job_id IN ",
    numbers_in!("$1"),
    " ORDER BY job_id, position, chat_id, message_id"
);

/// The state of a user's job, which is about to be changed.
pub(super) const LOCK_STATE: &str = concat!("SELECT state FROM jobs WHERE id = $1 AND user_id = $2", for_update!());

macro_rules! select_chats_containing {
    () => {
        concat!("SELECT chat_id, state FROM chats WHERE ", position_in!("state", "$1"), " > 0")
    };
}

/// The chats whose state contains a text.
pub(super) const SELECT_CHATS_CONTAINING: &str = select_chats_containing!();
/// The same, to be changed.
pub(super) const LOCK_CHATS_CONTAINING: &str = concat!(select_chats_containing!(), for_update!());

impl OrderRow {
    pub(super) fn waiting(&self) -> Waiting {
        let last_served = Some(self.last_served).filter(|served| *served > 0);
        Waiting { id: JobId(self.id), user: self.user_id, last_served }
    }
}

impl JobRow {
    /// # Errors
    /// [`StoreError::Unreadable`] if the recipe or the state is of another version.
    pub(super) fn summary(self) -> Result<JobSummary, StoreError> {
        let recipe = serde_json::from_str(&self.recipe).map_err(|error| unreadable(self.id, error))?;
        let state =
            JobState::from_name(&self.state).ok_or_else(|| unreadable(self.id, format!("state {:?}", self.state)))?;
        let origin = match (self.chat_id, self.api_key_id) {
            (Some(chat_id), _) => {
                let address = ChatAddress {
                    chat_id,
                    thread_id: self.thread_id,
                    request_message_id: self.request_message_id,
                    status_message_id: self.status_message_id,
                    language: Language::from_code(Some(&self.language)),
                    previews: self.previews,
                };
                match self.is_from_editor {
                    true => Origin::Editor { address, parent: self.parent },
                    false => Origin::Chat(address),
                }
            }
            (None, Some(key)) => Origin::Api(key),
            (None, None) => return Err(unreadable(self.id, "it has no origin")),
        };
        Ok(JobSummary {
            id: JobId(self.id),
            requester: Requester(self.user_id),
            origin,
            recipe,
            state,
            progress: self.progress,
            warnings: self.warnings.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
        })
    }
}
