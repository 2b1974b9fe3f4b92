//! Words: prompts with their flags, and answers to what the bot asked.

use super::Turn;
use crate::conversation::draft::{Awaited, Draft, Mode};
use crate::conversation::flags::{self, FlagError, Flagged};
use crate::conversation::{Button, CardPress, ExampleKey, Message, Press, Replied, StatusMessage, shorten};
use crate::recipe::{PROMPT_LIMIT, RecipeError};

/// As much is shown of a flag that is not understood; a message has an end.
const SHOWN_FLAG: usize = 100;

impl Turn<'_> {
    /// Plain words: an answer to a question, a new text for a picture that is answered, or a prompt.
    pub(super) fn text(&mut self, text: &str) {
        match (self.draft().and_then(|draft| draft.awaits), self.context.replied) {
            (Some(Awaited::Prompt), _) => self.prompt_answer(text),
            (Some(Awaited::Negative), _) => self.negative_answer(text),
            (Some(Awaited::Seed), _) => self.seed_answer(text),
            (_, Some(Replied::Result { job, .. })) => self.remix(job, text),
            (_, Some(Replied::Picture(picture))) => {
                let picture = picture.clone();
                self.captioned(vec![picture], text);
            }
            (Some(Awaited::Picture), None) if self.takes_text() => self.text_before_picture(text),
            _ => self.imagine(text),
        }
    }

    /// Draws a prompt with the chat's settings and its own flags: at once, or the card first.
    pub(super) fn imagine(&mut self, text: &str) {
        if let Some(Replied::Picture(picture)) = self.context.replied {
            let picture = picture.clone();
            return self.captioned(vec![picture], text);
        }
        let mut draft = self.state.new_draft(Mode::Draw);
        draft.reply_to = Some(self.context.message_id);
        if self.read_prompt(text, &mut draft) {
            self.finish(draft);
        }
    }

    /// A message was changed after it was sent. What came of it stays; the new words are drawn if the user says so.
    pub(super) fn edited(&mut self, prompt: Option<&str>) {
        let Some(prompt) = prompt.filter(|prompt| !prompt.trim().is_empty() && self.draft().is_none()) else {
            return self.say_key("edited");
        };
        let mut draft = self.state.new_draft(Mode::Draw);
        draft.reply_to = Some(self.context.message_id);
        if self.read_prompt(prompt, &mut draft) {
            let button =
                Button::named(self.language, "button-draw-edited", Press::Card(draft.number, CardPress::Start));
            self.keep(draft);
            self.say(Message::plain(self.language.text("edited-offer")).row([button]));
        }
    }

    /// Puts a text with its flags into a draft. If that can not be, says why.
    pub(super) fn read_prompt(&mut self, text: &str, draft: &mut Draft) -> bool {
        match flags::parse(text) {
            Ok(flagged) => self.take_flagged(flagged, draft),
            Err(error) => {
                self.say_text(self.flag_error(&error));
                false
            }
        }
    }

    fn take_flagged(&mut self, flagged: Flagged, draft: &mut Draft) -> bool {
        let problem = match crate::recipe::check_prompt(&flagged.prompt) {
            Ok(prompt) => {
                draft.prompt = prompt;
                None
            }
            // Flags alone, for a picture that needs no words.
            Err(RecipeError::EmptyPrompt) if !draft.pictures.is_empty() && draft.mode != Mode::Change => None,
            Err(error) => Some(error),
        };
        if let Some(error) = problem {
            self.prompt_error(&error);
            return false;
        }
        draft.ratio = flagged.ratio.unwrap_or(draft.ratio);
        draft.negative = flagged.negative.or(draft.negative.take());
        draft.seed = flagged.seed.or(draft.seed);
        draft.style = flagged.style.unwrap_or(draft.style);
        draft.count = flagged.count.unwrap_or(draft.count);
        draft.steps = flagged.steps.or(draft.steps);
        draft.strength = flagged.strength.unwrap_or(draft.strength);
        if let Some(share) = flagged.picture_share.filter(|_| draft.pictures.len() == 1 && draft.parts() == 2) {
            draft.weights = vec![share, 100 - share];
        }
        true
    }

    fn flag_error(&self, error: &FlagError) -> String {
        let language = self.language;
        match error {
            FlagError::Unknown { name, nearest: Some(nearest) } => language.text_with(
                "flag-misspelt",
                [("name", shorten(name, SHOWN_FLAG).into()), ("nearest", (*nearest).into())],
            ),
            FlagError::Unknown { name, nearest: None } => {
                language.text_with("flag-unknown", [("name", shorten(name, SHOWN_FLAG).into())])
            }
            FlagError::Value { name, value } => language.text_with(
                "flag-value",
                [
                    ("name", (*name).into()),
                    ("value", shorten(value, SHOWN_FLAG).into()),
                    ("hint", language.text(&hint(name)).into()),
                ],
            ),
        }
    }

    /// Says what is wrong with a prompt.
    pub(super) fn prompt_error(&mut self, error: &RecipeError) {
        match error {
            RecipeError::LongPrompt { length } => self.say_text(
                self.language
                    .text_with("prompt-too-long", [("length", (*length).into()), ("limit", PROMPT_LIMIT.into())]),
            ),
            _ => self.ask_for_prompt(),
        }
    }

    fn ask_for_prompt(&mut self) {
        let example = self.context.examples.first().map(|example| example.prompt(self.language).to_owned());
        let example = example.unwrap_or_else(|| self.language.text("prompt-example"));
        self.say_text(self.language.text_with("prompt-empty", [("example", example.into())]));
    }

    pub(super) fn example(&mut self, key: ExampleKey) {
        let prompt = self.context.examples.get(key.index).map(|example| example.prompt(key.language));
        match prompt {
            Some(prompt) if ExampleKey::new(key.index, key.language, prompt) == key => {
                let mut draft = self.state.new_draft(Mode::Draw);
                if self.read_prompt(prompt, &mut draft) {
                    self.start_draft(draft, StatusMessage::New);
                }
            }
            _ => self.stale(),
        }
    }

    /// The description that was asked for.
    fn prompt_answer(&mut self, text: &str) {
        let Some(mut draft) = self.draft().cloned() else { return };
        if self.read_prompt(text, &mut draft) {
            draft.awaits = None;
            draft.reply_to = Some(self.context.message_id);
            self.finish(draft);
        }
    }

    fn negative_answer(&mut self, text: &str) {
        let Some(mut draft) = self.draft().cloned() else { return };
        match crate::recipe::check_prompt(text) {
            Ok(negative) if draft.mode == Mode::Settings => {
                self.forget_draft();
                self.set_negative(Some(negative));
            }
            Ok(negative) => {
                draft.negative = Some(negative);
                self.back_to_card(draft);
            }
            Err(error) => self.prompt_error(&error),
        }
    }

    fn seed_answer(&mut self, text: &str) {
        let Some(mut draft) = self.draft().cloned() else { return };
        match text.trim().parse() {
            Ok(seed) if draft.mode == Mode::Settings => {
                self.forget_draft();
                self.set_seed(Some(seed));
            }
            Ok(seed) => {
                draft.seed = Some(seed);
                self.back_to_card(draft);
            }
            Err(_) => self.say_key("seed-no-number"),
        }
    }

    /// Whether the picture that is waited for may be joined by a text.
    fn takes_text(&self) -> bool {
        self.draft().is_some_and(|draft| !matches!(draft.mode, Mode::Vary | Mode::Settings))
    }

    /// A text while a picture is waited for: a part of the mix, or what the picture shall become.
    fn text_before_picture(&mut self, text: &str) {
        let Some(mut draft) = self.draft().cloned() else { return };
        if self.read_prompt(text, &mut draft) {
            draft.reply_to = Some(self.context.message_id);
            self.advance(draft);
        }
    }
}

/// The key of the line that says what the value of a flag may be.
fn hint(flag: &str) -> String {
    format!("flag-hint-{flag}")
}
