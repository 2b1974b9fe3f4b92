//! Who is served: bans and the list of those who may use the bot.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::updates::Incoming;
use crate::conversation::refusal;
use crate::i18n::Language;
use crate::jobs::{Requester, StoreError};
use crate::policy::{AdminStore, Policy};

/// A user who is not served is notified once in this time.
const NOTIFY_AGAIN_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Of how many users it is remembered that they were notified.
const REMEMBERED_USERS: usize = 10_000;

/// The rules, and the users who were notified that they are not served.
pub(in crate::telegram) struct AccessControl {
    policy: Arc<Policy>,
    admin: Arc<dyn AdminStore>,
    /// When the bot began to serve.
    pub(super) since: Instant,
    notified: Mutex<HashMap<i64, Instant>>,
}

impl AccessControl {
    pub(in crate::telegram) fn new(policy: Arc<Policy>, admin: Arc<dyn AdminStore>) -> Self {
        Self { policy, admin, since: Instant::now(), notified: Mutex::default() }
    }

    /// Why a user is not served, in their words; `None` if they are.
    pub(super) async fn refuses(&self, incoming: &Incoming) -> Option<String> {
        let (user, chat_id) = (incoming.user, incoming.chat_id);
        let is_banned = is_banned(self.admin.note_activity(user.0, chat_id).await);
        let language = Language::from_code(incoming.client_language.as_deref());
        if self.policy.is_admin(user) {
            None
        } else if is_banned {
            Some(refusal::banned(language))
        } else {
            (!self.allows(user, chat_id).await).then(|| refusal::stranger(language, user))
        }
    }

    /// Whether a user is served in chats that the bot does not see.
    pub(super) async fn serves_inline(&self, user: Requester) -> bool {
        self.policy.is_admin(user) || self.policy.allows(user, user.0) && !is_banned(self.admin.is_banned(user.0).await)
    }

    /// A group that became a supergroup is served as before, though the settings name its old number.
    async fn allows(&self, user: Requester, chat_id: i64) -> bool {
        let policy = &self.policy;
        policy.allows(user, chat_id)
            || chat_id < 0
                && matches!(self.admin.former_chat_id(chat_id).await, Ok(Some(former)) if policy.allows(user, former))
    }

    /// Whether a user has to be notified, now, that they are not served; from then on they were.
    pub(super) fn is_news_to(&self, user: i64) -> bool {
        let mut notified = self.notified.lock().unwrap_or_else(PoisonError::into_inner);
        if notified.get(&user).is_some_and(|when| when.elapsed() < NOTIFY_AGAIN_AFTER) {
            return false;
        }
        if notified.len() >= REMEMBERED_USERS {
            notified.clear();
        }
        notified.insert(user, Instant::now());
        true
    }
}

/// Whether there is a ban. If the store fails, what comes next fails as well and says so.
fn is_banned(is_banned: Result<bool, StoreError>) -> bool {
    is_banned.unwrap_or_else(|error| {
        tracing::error!(%error, "bans can not be looked up");
        false
    })
}
