//! What is being delivered now.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::jobs::JobId;

/// Chats that get a result now: one at a time, so that results come in order.
#[derive(Debug, Default)]
pub(super) struct BusyChats {
    busy: Mutex<Busy>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Busy {
    chats: HashSet<i64>,
    /// The jobs: a chat may get another number meanwhile.
    jobs: HashSet<JobId>,
}

/// A chat that gets a result, until this is dropped, also by a panic.
#[derive(Debug)]
pub(super) struct BusyChat<'a> {
    chats: &'a BusyChats,
    chat_id: i64,
    job: JobId,
}

impl BusyChats {
    /// The chats.
    pub(super) fn list(&self) -> Vec<i64> {
        self.lock().chats.iter().copied().collect()
    }

    /// Makes a chat busy. False if it gets another result, or this one is being delivered already.
    pub(super) fn begin(&self, chat_id: i64, job: JobId) -> bool {
        let mut busy = self.lock();
        if busy.chats.contains(&chat_id) || busy.jobs.contains(&job) {
            return false;
        }
        busy.chats.insert(chat_id) && busy.jobs.insert(job)
    }

    /// What frees a chat that was made busy.
    pub(super) fn guard(&self, chat_id: i64, job: JobId) -> BusyChat<'_> {
        BusyChat { chats: self, chat_id, job }
    }

    /// Waits until a chat is freed.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, Busy> {
        self.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for BusyChat<'_> {
    fn drop(&mut self) {
        let mut busy = self.chats.lock();
        busy.chats.remove(&self.chat_id);
        busy.jobs.remove(&self.job);
        drop(busy);
        self.chats.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_chat_gets_one_result_at_a_time_and_a_result_goes_to_one_chat() {
        let chats = BusyChats::default();
        assert!(chats.begin(1, JobId(1)));
        assert!(!chats.begin(1, JobId(2)) && !chats.begin(-1, JobId(1)));
        drop(chats.guard(1, JobId(1)));
        chats.freed().await;
        assert!(chats.list().is_empty() && chats.begin(1, JobId(2)));
    }
}
