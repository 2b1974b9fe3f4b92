//! Words: prompts with their flags, and answers to what the bot asked.

use super::Turn;
use crate::conversation::draft::{Awaited, Draft};
use crate::conversation::flag::Flag;
use crate::conversation::flags::{self, FlagError, Flagged};
use crate::conversation::mode::Mode;
use crate::conversation::scales::scale_of;
use crate::conversation::setting_words::is_off;
use crate::conversation::small_talk::{SmallTalk, small_talk};
use crate::conversation::{Button, CardPress, ExampleKey, Message, Press, Replied, StatusMessage, menu, shorten};
use crate::recipe::{PROMPT_LIMIT, RecipeError, check_prompt};

/// As much is shown of a flag that is not understood; a message has an end.
const SHOWN_FLAG: usize = 100;

impl Turn<'_> {
    /// Plain words: an answer to a question, a new text for a picture that is answered, or a prompt.
    pub(super) fn text(&mut self, text: &str) {
        if let (Some(draft), Some(scale)) = (self.draft(), scale_of(text))
            && draft.awaits == Some(Awaited::Scale)
        {
            let draft = Draft { scale: Some(scale), ..draft.clone() };
            return self.advance(draft);
        }
        match (self.draft().and_then(|draft| draft.awaits), self.context.replied) {
            (Some(Awaited::Prompt), _) => self.prompt_answer(text),
            (Some(Awaited::Negative), _) => self.negative_answer(text),
            (Some(Awaited::Seed), _) => self.seed_answer(text),
            (Some(Awaited::English), _) => self.english_answer(text),
            (_, Some(Replied::Result { job, .. })) => self.remix(job, text),
            (_, Some(Replied::Picture(picture))) => {
                let picture = picture.clone();
                self.captioned(vec![picture], text);
            }
            (Some(Awaited::Picture), None) if self.takes_text() => self.text_before_picture(text),
            _ => match small_talk(text).filter(|_| self.context.answers_small_talk) {
                Some(kind) => self.answer_small_talk(kind, text),
                None => self.imagine(text),
            },
        }
    }

    /// Draws a prompt with the chat's settings and its own flags: at once, or the card first.
    pub(super) fn imagine(&mut self, text: &str) {
        if let Some(Replied::Picture(picture)) = self.context.replied {
            let picture = picture.clone();
            return self.captioned(vec![picture], text);
        }
        if self.offer_corrected(text) {
            return;
        }
        let mut draft = self.state.new_draft(Mode::Draw);
        draft.reply_to = Some(self.context.message_id);
        if self.read_prompt(text, &mut draft) {
            self.finish(draft);
        }
    }

    /// Answers what is no description, with prompts to try; the words are drawn all the same if the user wants.
    fn answer_small_talk(&mut self, kind: SmallTalk, text: &str) {
        let mut message = Message::plain(self.language.text(kind.key()));
        message.buttons = menu::example_rows(self.language, self.context.examples);
        let mut draft = self.state.new_draft(Mode::Draw);
        draft.reply_to = Some(self.context.message_id);
        if kind != SmallTalk::SignsAlone && self.draft().is_none() && self.read_prompt(text, &mut draft) {
            let press = Press::Card(draft.number, CardPress::Start);
            message = message.row([Button::named(self.language, "button-draw-anyway", press)]);
            self.keep(draft);
        }
        self.say(message);
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
        match self.read_flags(text) {
            Some(flagged) => self.take_flagged(flagged, draft),
            None => false,
        }
    }

    /// A text and its flags. If they can not be understood, says why.
    pub(super) fn read_flags(&mut self, text: &str) -> Option<Flagged> {
        let flagged = match flags::parse(text) {
            Ok(flagged) => flagged,
            Err(error) => {
                self.say_text(self.flag_error(&error));
                return None;
            }
        };
        if let Some(Err(error)) = flagged.negative.as_deref().map(check_prompt) {
            self.negative_error(&error);
            return None;
        }
        Some(flagged)
    }

    pub(super) fn take_flagged(&mut self, flagged: Flagged, draft: &mut Draft) -> bool {
        match check_prompt(&flagged.prompt) {
            Ok(prompt) => draft.prompt = prompt,
            // Flags alone: for a picture, or for words that are there or are yet to come.
            Err(RecipeError::EmptyPrompt)
                if !draft.pictures.is_empty()
                    || !draft.prompt.is_empty()
                    || (draft.mode != Mode::Draw && !flagged.flags().is_empty()) => {}
            Err(error) => {
                self.prompt_error(&error);
                return false;
            }
        }
        draft.take_flags(flagged);
        true
    }

    /// Says what was understood and can do nothing for this picture, before it is drawn or its card is shown.
    pub(super) fn tell_unused(&mut self, draft: &mut Draft) {
        let mut lines = self.unused_lines(&draft.unused_flags());
        draft.flags.clear();
        if draft.mode == Mode::Vary && !draft.prompt.is_empty() {
            let prompt = shorten(&std::mem::take(&mut draft.prompt), SHOWN_FLAG);
            lines.push(self.language.text_with("vary-without-text", [("prompt", prompt.into())]));
        }
        self.tell(&lines);
    }

    /// A line for each flag that can do nothing.
    pub(super) fn unused_lines(&self, flags: &[Flag]) -> Vec<String> {
        flags.iter().map(|flag| self.language.text(&format!("flag-unused-{}", flag.name()))).collect()
    }

    pub(super) fn tell(&mut self, lines: &[String]) {
        if !lines.is_empty() {
            self.say_text(lines.join("\n"));
        }
    }

    fn flag_error(&self, error: &FlagError) -> String {
        let language = self.language;
        let named = |flag: &Flag| ("name", flag.name().into());
        let shown = |text: &str| shorten(text, SHOWN_FLAG).into();
        match error {
            FlagError::Unknown { name, nearest: Some(nearest) } => {
                let meant =
                    language.text_with("flag-misspelt", [("name", shown(name)), ("nearest", nearest.name().into())]);
                format!("{meant} {}", language.text("correct-and-send"))
            }
            FlagError::Unknown { name, nearest: None } => language.text_with("flag-unknown", [("name", shown(name))]),
            FlagError::Value { flag, value } => {
                let hint = language.text(&format!("flag-hint-{}", flag.name()));
                language.text_with("flag-value", [named(flag), ("value", shown(value)), ("hint", hint.into())])
            }
            FlagError::Scale { flag, value } => {
                language.text_with("flag-scale", [named(flag), ("value", shown(value))])
            }
            FlagError::Twice { flag } => language.text_with("flag-twice", [named(flag)]),
        }
    }

    /// Says what is wrong with a negative prompt.
    pub(super) fn negative_error(&mut self, error: &RecipeError) {
        match error {
            RecipeError::LongPrompt { length } => self.say_text(
                self.language
                    .text_with("negative-too-long", [("length", (*length).into()), ("limit", PROMPT_LIMIT.into())]),
            ),
            _ => self.say_key("flag-hint-no"),
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
        match negative_of(text) {
            Ok(negative) if draft.mode == Mode::Settings => {
                self.forget_draft();
                self.set_negative(negative);
            }
            Ok(negative) => {
                draft.negative = negative;
                self.back_to_card(draft);
            }
            Err(error) => self.negative_error(&error),
        }
    }

    fn seed_answer(&mut self, text: &str) {
        let Some(mut draft) = self.draft().cloned() else { return };
        match seed_of(text) {
            Some(seed) if draft.mode == Mode::Settings => {
                self.forget_draft();
                self.set_seed(seed);
            }
            Some(seed) => {
                draft.seed = seed;
                self.back_to_card(draft);
            }
            None => self.say_key("seed-no-number"),
        }
    }

    /// Whether the picture that is waited for may be joined by a text.
    fn takes_text(&self) -> bool {
        self.draft()
            .is_some_and(|draft| !matches!(draft.mode, Mode::Vary | Mode::Upscale | Mode::Describe | Mode::Settings))
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

/// What shall not be there; nothing for a word such as «нет».
pub(super) fn negative_of(text: &str) -> Result<Option<String>, RecipeError> {
    if is_off(text) { Ok(None) } else { check_prompt(text).map(Some) }
}

/// A seed; any for a word such as «выкл». `None` if the text is neither.
pub(super) fn seed_of(text: &str) -> Option<Option<u64>> {
    if is_off(text) { Some(None) } else { text.trim().parse().ok().map(Some) }
}
