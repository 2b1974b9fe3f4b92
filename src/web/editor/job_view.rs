//! A job as the page reads it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::SystemTime;

use serde_json::{Value, json};

use super::access::Visitor;
use super::describe;
use super::error::{EditorError, EditorResult, failure_key};
use super::links::link;
use super::state::EditorState;
use crate::gallery::GalleryJob;
use crate::i18n::Language;
use crate::jobs::{JobId, JobState, Warnings};

/// A job as it is at a moment.
pub(super) struct JobView {
    /// What the page reads.
    pub(super) json: Value,
    /// Differs where anything does.
    pub(super) revision: u64,
    pub(super) state: JobState,
    /// Tells previews apart.
    pub(super) preview: Option<usize>,
}

impl JobView {
    /// A job of a visitor as it is now.
    ///
    /// # Errors
    /// There is no such job of this visitor (any more).
    pub(super) async fn of(editor: &EditorState, visitor: Visitor, id: JobId) -> EditorResult<Self> {
        let job = editor.gallery.job_of(visitor.user, id).await?.ok_or_else(EditorError::not_found)?;
        let mut view = Self::without_place(editor, visitor, &job);
        if !has_ended(view.state) {
            let position = editor.store.queue.position(id).await?;
            if let Some(position) = position {
                view.json["place"] = position.number.saturating_sub(1).into();
                view.json["seconds_left"] = position.estimate.map(|estimate| estimate.as_secs()).into();
                view.json["paused"] = position.is_paused.into();
                view.json["loading"] = position.is_loading.into();
            }
        }
        view.seal();
        Ok(view)
    }

    fn without_place(editor: &EditorState, visitor: Visitor, job: &GalleryJob) -> Self {
        let state = job.job.state;
        let preview = editor.store.signals.preview(job.job.id).filter(|_| state == JobState::Running);
        let failure = (state == JobState::Failed).then(|| {
            let code = job.failure.map_or("engine", |failure| failure.name());
            json!({ "code": code, "message": visitor.language.text(failure_key(job.failure)) })
        });
        let pictures = if state_name(state) == "done" { describe::all_drawn(editor, job) } else { Vec::new() };
        let json = json!({
            "id": job.job.id.to_string(),
            "state": state_name(state),
            "place": null,
            "progress": if state_name(state) == "done" { 1.0 } else { job.job.progress },
            "seconds_left": null,
            "paused": false,
            "loading": false,
            "count": job.job.recipe.count,
            "parent": job.parent,
            "pictures": pictures,
            "failure": failure,
            "warnings": notes(visitor.language, &job.job.warnings),
        });
        let preview = preview.map(|preview| preview.as_ptr() as usize);
        let mut view = Self { json, revision: 0, state, preview };
        if preview.is_some() {
            let name = format!("j{}.preview.jpg", job.job.id);
            view.json["preview"] = json!({ "url": link(&editor.signer, &name, SystemTime::now()) });
        }
        view
    }

    /// Numbers the view by what is in it.
    fn seal(&mut self) {
        let mut hasher = DefaultHasher::new();
        (self.json.to_string(), self.preview).hash(&mut hasher);
        // Exact in JavaScript.
        self.revision = hasher.finish() >> 12;
        self.json["rev"] = self.revision.into();
        if let Some(url) = self.json.pointer_mut("/preview/url") {
            *url = format!("{}&r={}", url.as_str().unwrap_or_default(), self.revision).into();
        }
    }
}

/// What the user is to know about the pictures, a sentence each.
fn notes(language: Language, warnings: &Warnings) -> Vec<String> {
    let texts = [("result-unread", &warnings.truncated), ("result-unread-negative", &warnings.truncated_negative)];
    let cut = |(key, words): (&str, &Option<String>)| {
        words.as_ref().map(|words| language.text_with(key, [("words", words.clone().into())]))
    };
    let quoted = |word: &String| language.text_with("quoted-word", [("word", word.clone().into())]);
    let unknown: Vec<String> = warnings.unknown_words.iter().map(quoted).collect();
    let key = if warnings.knows_nothing { "result-knows-nothing" } else { "result-unknown-words" };
    let values = [("count", unknown.len().into()), ("words", unknown.join(", ").into())];
    let unknown = (!unknown.is_empty()).then(|| language.text_with(key, values));
    let resampled = warnings.resampled.then(|| language.text("result-resampled"));
    unknown.into_iter().chain(texts.into_iter().filter_map(cut)).chain(resampled).collect()
}

/// Whether nothing more happens to a job.
pub(super) fn has_ended(state: JobState) -> bool {
    !matches!(state, JobState::Queued | JobState::Running)
}

/// What the page calls a state.
pub(super) fn state_name(state: JobState) -> &'static str {
    match state {
        JobState::Queued => "queued",
        JobState::Running => "running",
        JobState::Drawn | JobState::Delivered => "done",
        JobState::Failed => "failed",
        JobState::Cancelled => "cancelled",
    }
}
