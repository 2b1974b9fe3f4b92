//! Rows of the table `jobs`.

use sqlx::FromRow;

use super::super::order::Waiting;
use super::super::{Address, JobId, JobState, JobSummary, QueueError, Requester};
use crate::i18n::Language;

/// What is read of a job, with the latest turn of its user.
#[derive(Debug, FromRow)]
pub(super) struct JobRow {
    pub(super) id: i64,
    user_id: i64,
    chat_id: i64,
    thread_id: Option<i32>,
    request_message_id: Option<i32>,
    status_message_id: Option<i32>,
    language: String,
    previews: bool,
    recipe: String,
    state: String,
    progress: f64,
    last_turn: Option<i64>,
    remarks: Option<String>,
    pub(super) failure: Option<String>,
    pub(super) started_at: Option<i64>,
    pub(super) finished_at: Option<i64>,
    pub(super) tell_attempts: i64,
    pub(super) pending_inputs: Option<String>,
    pub(super) gather_attempts: i64,
}

macro_rules! select_jobs {
    ($condition:literal) => {
        concat!(
            "SELECT id, user_id, chat_id, thread_id, request_message_id, status_message_id, language, previews, ",
            "recipe, state, progress, failure, started_at, finished_at, tell_attempts, pending_inputs, gather_attempts, ",
            "remarks, ",
            "(SELECT MAX(turn) FROM jobs AS mine WHERE mine.user_id = jobs.user_id) AS last_turn FROM jobs ",
            $condition
        )
    };
}

/// One job; the number is the parameter.
pub(super) const SELECT_BY_ID: &str = select_jobs!("WHERE id = $1");
/// The jobs in a state, oldest first.
pub(super) const SELECT_BY_STATE: &str = select_jobs!("WHERE state = $1 ORDER BY id");
/// A person's jobs that wait or run, oldest first.
pub(super) const SELECT_PENDING_OF_USER: &str =
    select_jobs!("WHERE user_id = $1 AND state IN ('queued', 'running') ORDER BY id");
/// The endings to tell at a time, oldest first, at most so many.
pub(super) const SELECT_UNTOLD: &str = select_jobs!(
    "WHERE told_at IS NULL AND state IN ('drawn', 'failed') AND tell_after <= $1 ORDER BY finished_at, id LIMIT $2"
);

/// Jobs whose pictures are to be fetched at a time, oldest first, at most so many.
pub(super) const SELECT_TO_GATHER: &str =
    select_jobs!("WHERE pending_inputs IS NOT NULL AND state = 'queued' AND gather_after <= $1 ORDER BY id LIMIT $2");
/// A person's delivered jobs before one, latest first, at most so many.
pub(super) const SELECT_RECENT: &str =
    select_jobs!("WHERE user_id = $1 AND state = 'delivered' AND id < $2 ORDER BY id DESC LIMIT $3");
/// The job with a name in links.
pub(super) const SELECT_BY_SHARE_TOKEN: &str = select_jobs!("WHERE share_token = $1");

/// What the order of the jobs depends on.
#[derive(Debug, FromRow)]
pub(super) struct OrderRow {
    pub(super) id: i64,
    user_id: i64,
    pub(super) is_running: bool,
    pub(super) progress: f64,
    last_turn: Option<i64>,
}

/// All jobs that run or wait, oldest first: asked for often, and therefore without what they are.
pub(super) const SELECT_ORDER: &str = "
    SELECT id, user_id, state = 'running' AS is_running, progress,
           (SELECT MAX(turn) FROM jobs AS mine WHERE mine.user_id = jobs.user_id) AS last_turn
    FROM jobs WHERE state IN ('running', 'queued') ORDER BY id";

impl OrderRow {
    pub(super) fn waiting(&self) -> Waiting {
        Waiting { id: JobId(self.id), user: self.user_id, last_turn: self.last_turn }
    }
}

impl JobRow {
    pub(super) fn waiting(&self) -> Waiting {
        Waiting { id: JobId(self.id), user: self.user_id, last_turn: self.last_turn }
    }

    /// # Errors
    /// [`QueueError::Unreadable`] if the recipe or the state is of another version.
    pub(super) fn summary(self) -> Result<JobSummary, QueueError> {
        let id = JobId(self.id);
        let unreadable = |reason: String| QueueError::Unreadable { job: id, reason };
        let recipe = serde_json::from_str(&self.recipe).map_err(|error| unreadable(error.to_string()))?;
        let state = JobState::from_name(&self.state).ok_or_else(|| unreadable(format!("state {:?}", self.state)))?;
        Ok(JobSummary {
            id,
            requester: Requester(self.user_id),
            address: Address {
                chat_id: self.chat_id,
                thread_id: self.thread_id,
                request_message_id: self.request_message_id,
                status_message_id: self.status_message_id,
                language: Language::from_code(Some(&self.language)),
                previews: self.previews,
            },
            recipe,
            state,
            progress: self.progress,
            remarks: self.remarks.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
        })
    }
}
