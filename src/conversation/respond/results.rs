//! Buttons below finished pictures, and the history.

use super::Turn;
use crate::conversation::draft::{Awaited, Draft, GivenPicture};
use crate::conversation::mode::Mode;
use crate::conversation::press::PicturePress;
use crate::conversation::{Action, Message, StatusMessage, card, history, result, style_picker};
use crate::jobs::{Input, JobId, JobInputs, JobState, JobSummary};
use crate::recipe::{Recipe, Settings, Task};
use crate::styles::Style;

impl Turn<'_> {
    /// The same recipe with another seed: another picture.
    pub(super) fn again(&mut self, job: JobId) {
        let Some(job) = self.known(job) else { return self.stale() };
        // A picture stays as it is; the line about a cancellation or a failure is of no use any more.
        let status = match job.state {
            JobState::Cancelled | JobState::Failed => StatusMessage::Pressed,
            _ => StatusMessage::New,
        };
        self.draw_again(job, job.recipe.with_seed(self.context.seed), status);
    }

    /// Queues a job's recipe, perhaps changed, with the job's own pictures.
    fn draw_again(&mut self, job: &JobSummary, recipe: Recipe, status: StatusMessage) {
        let inputs = if recipe.task.inputs() == 0 { JobInputs::None } else { JobInputs::SameAs(job.id) };
        let reply_to = self.request_of(job);
        self.enqueue(recipe, inputs, reply_to, status);
    }

    pub(super) fn restyles(&mut self, job: JobId) {
        let Some(job) = self.known(job) else { return self.stale() };
        self.say(style_picker::for_job(self.language, job.id, job.recipe.prompt(), job.recipe.style));
    }

    pub(super) fn restyle_page(&mut self, job: JobId, page: usize) {
        let Some(job) = self.known(job) else { return self.stale() };
        self.edit(style_picker::for_job_page(self.language, job.id, job.recipe.prompt(), job.recipe.style, page));
    }

    pub(super) fn restyle(&mut self, job: JobId, style: Style) {
        let Some(job) = self.known(job) else { return self.stale() };
        let recipe = Recipe { style, ..job.recipe.with_seed(self.context.seed) };
        self.draw_again(job, recipe, StatusMessage::Pressed);
    }

    /// Waits for another text for the same recipe.
    pub(super) fn reprompt(&mut self, job: JobId) {
        let Some(job) = self.known(job) else { return self.stale() };
        let draft = self.draft_from(job);
        self.ask_for_other_prompt(draft);
    }

    /// Waits for another description in place of a draft's own.
    pub(super) fn ask_for_other_prompt(&mut self, mut draft: Draft) {
        draft.awaits = Some(Awaited::Prompt);
        let key = if draft.prompt.is_empty() { "reprompt-new" } else { "reprompt" };
        let old = crate::conversation::shorten(&draft.prompt, 600);
        let discard = card::discard_button(self.language, &draft);
        self.keep(draft);
        let question = Message::plain(self.language.text_with(key, [("prompt", old.into())]));
        self.say(self.to_be_answered(question).row([discard]));
    }

    /// A draft of a job's recipe; of one that takes pictures, a change of the picture that came of it.
    fn draft_from(&mut self, job: &JobSummary) -> Draft {
        let takes_pictures = job.recipe.task.inputs() > 0;
        let mut draft = self.state.new_draft(if takes_pictures { Mode::Change } else { Mode::Draw });
        draft.prompt = job.recipe.prompt().to_owned();
        draft.take_parameters(&job.recipe);
        draft.reply_to = self.request_of(job);
        if takes_pictures {
            draft.pictures = self.context.pictures.first().cloned().into_iter().collect();
        }
        draft
    }

    pub(super) fn picture_press(&mut self, job: JobId, index: u32, press: PicturePress) {
        let Some(job) = self.known(job) else { return self.stale() };
        match press {
            PicturePress::AskDelete => return self.ask_delete(job, index),
            PicturePress::Keep => return self.edit_buttons(result::buttons(self.language, job, index)),
            _ => {}
        }
        let Some(picture) = self.context.pictures.get(index as usize).cloned() else {
            return self.toast(self.language.text("picture-gone"));
        };
        match press {
            PicturePress::Pick => {
                let message = Message {
                    text: self.language.text_with("result-picked", [("number", (index + 1).into())]),
                    buttons: result::buttons(self.language, job, index),
                };
                self.edit(message);
            }
            PicturePress::Vary => self.vary(job, picture),
            PicturePress::Mix => self.work_on(Mode::Mix, job, picture),
            PicturePress::Inpaint => self.work_on(Mode::Inpaint, job, picture),
            PicturePress::Outpaint => self.work_on(Mode::Outpaint, job, picture),
            PicturePress::Upscale => self.work_on(Mode::Upscale, job, picture),
            PicturePress::AskDelete | PicturePress::Keep => {}
        }
    }

    /// In a group the buttons belong to everybody: of others only an administrator may delete, and at once.
    fn ask_delete(&mut self, job: &JobSummary, index: u32) {
        if job.requester == self.context.user {
            self.edit_buttons(result::deletion_buttons(self.language, job.id, index));
        } else {
            self.actions.push(Action::Delete(job.id));
        }
    }

    /// Variations at once: nothing is asked.
    fn vary(&mut self, job: &JobSummary, picture: GivenPicture) {
        let Ok(task) = Task::variation(0.0) else { return };
        let recipe = Recipe {
            style: job.recipe.style,
            count: self.state.count,
            settings: Settings { size: job.recipe.settings.size, ..Settings::default() },
            ..Recipe::new(task, self.context.seed)
        };
        let inputs = JobInputs::Pending(vec![Input::Picture(picture.source)]);
        let reply_to = self.request_of(job);
        self.enqueue(recipe, inputs, reply_to, StatusMessage::New);
    }

    fn work_on(&mut self, mode: Mode, job: &JobSummary, picture: GivenPicture) {
        let mut draft = self.state.new_draft(mode);
        draft.pictures = vec![picture];
        draft.reply_to = self.request_of(job);
        self.advance(draft);
    }

    /// Everything that decided the picture, with ways to use it.
    pub(super) fn info(&mut self, job: &JobSummary) {
        self.say(result::info(self.language, job));
    }

    /// A job's recipe as a card.
    pub(super) fn open_card(&mut self, job: &JobSummary) {
        self.restore(&job.recipe, None);
    }

    pub(super) fn history(&mut self) {
        self.say(history::page(self.language, self.context.recent));
    }

    pub(super) fn history_page(&mut self) {
        self.edit(history::page(self.language, self.context.recent));
    }

    /// The message that the pictures of this job answer, as seen from this chat.
    pub(super) fn request_of(&self, job: &JobSummary) -> Option<i32> {
        job.chat().filter(|chat| chat.chat_id == self.context.chat_id)?.request_message_id
    }
}
