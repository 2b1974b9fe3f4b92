//! Looks up what an event concerns, and asks the conversation for the answer.

use super::Handler;
use crate::conversation::{ChatState, Context, GivenPicture, OwnJob, Replied, Response, history, respond};
use crate::jobs::{DeliveredJob, JobId, JobSummary, Source, StoreError};
use crate::telegram::inbox::updates::Incoming;

/// What is looked up before an event is answered.
#[derive(Default)]
struct Known {
    jobs: Vec<OwnJob>,
    job: Option<JobSummary>,
    pictures: Vec<GivenPicture>,
    recent: Vec<DeliveredJob>,
    linked: Option<JobSummary>,
    replied: Option<Replied>,
}

impl Handler {
    pub(super) async fn respond(&self, state: &ChatState, incoming: &Incoming) -> Result<Response, StoreError> {
        let known = self.look_up(incoming).await?;
        let context = Context {
            chat_id: incoming.chat_id,
            thread_id: incoming.thread_id,
            user: incoming.user,
            client_language: incoming.client_language.as_deref(),
            replied: known.replied.as_ref(),
            native: self.native,
            answers_small_talk: self.answers_small_talk,
            translates: self.store.signals.translates(),
            message_id: incoming.message_id,
            // Short enough to be read out and typed in.
            seed: u64::from(rand::random::<u32>()),
            examples: &self.examples,
            jobs: &known.jobs,
            job: known.job.as_ref(),
            pictures: &known.pictures,
            recent: &known.recent,
            linked: known.linked.as_ref(),
        };
        Ok(respond(state, &incoming.event, &context))
    }

    async fn look_up(&self, incoming: &Incoming) -> Result<Known, StoreError> {
        let (event, mut known) = (&incoming.event, Known::default());
        if event.concerns_queue() {
            let jobs = self.store.queue.pending_of(incoming.user).await?;
            known.jobs = jobs.into_iter().map(|(job, position)| OwnJob { job, position }).collect();
        }
        if let Some(job) = event.concerned_job() {
            known.job = self.store.queue.job(job).await?;
            if event.concerns_pictures() {
                known.pictures = self.pictures_of(job).await?;
            }
        }
        if let Some(before) = event.concerned_history() {
            let limit = history::ON_A_PAGE as u32 + 1;
            // What was asked for in private is not shown in a group.
            let chat = Some(incoming.chat_id).filter(|chat_id| *chat_id < 0);
            known.recent = self.store.archive.recent(incoming.user, chat, before, limit).await?;
        }
        if let Some(token) = event.concerned_link() {
            known.linked = self.store.archive.shared(token).await?;
        }
        known.replied = self.replied(incoming).await?;
        Ok(known)
    }

    /// A job's pictures and their sizes.
    async fn pictures_of(&self, job: JobId) -> Result<Vec<GivenPicture>, StoreError> {
        let infos = self.store.archive.picture_infos(job).await?;
        let given = |(index, info): (u32, crate::jobs::PictureInfo)| GivenPicture {
            source: Source::Result(job, index),
            width: info.width,
            height: info.height,
            message_id: 0,
        };
        Ok((0..).zip(infos).map(given).collect())
    }

    /// The picture that the message answers: one of ours, or somebody's.
    async fn replied(&self, incoming: &Incoming) -> Result<Option<Replied>, StoreError> {
        if let Some((job, index)) = self.job_of_reply(incoming).await? {
            let pictures = self.pictures_of(job.id).await?;
            let picture = pictures.into_iter().nth(index.unwrap_or(0) as usize);
            return Ok(picture.map(|picture| Replied::Result { job: Box::new(job), picture }));
        }
        Ok(incoming.reply.as_ref().and_then(|answered| answered.picture.clone()).map(Replied::Picture))
    }

    /// The job of this chat whose message is answered, and which of its pictures.
    pub(super) async fn job_of_reply(
        &self,
        incoming: &Incoming,
    ) -> Result<Option<(JobSummary, Option<u32>)>, StoreError> {
        let Some(answered) = &incoming.reply else { return Ok(None) };
        let noted = self.store.archive.job_of_message(incoming.chat_id, answered.message_id).await?;
        let Some((job, index)) = noted.or(answered.job) else { return Ok(None) };
        let job = self.store.queue.job(job).await?;
        let job = job.filter(|job| job.chat().is_some_and(|chat| chat.chat_id == incoming.chat_id));
        Ok(job.map(|job| (job, index)))
    }
}
