//! The user's jobs: what waits, and calling it off.

use super::{Turn, is_from};
use crate::conversation::{Action, OwnJob, queue_list};
use crate::jobs::JobId;

impl<'a> Turn<'a> {
    /// Cancels what is being composed, or else a job.
    pub(super) fn cancel(&mut self) {
        let had_draft = self.forget_draft().is_some_and(|draft| draft.awaits.is_some());
        let jobs = self.jobs();
        match jobs.as_slice() {
            [] if had_draft => self.say_key("draft-forgotten"),
            [] => self.say_key("cancel-nothing"),
            [own] => self.actions.push(Action::Cancel(vec![own.job.id])),
            several => self.say(queue_list::choice(self.language, several)),
        }
    }

    pub(super) fn cancel_listed(&mut self, job: JobId) {
        let others: Vec<&OwnJob> = self.jobs().into_iter().filter(|own| own.job.id != job).collect();
        self.actions.push(Action::Cancel(vec![job]));
        self.edit(queue_list::list(self.language, &others));
    }

    pub(super) fn cancel_all(&mut self) {
        self.actions.push(Action::Cancel(self.jobs().iter().map(|own| own.job.id).collect()));
        self.edit(queue_list::list(self.language, &[]));
    }

    /// The user's jobs, in a group only those of the group: what somebody asks in private stays there.
    pub(super) fn jobs(&self) -> Vec<&'a OwnJob> {
        let context = self.context;
        let shown = |own: &&OwnJob| context.is_private() || is_from(&own.job, context.chat_id);
        context.jobs.iter().filter(shown).collect()
    }
}
