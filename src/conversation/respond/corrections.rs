//! Corrections of the English text by which a picture was drawn.

use super::Turn;
use crate::conversation::correction::Correction;
use crate::conversation::draft::{Awaited, Draft};
use crate::conversation::mode::Mode;
use crate::conversation::{Message, StatusMessage, flag_use, shorten};
use crate::jobs::{JobInputs, JobSummary};
use crate::recipe::{RecipeError, check_prompt, has_cyrillic};

/// As much is shown of each text.
const SHOWN: usize = 1000;

impl Turn<'_> {
    /// Waits for another English text for a job's recipe.
    pub(super) fn ask_for_english(&mut self, job: &JobSummary) {
        let Some((written, english)) = job.recipe.first_translated() else { return self.stale() };
        let shown = |text: &str| shorten(text, SHOWN).into();
        let question =
            self.language.text_with("english-ask", [("written", shown(written)), ("english", shown(english))]);
        let correction = Correction { job: job.id, recipe: job.recipe.clone(), written: written.to_owned() };
        self.keep(Draft {
            awaits: Some(Awaited::English),
            correction: Some(Box::new(correction)),
            ..self.state.new_draft(Mode::Draw)
        });
        self.say(self.to_be_answered(Message::plain(question)));
    }

    /// The English text that was asked for: the same picture by it, with the same seed.
    pub(super) fn english_answer(&mut self, text: &str) {
        let Some(correction) = self.draft().and_then(|draft| draft.correction.clone()) else { return };
        let Some(flagged) = self.read_flags(text) else { return };
        let english = match check_prompt(&flagged.prompt) {
            Ok(english) if is_english(&english) => english,
            Err(error @ RecipeError::LongPrompt { .. }) => return self.prompt_error(&error),
            _ => return self.say_key("english-needed"),
        };
        self.forget_draft();
        let mut recipe = correction.recipe_with(english);
        recipe.seed = flagged.seed.unwrap_or(recipe.seed);
        let unused = flag_use::apply(&flagged, &mut recipe, self.context.native);
        self.tell(&self.unused_lines(&unused));
        let inputs = if recipe.task.inputs() == 0 { JobInputs::None } else { JobInputs::SameAs(correction.job) };
        self.enqueue(recipe, inputs, Some(self.context.message_id), StatusMessage::New);
    }
}

/// Whether a text can be meant as English; names in Cyrillic letters may be in it.
fn is_english(text: &str) -> bool {
    !has_cyrillic(text) || text.chars().any(|letter| letter.is_ascii_alphabetic())
}
