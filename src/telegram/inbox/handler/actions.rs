//! Carries out what the conversation answers: what changes the store besides the chat is done at once, the rest becomes a part of
//! the step.

use std::sync::Arc;

use super::step::{Later, Step};
use super::{Handler, here, pressed};
use crate::conversation::{Action, Button, MaskShown, Message, Press, RECIPE_LINK, StatusMessage, privacy};
use crate::gallery::{CODE_LIFETIME, NewCode, code_hash, new_code};
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
                Action::OpenEditor(picture) => {
                    step.say(incoming, self.way_to_editor(incoming, language, picture).await?)
                }
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

    /// A button that opens the editor, and in a private chat a link that opens it once in a browser.
    async fn way_to_editor(
        &self,
        incoming: &Incoming,
        language: Language,
        picture: Option<(JobId, u32)>,
    ) -> Result<Message, StoreError> {
        let Some(editor) = &self.editor else {
            let is_owner = self.orders.policy().is_admin(incoming.user);
            return Ok(Message::plain(language.text(if is_owner { "web-editor-setup" } else { "web-editor-none" })));
        };
        let mut text = language.text("web-editor-open");
        // In a group everybody would see the code.
        if incoming.chat_id == incoming.user.0 {
            let reference = picture.map(|(job, index)| format!("j{job}.{index}"));
            let code = new_code();
            let new = NewCode { user: incoming.user, name: String::new(), language, reference };
            editor.sessions.add_code(&code_hash(&code), &new, CODE_LIFETIME).await?;
            let mut link = editor.page.clone();
            // Behind the sign that browsers keep to themselves: previews of links do not open it.
            link.set_fragment(Some(&format!("k={code}")));
            let link = ("link", link.to_string().into());
            text = format!("{text}\n\n{}", language.text_with("web-editor-browser", [link]));
        }
        let button = Button::named(language, "button-editor-open", Press::Editor(picture));
        Ok(Message::plain(text).row([button]))
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
