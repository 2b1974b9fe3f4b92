//! Inline mode: a person's own pictures, to be sent into any chat. Nothing is drawn there.

use teloxide::types::InlineQuery;

use super::api::InlinePhoto;
use super::handler::Handler;
use super::updates::requester;
use crate::conversation::{result, shorten};
use crate::i18n::Language;
use crate::jobs::{DeliveredJob, JobId, QueueError, Requester};

/// How many jobs one answer holds; with four pictures each, below the 50 results that are allowed
/// (<https://core.telegram.org/bots/api#answerinlinequery>).
const JOBS: u32 = 12;
const RESULTS: usize = 50;
const TITLE: usize = 60;

impl Handler {
    /// Answers an inline query.
    pub(super) async fn inline(&self, query: InlineQuery) {
        let language = Language::from_code(query.from.language_code.as_deref());
        let person = requester(query.from.id);
        let is_served = self.gate.serves_inline(person).await;
        let found = match is_served {
            true => self.photos(person, language, &query.query, &query.offset).await,
            false => Ok((Vec::new(), String::new())),
        };
        let (photos, next) = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "an inline query can not be answered");
                return;
            }
        };
        // It leads to the bot's own chat, where whoever is not served hears why.
        let words = if is_served { "inline-nothing" } else { "inline-not-served" };
        let button = (photos.is_empty() && query.offset.is_empty()).then(|| language.text(words));
        if let Err(fault) = self.api.answer_inline(query.id, photos, next, button).await {
            tracing::debug!(?fault, "an inline query was answered too late");
        }
    }

    async fn photos(
        &self,
        person: Requester,
        language: Language,
        words: &str,
        offset: &str,
    ) -> Result<(Vec<InlinePhoto>, String), QueueError> {
        let before = offset.parse().ok().map(JobId);
        let recent = self.queue.recent(person, before, JOBS).await?;
        let next = match recent.last() {
            Some(last) if recent.len() == JOBS as usize => last.job.id.to_string(),
            _ => String::new(),
        };
        let words = words.to_lowercase();
        let is_meant = |job: &&DeliveredJob| job.job.recipe.prompt().to_lowercase().contains(words.trim());
        let mut photos: Vec<InlinePhoto> =
            recent.iter().filter(is_meant).flat_map(|job| photos_of(language, job)).collect();
        photos.truncate(RESULTS);
        Ok((photos, next))
    }
}

fn photos_of(language: Language, delivered: &DeliveredJob) -> impl Iterator<Item = InlinePhoto> {
    let recipe = &delivered.job.recipe;
    delivered.messages.iter().filter_map(move |message| {
        // What is covered in a chat is not shown in another.
        let position = message.position.filter(|position| !delivered.job.remarks.doubtful.contains(position))?;
        Some(InlinePhoto {
            id: format!("{}-{position}", delivered.job.id),
            file_id: message.file_id.clone()?,
            title: shorten(recipe.prompt(), TITLE),
            caption: result::caption(language, &recipe.single(position), None),
        })
    })
}
