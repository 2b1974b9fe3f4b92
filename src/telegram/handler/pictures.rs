//! Pictures in a chat: opened, marked, sent again, deleted, shared.

use std::sync::Arc;

use rand::Rng;
use rand::distr::Alphanumeric;
use tokio::sync::Mutex;

use super::{Handler, HandlerError, here, pressed, report};
use crate::conversation::{Event, GivenPicture, MaskShown, Message, RECIPE_LINK, status};
use crate::i18n::Language;
use crate::jobs::{JobId, JobSummary, QueueError, Source};
use crate::pictures::{Picture as Decoded, read_recipe};
use crate::telegram::api::{Destination, Picture, Target, patiently};
use crate::telegram::delivery::named_pictures;
use crate::telegram::fault::Fault;
use crate::telegram::updates::Incoming;

/// Letters and digits in the name of a shared recipe: nobody guesses it.
const TOKEN_LENGTH: usize = 16;

impl Handler {
    /// Opens the file that was sent, then goes on with what it is.
    pub(super) fn open(self: &Arc<Self>, incoming: &Arc<Incoming>) {
        let Event::File { file, caption, album, .. } = incoming.event.clone() else { return };
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        tokio::spawn(async move {
            let source = Source::File(file);
            let event = match handler.fetcher.picture(&source).await {
                Ok(bytes) => opened(source, bytes, incoming.message_id, caption, album).await,
                Err(error) => Event::BadPicture(error.bad_picture()),
            };
            handler.handle(incoming.with_event(event)).await;
        });
    }

    /// Shows what will be drawn anew.
    pub(super) fn show_mask(self: &Arc<Self>, incoming: &Arc<Incoming>, shown: MaskShown) {
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        self.lanes.post(incoming.chat_id, async move {
            match handler.fetcher.preview(&shown.plan).await {
                Ok(bytes) => handler.send_mask(&incoming, &shown, bytes).await,
                Err(error) => {
                    tracing::info!(chat = incoming.chat_id, %error, "a mask can not be shown");
                    let event = Event::BadMask(error.bad_mask());
                    let (handler, incoming) = (Arc::clone(&handler), incoming.with_event(event));
                    // Beside the lane: the answer is said in it.
                    tokio::spawn(async move { handler.handle(incoming).await });
                }
            }
        });
    }

    async fn send_mask(&self, incoming: &Incoming, shown: &MaskShown, bytes: Vec<u8>) {
        let picture = Picture { bytes, file_name: "mask.png".to_owned(), is_covered: false };
        let (text, buttons) = (&shown.message.text, &shown.message.buttons);
        if shown.in_place {
            let target = pressed(incoming);
            let edit = |chat_id| self.api.edit_photo(Target { chat_id, ..target }, &picture, text, buttons);
            match patiently(target.chat_id, edit).await {
                // Deleted meanwhile: it is sent anew.
                Err(Fault::Refused(_)) => {}
                outcome => return report("a mask can not be shown", outcome),
            }
        }
        let to = here(incoming);
        let send = |chat_id| self.api.send_photo(Destination { chat_id, ..to }, &picture, text, buttons);
        report("a mask can not be shown", patiently(to.chat_id, send).await);
    }

    /// Sends a job's pictures once more, as they were.
    pub(super) fn send_again(self: &Arc<Self>, incoming: &Arc<Incoming>, language: Language, job: JobId) {
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        self.lanes.post(incoming.chat_id, async move {
            let found = handler.drawn(job).await;
            let Ok(Some((summary, pictures))) = found else {
                return handler.say(&incoming, Message::plain(language.text("file-gone")));
            };
            let pictures = named_pictures(&summary.recipe, &pictures);
            let (to, sent) = (here(&incoming), Mutex::default());
            let send = async |chat_id| {
                let (to, mut sent) = (Destination { chat_id, ..to }, sent.lock().await);
                handler.delivery.send_pictures(to, &summary, pictures.clone(), &mut sent).await
            };
            report("pictures can not be sent again", patiently(to.chat_id, send).await);
            if let Err(error) = handler.queue.told_partly(job, &sent.into_inner()).await {
                tracing::warn!(%job, %error, "what was sent again can not be written down");
            }
        });
    }

    /// A job and its pictures, if they are still there.
    async fn drawn(&self, job: JobId) -> Result<Option<(JobSummary, Vec<Vec<u8>>)>, QueueError> {
        let pictures = self.queue.pictures(job).await?;
        Ok(self.queue.job(job).await?.filter(|_| !pictures.is_empty()).map(|job| (job, pictures)))
    }

    /// Deletes a job's pictures for whoever asked for them, or administers the group.
    pub(super) fn delete(self: &Arc<Self>, incoming: &Arc<Incoming>, language: Language, job: JobId) {
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        tokio::spawn(async move {
            if handler.rules_over(&incoming, job).await.is_none() {
                return handler.toast(&incoming, Some(language.text("delete-not-yours")));
            }
            match handler.queue.remove(job).await {
                Ok(messages) => {
                    handler.toast(&incoming, Some(language.text("deleted")));
                    let shown =
                        messages.into_iter().map(|it| Target { chat_id: it.chat_id, message_id: it.message_id });
                    for target in shown.filter(|target| *target != pressed(&incoming)).chain([pressed(&incoming)]) {
                        let _ = patiently(0, |_| handler.api.delete(target)).await;
                    }
                }
                Err(error) => {
                    tracing::error!(%job, %error, "pictures can not be deleted");
                    handler.toast(&incoming, Some(status::trouble(language).text));
                }
            }
        });
    }

    /// Tells a link that opens the recipe as anybody's own card.
    pub(super) async fn share(
        self: &Arc<Self>,
        incoming: &Arc<Incoming>,
        language: Language,
        job: JobId,
    ) -> Result<(), HandlerError> {
        let token: String = rand::rng().sample_iter(Alphanumeric).take(TOKEN_LENGTH).map(char::from).collect();
        let token = self.queue.share(job, &token).await?.unwrap_or_default();
        let link = format!("https://t.me/{}?start={RECIPE_LINK}{token}", self.username);
        self.say(incoming, Message::plain(language.text_with("share-link", [("link", link.into())])));
        Ok(())
    }

    pub(super) fn send_files(self: &Arc<Self>, incoming: &Arc<Incoming>, language: Language, job: JobId) {
        let (handler, incoming) = (Arc::clone(self), Arc::clone(incoming));
        self.lanes.post(incoming.chat_id, async move {
            if let Err(error) = handler.tell_files(&incoming, language, job).await {
                tracing::error!(%job, %error, "the pictures can not be read");
                handler.say(&incoming, status::trouble(language));
            }
        });
    }

    async fn tell_files(&self, incoming: &Incoming, language: Language, job: JobId) -> Result<(), QueueError> {
        let pictures = self.queue.pictures(job).await?;
        let Some(summary) = self.queue.job(job).await?.filter(|_| !pictures.is_empty()) else {
            self.say(incoming, Message::plain(language.text("file-gone")));
            return Ok(());
        };
        let to = Destination { reply_to: Some(incoming.message_id), ..here(incoming) };
        for picture in named_pictures(&summary.recipe, &pictures) {
            let send = |chat_id| self.api.send_file(Destination { chat_id, ..to }, &picture, None, &[]);
            report("a file can not be sent", patiently(to.chat_id, send).await);
        }
        Ok(())
    }
}

/// What a file holds: a picture, perhaps with a recipe of ours in it.
async fn opened(source: Source, bytes: Vec<u8>, message_id: i32, caption: String, album: Option<String>) -> Event {
    let decoded = tokio::task::spawn_blocking(move || {
        let picture = Decoded::decode(&bytes).ok()?;
        Some((picture.rgb.dimensions(), read_recipe(&bytes)))
    });
    match decoded.await.ok().flatten() {
        Some(((width, height), recipe)) => Event::Picture {
            picture: GivenPicture { source, width, height, message_id },
            caption,
            album,
            addressed: true,
            recipe: recipe.map(Box::new),
        },
        None => Event::BadPicture(crate::conversation::BadPicture::Unreadable),
    }
}
