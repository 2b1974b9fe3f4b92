//! The door: who is served, and which wishes become jobs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::api::{Destination, patiently};
use super::handler::{Handler, HandlerError, report};
use super::updates::Incoming;
use crate::conversation::{Message, Refusal, refusal};
use crate::house::{HouseRules, HouseStore};
use crate::i18n::Language;
use crate::jobs::{JobId, NewJob, Requester, Submission};
use crate::limits::Limits;

/// Who is turned away hears why once in this time.
const SAID_AGAIN: Duration = Duration::from_secs(24 * 3600);
/// How many people it is remembered of that they heard it.
const REMEMBERED: usize = 10_000;

/// The rules, and who was turned away.
pub(super) struct Gate {
    pub(super) rules: Arc<HouseRules>,
    pub(super) house: HouseStore,
    /// When the bot began to serve.
    pub(super) since: Instant,
    told: Mutex<HashMap<i64, Instant>>,
}

impl Gate {
    pub(super) fn new(rules: Arc<HouseRules>, house: HouseStore) -> Self {
        Self { rules, house, since: Instant::now(), told: Mutex::default() }
    }

    /// Why somebody is not served, in their words; `None` if they are.
    async fn turns_away(&self, incoming: &Incoming) -> Option<String> {
        let (person, chat_id) = (incoming.person, incoming.chat_id);
        let is_banned = known(self.house.somebody_wrote(person.0, chat_id).await);
        let language = Language::from_code(incoming.client_language.as_deref());
        if self.rules.is_admin(person) {
            None
        } else if is_banned {
            Some(refusal::banned(language))
        } else {
            (!self.allows(person, chat_id).await).then(|| refusal::stranger(language, person))
        }
    }

    /// Whether somebody is served in chats that the bot does not see.
    pub(super) async fn serves_inline(&self, person: Requester) -> bool {
        self.rules.is_admin(person)
            || self.rules.allows(person, person.0) && !known(self.house.is_banned(person.0).await)
    }

    /// A group that became a supergroup is served as before, though the settings name its old number.
    async fn allows(&self, person: Requester, chat_id: i64) -> bool {
        let rules = &self.rules;
        rules.allows(person, chat_id)
            || chat_id < 0
                && matches!(self.house.former_number(chat_id).await, Ok(Some(former)) if rules.allows(person, former))
    }

    /// Whether a person is to be told, now, that they are not served; from then on they were.
    fn is_news_to(&self, person: i64) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(&person).is_some_and(|when| when.elapsed() < SAID_AGAIN) {
            return false;
        }
        if told.len() >= REMEMBERED {
            told.clear();
        }
        told.insert(person, Instant::now());
        true
    }
}

/// Whether there is a ban. Whatever comes next meets the same trouble and says so.
fn known(is_banned: Result<bool, sqlx::Error>) -> bool {
    is_banned.unwrap_or_else(|error| {
        tracing::error!(%error, "bans can not be looked up");
        false
    })
}

impl Handler {
    /// Whether the update comes from somebody who is not served. They hear it once, in private or over the chat.
    pub(super) async fn is_turned_away(&self, incoming: &Incoming) -> bool {
        let Some(line) = self.gate.turns_away(incoming).await else { return false };
        if incoming.press.is_some() {
            self.toast(incoming, Some(line));
        } else if incoming.chat_id > 0 && self.gate.is_news_to(incoming.person.0) {
            self.say(incoming, Message::plain(line));
        }
        true
    }

    /// Queues a job, unless a rule is against it; then the person is told which, and there is no job.
    pub(super) async fn admit(
        &self,
        incoming: &Incoming,
        language: Language,
        job: NewJob,
    ) -> Result<Option<JobId>, HandlerError> {
        let rules = &self.gate.rules;
        let reply_to = job.address.request_message_id;
        let refusal = match rules.moderator.check(job.recipe.task.texts()) {
            Some(kind) => Refusal::Moderated(kind),
            None => {
                let limits = if rules.is_admin(incoming.person) { Limits::NONE } else { rules.limits };
                match self.queue.submit_within(job, &limits).await? {
                    Submission::Queued(job) => return Ok(Some(job)),
                    Submission::OverLimit(over) => Refusal::OverLimit(over),
                }
            }
        };
        tracing::info!(chat = incoming.chat_id, ?refusal, "a wish is refused");
        let to = Destination { chat_id: incoming.chat_id, thread_id: incoming.thread_id, reply_to };
        let (api, message) = (self.api.clone(), refusal::message(language, refusal));
        self.lanes.post(incoming.chat_id, async move {
            let outcome = patiently(to.chat_id, |chat_id| api.say(Destination { chat_id, ..to }, &message)).await;
            report("a refusal can not be sent", outcome);
        });
        Ok(None)
    }
}
