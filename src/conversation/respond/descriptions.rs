//! Buttons below the description of a picture.

use super::Turn;
use crate::conversation::DescribedPress;
use crate::conversation::description::prompt;
use crate::conversation::draft::Draft;
use crate::conversation::mode::Mode;
use crate::jobs::JobSummary;

impl Turn<'_> {
    /// The description becomes a prompt in the chat's language: it is drawn, or changed first.
    pub(super) fn described_press(&mut self, job: &JobSummary, press: DescribedPress) {
        match (self.draft_described(job), press) {
            (Some(draft), DescribedPress::Draw) => self.finish(draft),
            (Some(draft), DescribedPress::Edit) => self.ask_for_other_prompt(draft),
            (None, _) => self.stale(),
        }
    }

    /// A draft with the chat's settings, and with the style that was recognized.
    fn draft_described(&self, job: &JobSummary) -> Option<Draft> {
        let description = job.warnings.description.as_deref()?;
        let mut draft = self.state.new_draft(Mode::Draw);
        draft.prompt = prompt(self.language, description)?;
        draft.style = description.style.map_or(draft.style, |recognized| recognized.style);
        draft.reply_to = self.request_of(job);
        Some(draft)
    }
}
