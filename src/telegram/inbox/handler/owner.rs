//! Carries out what the owner commands.

use std::sync::Arc;

use super::Handler;
use super::step::Step;
use crate::conversation::{Event, Message, OwnerCommand, Press, owner};
use crate::i18n::Language;
use crate::jobs::{Requester, StoreError};
use crate::telegram::inbox::updates::Incoming;

impl Handler {
    /// Does what an admin commands; `None` if it is no admin or no such command, and the conversation has to answer.
    pub(super) async fn command_of_owner(
        &self,
        incoming: &Arc<Incoming>,
        language: Language,
    ) -> Result<Option<Step>, StoreError> {
        if !self.orders.policy().is_admin(incoming.user) {
            return Ok(None);
        }
        let mut step = Step::default();
        match &incoming.event {
            Event::Command { name, argument, .. } => match OwnerCommand::parse(name) {
                Some(command) => step.say(incoming, self.command(incoming, language, command, argument).await?),
                None => return Ok(None),
            },
            Event::Press(data) => match Press::decode(data) {
                Some(Press::Broadcast(id)) => self.start_broadcast(incoming, language, id, &mut step).await?,
                Some(Press::BroadcastNot(id)) => self.drop_broadcast(incoming, language, id, &mut step).await?,
                _ => return Ok(None),
            },
            _ => return Ok(None),
        }
        Ok(Some(step))
    }

    async fn command(
        &self,
        incoming: &Incoming,
        language: Language,
        command: OwnerCommand,
        argument: &str,
    ) -> Result<Message, StoreError> {
        Ok(match command {
            OwnerCommand::Stats => {
                owner::stats(language, &self.store.queue.stats().await?, self.access.since.elapsed())
            }
            OwnerCommand::Pause => self.set_paused(language, true).await?,
            OwnerCommand::Resume => self.set_paused(language, false).await?,
            OwnerCommand::Ban => self.ban(incoming, language, argument).await?,
            OwnerCommand::Unban => match self.subject(incoming, argument).await? {
                Some(id) => owner::unbanned(language, id, self.admin.unban(id).await?),
                None => owner::ban_whom(language),
            },
            OwnerCommand::Broadcast if argument.is_empty() => owner::broadcast_what(language),
            OwnerCommand::Broadcast => {
                let id = self.broadcasts.draft_broadcast(incoming.user.0, language, argument).await?;
                owner::broadcast_ask(language, id, argument, self.broadcasts.broadcast_chats().await?)
            }
        })
    }

    async fn set_paused(&self, language: Language, is_paused: bool) -> Result<Message, StoreError> {
        self.store.queue.set_paused(is_paused).await?;
        let waiting = if is_paused { 0 } else { self.store.queue.pending_count().await? };
        Ok(owner::pause_changed(language, is_paused, waiting))
    }

    async fn ban(&self, incoming: &Incoming, language: Language, argument: &str) -> Result<Message, StoreError> {
        let Some(id) = self.subject(incoming, argument).await? else { return Ok(owner::ban_whom(language)) };
        if id == self.bot_id || self.orders.policy().is_admin(Requester(id)) {
            return Ok(owner::ban_nobody(language));
        }
        let is_new = self.admin.ban(id).await?;
        self.orders.cancel_all_of(id).await?;
        Ok(owner::banned(language, id, is_new))
    }

    async fn start_broadcast(
        &self,
        incoming: &Incoming,
        language: Language,
        id: i64,
        step: &mut Step,
    ) -> Result<(), StoreError> {
        let status = (incoming.chat_id, incoming.message_id);
        match self.broadcasts.start_broadcast(id, status).await? {
            Some(_) => {
                let tally = self.broadcasts.broadcast_tally(id).await?;
                step.edit(incoming, owner::broadcast_progress(language, &tally, false));
                self.broadcaster.begun.notify_one();
            }
            None => step.press_text = Some(language.text("button-stale")),
        }
        Ok(())
    }

    async fn drop_broadcast(
        &self,
        incoming: &Incoming,
        language: Language,
        id: i64,
        step: &mut Step,
    ) -> Result<(), StoreError> {
        match self.broadcasts.drop_broadcast(id).await? {
            true => step.edit(incoming, owner::broadcast_dropped(language)),
            false => step.press_text = Some(language.text("button-stale")),
        }
        Ok(())
    }

    /// Whom a command is about: the number behind it, else the author of the message that it answers; of a picture that the bot
    /// drew, the user who asked for it.
    async fn subject(&self, incoming: &Incoming, argument: &str) -> Result<Option<i64>, StoreError> {
        if let Some(word) = argument.split_whitespace().next() {
            return Ok(word.parse().ok());
        }
        let Some(author) = incoming.replied_to else { return Ok(None) };
        if author.0 != self.bot_id {
            return Ok(Some(author.0));
        }
        let requester = self.job_of_reply(incoming).await?.map(|(job, _)| job.requester.0);
        Ok(Some(requester.unwrap_or(author.0)))
    }
}
