//! Sends the pictures of a job with their caption and buttons.

use std::sync::Arc;

use super::api::{ALBUM_LIMIT, Api};
use super::fault::Fault;
use super::message::{Destination, Picture, SentMessage};
use crate::conversation::{Message, result, warnings};
use crate::i18n::Language;
use crate::jobs::{Archive, DeliveredMessage, JobId, JobSummary, Outbox, PictureInfo, StoreError};
use crate::recipe::{Recipe, Size};

/// Sends the pictures of jobs. Cheap to clone.
#[derive(Clone)]
pub(in crate::telegram) struct ResultSender {
    pub(in crate::telegram) api: Api,
    pub(in crate::telegram) archive: Arc<dyn Archive>,
    pub(in crate::telegram) outbox: Arc<dyn Outbox>,
}

/// What is sent of a job.
#[derive(Debug, Clone, Copy)]
pub(in crate::telegram) struct JobResult<'a> {
    /// The job.
    pub(in crate::telegram) job: &'a JobSummary,
    /// The language of caption and buttons.
    pub(in crate::telegram) language: Language,
    /// Its pictures.
    pub(in crate::telegram) infos: &'a [PictureInfo],
}

/// Why pictures were not sent.
#[derive(Debug, thiserror::Error)]
pub(in crate::telegram) enum ResultError {
    /// The platform did not take them.
    #[error("{0:?}")]
    Fault(Fault),
    /// They can not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// They were deleted meanwhile.
    #[error("the pictures of job {0} are gone")]
    Gone(JobId),
}

impl From<Fault> for ResultError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl JobResult<'_> {
    fn caption(&self) -> String {
        let recipe = &self.job.recipe;
        let size = self.infos.first().filter(|info| info.width > 0);
        let size = size.map(|info| Size { width: info.width, height: info.height });
        let caption = result::caption(self.language, recipe, size);
        warnings::with_warnings(self.language, caption, recipe.prompt(), &self.job.warnings)
    }

    fn buttons(&self) -> Vec<Vec<crate::conversation::Button>> {
        result::buttons(self.language, &self.job.recipe, self.job.id, 0)
    }

    fn picture(&self, index: u32, bytes: bytes::Bytes) -> Picture {
        let is_covered = self.job.warnings.flagged.contains(&index);
        Picture { bytes, file_name: file_name(&self.job.recipe, index), is_covered }
    }
}

/// The name of a picture's file.
pub(in crate::telegram) fn file_name(recipe: &Recipe, index: u32) -> String {
    format!("kandinsky-{}.png", recipe.seed_of(index))
}

impl ResultSender {
    /// Sends pictures with their caption and buttons, but not what is among `sent`. What arrives is added there, and albums are
    /// noted at once, so that after a fault only the rest has to be sent.
    pub(in crate::telegram) async fn send(
        &self,
        to: Destination,
        result: JobResult<'_>,
        sent: &mut Vec<DeliveredMessage>,
    ) -> Result<(), ResultError> {
        match result.infos.len() {
            1 => self.send_one(to, result, sent).await,
            _ => self.send_several(to, result, sent).await,
        }
    }

    async fn send_one(
        &self,
        to: Destination,
        result: JobResult<'_>,
        sent: &mut Vec<DeliveredMessage>,
    ) -> Result<(), ResultError> {
        if is_sent(sent, Some(0)) {
            return Ok(());
        }
        let (caption, buttons) = (result.caption(), result.buttons());
        let picture = self.picture(result, 0).await?;
        let arrived = match self.api.send_photo(to, &picture, &caption, &buttons).await {
            // Too narrow for a photo, or something else about the picture: as a file it still arrives.
            Err(Fault::Refused(_)) => self.api.send_file(to, &picture, Some(&caption), &buttons).await?,
            outcome => outcome?,
        };
        sent.extend(arrived.map(|arrived| delivered(to, arrived, Some(0))));
        Ok(())
    }

    /// Albums can not carry buttons, so these come in a message of their own.
    async fn send_several(
        &self,
        to: Destination,
        result: JobResult<'_>,
        sent: &mut Vec<DeliveredMessage>,
    ) -> Result<(), ResultError> {
        let caption = result.caption();
        let mut first = 0;
        for size in album_sizes(result.infos.len()) {
            let positions = first..first + size as u32;
            first = positions.end;
            if is_sent(sent, Some(positions.start)) {
                continue;
            }
            let mut pictures = Vec::with_capacity(size);
            for position in positions.clone() {
                pictures.push(self.picture(result, position).await?);
            }
            let arrived: Vec<SentMessage> = match pictures.as_slice() {
                [picture] => self.api.send_photo(to, picture, &caption, &[]).await?.into_iter().collect(),
                album => self.api.send_album(to, album, &caption).await?,
            };
            let arrived = positions.zip(arrived).map(|(position, arrived)| delivered(to, arrived, Some(position)));
            self.note(result.job.id, sent, arrived).await;
        }
        if is_sent(sent, None) {
            return Ok(());
        }
        let text = result.language.text_with("result-picked", [("number", 1.into())]);
        let buttons = self.api.say(to, &Message { text, buttons: result.buttons() }).await?;
        let arrived = buttons.map(|message_id| SentMessage { message_id, file_id: None });
        sent.extend(arrived.map(|arrived| delivered(to, arrived, None)));
        Ok(())
    }

    async fn picture(&self, result: JobResult<'_>, index: u32) -> Result<Picture, ResultError> {
        let job = result.job.id;
        let bytes = self.archive.picture(job, index).await?.ok_or(ResultError::Gone(job))?;
        Ok(result.picture(index, bytes))
    }

    /// Notes an album that arrived. Where that fails, it is noted with the rest.
    async fn note(
        &self,
        job: JobId,
        sent: &mut Vec<DeliveredMessage>,
        arrived: impl IntoIterator<Item = DeliveredMessage>,
    ) {
        let before = sent.len();
        sent.extend(arrived);
        if let Err(error) = self.outbox.mark_partly_delivered(job, &sent[before..]).await {
            tracing::error!(%error, "an album that was sent can not be noted yet");
        }
    }
}

/// Whether the message with this picture, or with the buttons alone, was sent.
fn is_sent(sent: &[DeliveredMessage], position: Option<u32>) -> bool {
    sent.iter().any(|message| message.position == position)
}

fn delivered(to: Destination, sent: SentMessage, position: Option<u32>) -> DeliveredMessage {
    DeliveredMessage { chat_id: to.chat_id, message_id: sent.message_id, position, file_id: sent.file_id }
}

/// How many pictures each album holds: nearly equally many, and none of one alone where that can be avoided.
fn album_sizes(pictures: usize) -> Vec<usize> {
    let albums = pictures.div_ceil(ALBUM_LIMIT).max(1);
    let size = pictures.div_ceil(albums).max(1);
    (0..pictures).step_by(size).map(|first| size.min(pictures - first)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eleven_pictures_are_two_albums_and_seeds_go_around() {
        assert_eq!(album_sizes(11), [6, 5]);
        assert_eq!((album_sizes(10), album_sizes(2), album_sizes(0)), (vec![10], vec![2], vec![]));
        let recipe = Recipe::text_to_image("кот", u64::MAX).unwrap();
        assert_eq!(file_name(&recipe, 1), "kandinsky-0.png");
    }
}
