//! Carries out what the owner commands.

use std::sync::Arc;

use super::handler::{Handler, HandlerError};
use super::progress::status_message;
use super::updates::Incoming;
use crate::conversation::{Event, Message, OwnerCommand, Press, owner};
use crate::i18n::Language;
use crate::jobs::Requester;

impl Handler {
    /// Does what an admin commands; `false` if it is no admin or no such command, and the conversation has to answer.
    pub(super) async fn does_for_owner(
        &self,
        incoming: &Arc<Incoming>,
        language: Language,
    ) -> Result<bool, HandlerError> {
        if !self.gate.rules.is_admin(incoming.person) {
            return Ok(false);
        }
        match &incoming.event {
            Event::Command { name, argument, .. } => match OwnerCommand::parse(name) {
                Some(command) => self.command(incoming, language, command, argument).await?,
                None => return Ok(false),
            },
            Event::Press(data) => match Press::decode(data) {
                Some(Press::Broadcast(id)) => self.start_broadcast(incoming, language, id).await?,
                Some(Press::BroadcastNot(id)) => self.drop_broadcast(incoming, language, id).await?,
                _ => return Ok(false),
            },
            _ => return Ok(false),
        }
        Ok(true)
    }

    async fn command(
        &self,
        incoming: &Arc<Incoming>,
        language: Language,
        command: OwnerCommand,
        argument: &str,
    ) -> Result<(), HandlerError> {
        let answer = match command {
            OwnerCommand::Stats => owner::stats(language, &self.queue.census().await?, self.gate.since.elapsed()),
            OwnerCommand::Pause => self.set_paused(language, true).await?,
            OwnerCommand::Resume => self.set_paused(language, false).await?,
            OwnerCommand::Ban => self.ban(incoming, language, argument).await?,
            OwnerCommand::Unban => match self.subject(incoming, argument).await? {
                Some(id) => owner::unbanned(language, id, self.gate.house.unban(id).await?),
                None => owner::ban_whom(language),
            },
            OwnerCommand::Broadcast if argument.is_empty() => owner::broadcast_what(language),
            OwnerCommand::Broadcast => {
                let house = &self.gate.house;
                let id = house.draft(incoming.person.0, language, argument).await?;
                owner::broadcast_ask(language, id, argument, house.known_chats().await?)
            }
        };
        self.say(incoming, answer);
        Ok(())
    }

    async fn set_paused(&self, language: Language, is_paused: bool) -> Result<Message, HandlerError> {
        self.queue.set_paused(is_paused).await?;
        let waiting = if is_paused { 0 } else { self.queue.waiting().await?.len() as u64 };
        Ok(owner::pause_changed(language, is_paused, waiting))
    }

    async fn ban(&self, incoming: &Incoming, language: Language, argument: &str) -> Result<Message, HandlerError> {
        let Some(id) = self.subject(incoming, argument).await? else { return Ok(owner::ban_whom(language)) };
        if id == self.bot_id || self.gate.rules.is_admin(Requester(id)) {
            return Ok(owner::ban_nobody(language));
        }
        let is_new = self.gate.house.ban(id).await?;
        for job in self.queue.waiting().await? {
            if (job.requester.0 == id || job.address.chat_id == id) && !self.gate.rules.is_admin(job.requester) {
                self.queue.cancel(job.id, job.requester).await?;
                if let Some(target) = status_message(&job) {
                    self.progress.cancelled(job.id, target, job.address.language);
                }
            }
        }
        Ok(owner::banned(language, id, is_new))
    }

    async fn start_broadcast(&self, incoming: &Arc<Incoming>, language: Language, id: i64) -> Result<(), HandlerError> {
        let started = self.gate.house.start_broadcast(id, (incoming.chat_id, incoming.message_id)).await?;
        let toast = match started {
            Some(_) => {
                let tally = self.gate.house.tally(id).await?;
                self.edit(incoming, owner::broadcast_progress(language, &tally, false));
                self.broadcaster.begun.notify_one();
                None
            }
            None => Some(language.text("button-stale")),
        };
        self.toast(incoming, toast);
        Ok(())
    }

    async fn drop_broadcast(&self, incoming: &Arc<Incoming>, language: Language, id: i64) -> Result<(), HandlerError> {
        let toast = match self.gate.house.drop_draft(id).await? {
            true => {
                self.edit(incoming, owner::broadcast_dropped(language));
                None
            }
            false => Some(language.text("button-stale")),
        };
        self.toast(incoming, toast);
        Ok(())
    }

    /// Whom a command is about: the number behind it, else whoever wrote the message that it answers; of a picture that the
    /// bot drew, whoever asked for it.
    async fn subject(&self, incoming: &Incoming, argument: &str) -> Result<Option<i64>, HandlerError> {
        if let Some(word) = argument.split_whitespace().next() {
            return Ok(word.parse().ok());
        }
        let Some(author) = incoming.replied_to else { return Ok(None) };
        if author.0 != self.bot_id {
            return Ok(Some(author.0));
        }
        let requester = self.job_behind(incoming).await?.map(|(job, _)| job.requester.0);
        Ok(Some(requester.unwrap_or(author.0)))
    }
}
