//! Sends the pictures of a job with their caption and buttons, or the description of a picture.

use std::ops::Range;
use std::sync::Arc;

use super::advice::AdviceGiver;
use super::api::Api;
use super::fault::Fault;
use super::forms::{Form, albums, fits_photo};
use super::message::{Destination, Picture, SentMessage};
use super::picture_sender::{self, Accompaniment, as_file};
use crate::conversation::{Button, Message, description, result, warnings};
use crate::i18n::Language;
use crate::jobs::{Archive, DeliveredMessage, JobId, JobSummary, Outbox, PictureInfo, StoreError};
use crate::recipe::{Description, Recipe, Size, Task};

/// Sends the pictures of jobs. Cheap to clone.
#[derive(Clone)]
pub(in crate::telegram) struct ResultSender {
    pub(in crate::telegram) api: Api,
    pub(in crate::telegram) archive: Arc<dyn Archive>,
    pub(in crate::telegram) outbox: Arc<dyn Outbox>,
    pub(in crate::telegram) advice: AdviceGiver,
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
    /// What stands below the caption, beside the warnings.
    advice: Option<&'a str>,
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

impl<'a> JobResult<'a> {
    /// A job with its pictures.
    pub(in crate::telegram) fn new(job: &'a JobSummary, language: Language, infos: &'a [PictureInfo]) -> Self {
        Self { job, language, infos, advice: None }
    }
}

impl JobResult<'_> {
    fn caption(&self) -> String {
        let recipe = &self.job.recipe;
        let size = self.infos.first().filter(|info| info.width > 0);
        let size = size.map(|info| Size { width: info.width, height: info.height });
        let caption = result::caption(self.language, recipe, size);
        let caption = warnings::with_warnings(self.language, caption, recipe.prompt(), &self.job.warnings);
        match self.advice {
            Some(advice) => warnings::with_remark(&caption, recipe.prompt(), advice),
            None => caption,
        }
    }

    fn buttons(&self) -> Vec<Vec<Button>> {
        result::buttons(self.language, self.job, 0)
    }

    fn accompaniment<'a>(&'a self, caption: &'a str, buttons: &'a [Vec<Button>]) -> Accompaniment<'a> {
        let (prompt, language) = (self.job.recipe.prompt(), self.language);
        Accompaniment { caption, prompt, buttons, language, wants_file: self.wants_file() }
    }

    /// Whether every pixel counts: the platform makes photos smaller.
    fn wants_file(&self) -> bool {
        self.job.recipe.task.is_upscale()
    }

    /// The forms for one of the pictures.
    fn forms(&self, index: u32) -> Vec<Form> {
        let Some(info) = self.infos.get(index as usize) else { return Vec::new() };
        match self.wants_file() {
            _ if self.is_covered(index) => Form::of_covered(info),
            true => as_file(info),
            false => Form::of(info),
        }
    }

    fn is_covered(&self, index: u32) -> bool {
        self.job.warnings.flagged.contains(&index)
    }

    fn picture(&self, index: u32, bytes: bytes::Bytes) -> Picture {
        Picture { bytes, file_name: file_name(&self.job.recipe, index), is_covered: self.is_covered(index) }
    }
}

/// The name of a picture's file.
pub(in crate::telegram) fn file_name(recipe: &Recipe, index: u32) -> String {
    match recipe.task {
        Task::Upscale { scale, .. } => format!("kandinsky-{}-x{scale}.png", recipe.origin().seed),
        _ => format!("kandinsky-{}.png", recipe.seed_of(index)),
    }
}

impl ResultSender {
    /// Sends pictures with their caption and buttons, or what a picture shows, but not what is among `sent`. What arrives is added there, and albums are
    /// noted at once, so that after a fault only the rest has to be sent.
    pub(in crate::telegram) async fn send(
        &self,
        to: Destination,
        result: JobResult<'_>,
        sent: &mut Vec<DeliveredMessage>,
    ) -> Result<(), ResultError> {
        if let Some(description) = &result.job.warnings.description {
            return self.send_description(to, result, description, sent).await;
        }
        let advice = self.advice.about(result.job, result.language).await;
        let result = JobResult { advice: advice.as_deref(), ..result };
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
        let with = result.accompaniment(&caption, &buttons);
        let picture = self.picture(result, 0).await?;
        let arrived = picture_sender::send(&self.api, to, &picture, result.forms(0), with).await?;
        sent.extend(arrived.map(|arrived| delivered(to, arrived, Some(0))));
        Ok(())
    }

    async fn send_description(
        &self,
        to: Destination,
        result: JobResult<'_>,
        description: &Description,
        sent: &mut Vec<DeliveredMessage>,
    ) -> Result<(), ResultError> {
        if is_sent(sent, None) {
            return Ok(());
        }
        let message = description::message(result.language, result.job.id, description);
        let arrived = self.api.say(to, &message).await?;
        sent.extend(arrived.map(|message_id| delivered(to, SentMessage { message_id, file_id: None }, None)));
        Ok(())
    }

    /// Albums can not carry buttons, so these come in a message of their own.
    async fn send_several(
        &self,
        to: Destination,
        result: JobResult<'_>,
        sent: &mut Vec<DeliveredMessage>,
    ) -> Result<(), ResultError> {
        // Photos and files do not mix in an album, and the pictures of a job belong together.
        match result.infos.iter().all(fits_photo) {
            true => {
                for album in albums(result.infos) {
                    self.send_album(to, result, album, sent).await?;
                }
            }
            false => self.send_each(to, result, 0..result.infos.len(), true, sent).await?,
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

    async fn send_album(
        &self,
        to: Destination,
        result: JobResult<'_>,
        album: Range<usize>,
        sent: &mut Vec<DeliveredMessage>,
    ) -> Result<(), ResultError> {
        let positions = album.start as u32..album.end as u32;
        if positions.clone().any(|position| is_sent(sent, Some(position))) || album.len() < 2 {
            // An album that was refused and whose pictures came one by one, or none at all.
            return self.send_each(to, result, album, false, sent).await;
        }
        let mut pictures = Vec::with_capacity(album.len());
        for position in positions.clone() {
            pictures.push(self.picture(result, position).await?);
        }
        match self.api.send_album(to, &pictures, &result.caption()).await {
            Err(Fault::Refused(_) | Fault::Forbidden(_)) => self.send_each(to, result, album, false, sent).await,
            Err(fault) => Err(fault.into()),
            Ok(arrived) => {
                let arrived = positions.zip(arrived).map(|(position, arrived)| delivered(to, arrived, Some(position)));
                self.note(result.job.id, sent, arrived).await;
                Ok(())
            }
        }
    }

    /// Sends pictures one by one; the caption stands below the first.
    async fn send_each(
        &self,
        to: Destination,
        result: JobResult<'_>,
        pictures: Range<usize>,
        as_files: bool,
        sent: &mut Vec<DeliveredMessage>,
    ) -> Result<(), ResultError> {
        let caption = result.caption();
        for index in pictures {
            let position = index as u32;
            if is_sent(sent, Some(position)) {
                continue;
            }
            let with = result.accompaniment(if index == 0 { &caption } else { "" }, &[]);
            let picture = self.picture(result, position).await?;
            let forms = match as_files && !picture.is_covered {
                true => as_file(&result.infos[index]),
                false => result.forms(position),
            };
            let arrived = picture_sender::send(&self.api, to, &picture, forms, with).await?;
            self.note(result.job.id, sent, arrived.map(|arrived| delivered(to, arrived, Some(position)))).await;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_go_around() {
        let recipe = Recipe::text_to_image("кот", u64::MAX).unwrap();
        assert_eq!(file_name(&recipe, 1), "kandinsky-0.png");
    }

    #[test]
    fn a_larger_picture_is_named_after_the_one_it_comes_from() {
        let larger = Recipe::new(Task::upscale(4).unwrap(), 9).with_source(Recipe::text_to_image("кот", 7).unwrap());
        assert_eq!(file_name(&larger, 0), "kandinsky-7-x4.png");
    }
}
