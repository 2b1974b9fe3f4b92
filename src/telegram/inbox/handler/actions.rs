//! Carries out what the conversation answers: what changes the store besides the chat is done at once, the rest becomes a part of
//! the step.

use std::sync::Arc;

use super::step::{Later, Step};
use super::{Handler, here, pressed};
use crate::conversation::{Action, MaskShown, Message, RECIPE_LINK, StatusMessage, privacy};
use crate::i18n::Language;
use crate::jobs::{JobId, StoreError};
use crate::telegram::inbox::updates::Incoming;
use crate::telegram::outbox::message::{Destination, Target};
use crate::telegram::outbox::outgoing::{OutgoingMessage, ShownMask};

impl Handler {
    pub(super) async fn carry_out(
        self: &Arc<Self>,
        incoming: &Arc<Incoming>,
        language: Language,
        actions: Vec<Action>,
        step: &mut Step,
    ) -> Result<(), StoreError> {
        for action in actions {
            match action {
                Action::Say(message) => step.say(incoming, message),
                Action::Edit(message) => step.edit(incoming, message),
                Action::EditButtons(buttons) => step.edit_buttons(incoming, buttons),
                Action::Toast(text) => step.press_text = Some(text),
                Action::Draw(drawing) => {
                    let pressed = (drawing.status == StatusMessage::Pressed).then(|| pressed(incoming));
                    step.messages.push(OutgoingMessage::Status { pressed, chat_id: incoming.chat_id });
                    step.order = Some(super::jobs::new_job(incoming, language, drawing));
                }
                Action::SendFiles(job) => {
                    let to = Destination { reply_to: Some(incoming.message_id), ..here(incoming) };
                    step.messages.push(OutgoingMessage::SendFiles { to, job, language });
                }
                Action::SendPictures(job) => {
                    step.messages.push(OutgoingMessage::SendPictures { to: here(incoming), job, language });
                }
                Action::Share(job) => step.say(incoming, self.link_to(language, job).await?),
                Action::Open => step.later = Some(Later::OpenFile),
                Action::AwaitAlbum(album) => step.album = Some(album),
                Action::ShowMask(shown) => step.messages.push(mask(incoming, shown)),
                Action::Delete(job) => self.delete(incoming, language, job, step).await?,
                Action::SayPrivacy => {
                    step.say(incoming, privacy::privacy(language, &self.orders.policy().retention));
                }
                Action::Forget => self.forget(incoming, language, step).await?,
                Action::Cancel(jobs) => self.cancel(incoming, language, &jobs, step).await?,
            }
        }
        Ok(())
    }

    /// A link that opens a job's recipe as anybody's own card.
    async fn link_to(&self, language: Language, job: JobId) -> Result<Message, StoreError> {
        let token = self.orders.share(job).await?.unwrap_or_default();
        let link = format!("https://t.me/{}?start={RECIPE_LINK}{token}", self.username);
        Ok(Message::plain(language.text_with("share-link", [("link", link.into())])))
    }

    /// Deletes everything about the user, and the status messages of jobs that waited.
    async fn forget(&self, incoming: &Incoming, language: Language, step: &mut Step) -> Result<(), StoreError> {
        let forgotten = self.orders.forget(incoming.user).await?;
        // The chat's state is gone as well.
        step.state = None;
        for job in &forgotten.pending {
            if let Some(target) = job.chat().and_then(Target::status_of) {
                self.progress.forget(job.id, target);
                step.messages.push(OutgoingMessage::Delete { target });
            }
        }
        step.edit(incoming, privacy::forgotten(language, forgotten.usage_is_kept));
        Ok(())
    }
}

fn mask(incoming: &Incoming, shown: MaskShown) -> OutgoingMessage {
    OutgoingMessage::ShowMask(Box::new(ShownMask {
        to: here(incoming),
        message_id: incoming.message_id,
        user: incoming.user.0,
        client_language: incoming.client_language.clone(),
        shown,
    }))
}
