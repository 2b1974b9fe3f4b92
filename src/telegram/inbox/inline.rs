//! Inline mode: a user's own pictures, to be sent into any chat. Nothing is drawn there.

use std::time::Duration;

use super::handler::Handler;
use super::wire::InlineQuery;
use crate::conversation::{result, shorten};
use crate::i18n::Language;
use crate::jobs::{DeliveredJob, JobId, Requester, StoreError};
use crate::telegram::outbox::api::{InlineAnswer, InlinePhoto};
use crate::telegram::outbox::fault::Fault;

/// How many jobs one answer holds; with four pictures each, below the 50 results that are allowed
/// (<https://core.telegram.org/bots/api#answerinlinequery>).
const JOBS: u32 = 12;
const RESULTS: usize = 50;
const TITLE_LENGTH: usize = 60;
/// An answer that meets a fault is tried once more after this time; later it is of no use.
const RETRY_PAUSE: Duration = Duration::from_millis(500);

impl Handler {
    /// Answers an inline query.
    pub(super) async fn inline(&self, query: InlineQuery) {
        let language = Language::from_code(query.from.language_code.as_deref());
        let user = Requester(query.from.id);
        let is_served = self.access.serves_inline(user).await;
        let found = match is_served {
            true => self.photos(user, language, &query.query, &query.offset).await,
            false => Ok((Vec::new(), String::new())),
        };
        let (photos, next_offset) = match found {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "an inline query can not be answered");
                return;
            }
        };
        // It leads to the bot's own chat, where a user who is not served learns why.
        let words = if is_served { "inline-nothing" } else { "inline-not-served" };
        let button = (photos.is_empty() && query.offset.is_empty()).then(|| language.text(words));
        let answer = InlineAnswer { photos, next_offset, button };
        let mut outcome = self.api.answer_inline(query.id.clone(), answer.clone()).await;
        if let Err(Fault::Passing(_)) = outcome {
            tokio::time::sleep(RETRY_PAUSE).await;
            outcome = self.api.answer_inline(query.id, answer).await;
        }
        if let Err(fault) = outcome {
            tracing::debug!(?fault, "an inline query was answered too late");
        }
    }

    async fn photos(
        &self,
        user: Requester,
        language: Language,
        words: &str,
        offset: &str,
    ) -> Result<(Vec<InlinePhoto>, String), StoreError> {
        let before = offset.parse().ok().map(JobId);
        let recent = self.store.archive.recent(user, None, before, JOBS).await?;
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
        let position = message.position.filter(|position| !delivered.job.warnings.flagged.contains(position))?;
        Some(InlinePhoto {
            id: format!("{}-{position}", delivered.job.id),
            file_id: message.file_id.clone()?,
            title: shorten(recipe.prompt(), TITLE_LENGTH),
            caption: result::caption(language, &recipe.single(position), None),
        })
    })
}
