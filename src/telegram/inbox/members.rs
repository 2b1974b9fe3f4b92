//! Who administers a group, as the platform says; remembered for a moment, since one press follows another.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dashmap::DashMap;
use tokio::time::{Instant, timeout};

use crate::telegram::outbox::api::{Api, Membership};

/// How long an answer counts.
const REMEMBERED: Duration = Duration::from_secs(60);
/// So many answers are remembered.
const CAPACITY: usize = 10_000;
/// A press waits no longer for the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Members of groups.
pub(in crate::telegram) struct Members {
    api: Api,
    known: DashMap<(i64, i64), (Instant, Membership)>,
    /// Groups in which somebody wrote anonymously since the program began.
    anonymous_groups: Mutex<HashSet<i64>>,
}

impl Members {
    pub(in crate::telegram) fn new(api: Api) -> Self {
        Self { api, known: DashMap::new(), anonymous_groups: Mutex::default() }
    }

    /// What somebody is in a chat; `None` if that can not be known.
    pub(super) async fn of(&self, chat_id: i64, user: i64) -> Option<Membership> {
        let key = (chat_id, user);
        if let Some(known) = self.known.get(&key).filter(|known| known.0.elapsed() < REMEMBERED) {
            return Some(known.1);
        }
        match timeout(PATIENCE, self.api.membership(chat_id, user)).await {
            Ok(Ok(membership)) => {
                self.remember(key, membership);
                Some(membership)
            }
            Ok(Err(fault)) => {
                tracing::info!(chat = chat_id, ?fault, "whether a user administers a chat can not be known");
                None
            }
            Err(_) => None,
        }
    }

    /// Somebody wrote in this group in the name of the group.
    pub(super) fn note_anonymous(&self, chat_id: i64) {
        self.groups().insert(chat_id);
    }

    /// Whether somebody did.
    pub(super) fn has_anonymous(&self, chat_id: i64) -> bool {
        self.groups().contains(&chat_id)
    }

    fn remember(&self, key: (i64, i64), membership: Membership) {
        if self.known.len() >= CAPACITY {
            self.known.clear();
        }
        self.known.insert(key, (Instant::now(), membership));
    }

    fn groups(&self) -> std::sync::MutexGuard<'_, HashSet<i64>> {
        self.anonymous_groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
