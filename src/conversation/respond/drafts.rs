//! Drafts on their way: what is asked next, and the start.

use super::Turn;
use crate::conversation::draft::{Awaited, Draft, Lacking};
use crate::conversation::flags::{self, Flagged};
use crate::conversation::mode::Mode;
use crate::conversation::{Message, Replied, StatusMessage, card, scales, shorten};

/// As much is shown of words that are not understood.
const SHOWN_WORDS: usize = 100;

impl Turn<'_> {
    /// A mode by its command: with the words behind it, and the picture that is answered.
    pub(super) fn begin(&mut self, mode: Mode, argument: &str) {
        let mut draft = self.state.new_draft(mode);
        draft.reply_to = Some(self.context.message_id);
        draft.pictures.extend(self.context.replied.map(|replied| replied.picture().clone()));
        if argument.is_empty() || self.read_words(argument, &mut draft) {
            self.advance(draft);
        }
    }

    /// A mode by its button in the menu.
    pub(super) fn begin_anew(&mut self, mode: Mode) {
        let draft = self.state.new_draft(mode);
        self.advance(draft);
    }

    /// Asks for the first thing that the draft lacks, or goes on to its end.
    pub(super) fn advance(&mut self, mut draft: Draft) {
        let language = self.language;
        let question = match draft.lacks() {
            Some(Lacking::Picture) => {
                draft.awaits = Some(Awaited::Picture);
                Message::plain(language.text(&format!("ask-picture-{}", draft.mode.name())))
            }
            Some(Lacking::Part) => {
                draft.awaits = Some(Awaited::Picture);
                Message::plain(language.text("ask-second-part"))
            }
            Some(Lacking::Prompt) => {
                draft.awaits = Some(Awaited::Prompt);
                Message::plain(language.text(&format!("ask-prompt-{}", draft.mode.name())))
            }
            Some(Lacking::Mask) => {
                draft.awaits = None;
                card::marks(language, &draft)
            }
            Some(Lacking::Extension) => {
                draft.awaits = None;
                card::card(language, &draft, self.context.native)
            }
            Some(Lacking::Scale) => return self.ask_scale(draft),
            None => return self.complete(draft),
        };
        let question = match draft.awaits {
            Some(_) => self.to_be_answered(question).row([card::discard_button(language, &draft)]),
            None => question,
        };
        self.keep(draft);
        self.show(question);
    }

    /// How many times as large? Where nothing is possible, says so instead.
    fn ask_scale(&mut self, mut draft: Draft) {
        let question = card::scales(self.language, &draft);
        if question.buttons.is_empty() {
            self.forget_draft();
        } else {
            draft.awaits = Some(Awaited::Scale);
            self.keep(draft);
        }
        self.show(question);
    }

    /// The words that go with a draft's picture: how many times as large, or a description with flags. If they can not be
    /// used, says so; false if the draft can not go on. To be described, a picture needs no words.
    pub(super) fn read_words(&mut self, words: &str, draft: &mut Draft) -> bool {
        match draft.mode {
            Mode::Upscale => self.read_scale(words, draft),
            Mode::Describe => self.tell_unread(words),
            _ => return self.read_prompt(words, draft),
        }
        true
    }

    /// Words and flags that a description does not need.
    fn tell_unread(&mut self, words: &str) {
        let flagged =
            flags::parse(words).unwrap_or_else(|_| Flagged { prompt: words.to_owned(), ..Flagged::default() });
        let mut lines = Vec::new();
        if !flagged.prompt.is_empty() {
            let words = shorten(&flagged.prompt, SHOWN_WORDS).into();
            lines.push(self.language.text_with("describe-without-text", [("words", words)]));
        }
        if !flagged.flags().is_empty() {
            lines.push(self.language.text("describe-without-flags"));
        }
        self.tell(&lines);
    }

    fn read_scale(&mut self, words: &str, draft: &mut Draft) {
        draft.scale = scales::scale_of(words);
        if draft.scale.is_none() {
            let words = shorten(words, SHOWN_WORDS);
            self.say_text(self.language.text_with("upscale-unread", [("words", words.into())]));
        }
    }

    /// In a group the bot hears only what answers it.
    pub(super) fn to_be_answered(&self, mut question: Message) -> Message {
        if !self.context.is_private() {
            question.text = format!("{}\n{}", question.text, self.language.text("answer-this-message"));
        }
        question
    }

    /// All is there: mixes, variations and changes show their card; the others begin.
    fn complete(&mut self, mut draft: Draft) {
        draft.awaits = None;
        match draft.mode {
            Mode::Mix | Mode::Vary | Mode::Change | Mode::Outpaint => self.show_card(draft),
            Mode::Draw | Mode::Inpaint | Mode::Settings => self.finish(draft),
            Mode::Upscale | Mode::Describe => {
                self.tell_left_out(&draft);
                let status = if self.in_place { StatusMessage::Pressed } else { StatusMessage::New };
                self.start_draft(draft, status);
            }
        }
    }

    /// Says that only the first of several pictures is described; where there is a question or a card, that says so.
    fn tell_left_out(&mut self, draft: &Draft) {
        if draft.mode == Mode::Describe && draft.left_out > 0 {
            let count = draft.pictures.len().into();
            self.say_text(self.language.text_with("card-left-out", [("count", count)]));
        }
    }

    /// The last question was answered: the card in the official order, or the start.
    pub(super) fn finish(&mut self, draft: Draft) {
        if draft.lacks().is_some() {
            return self.advance(draft);
        }
        let goes_at_once = matches!(draft.mode, Mode::Draw | Mode::Inpaint) && !self.state.classic;
        if goes_at_once && !draft.has_card {
            self.start_draft(draft, StatusMessage::New);
        } else {
            self.show_card(draft);
        }
    }

    /// Shows the card of a draft.
    pub(super) fn show_card(&mut self, mut draft: Draft) {
        if matches!(draft.mode, Mode::Upscale | Mode::Describe) {
            // There is nothing to choose but the scale.
            return self.advance(draft);
        }
        self.tell_unused(&mut draft);
        draft.awaits = None;
        draft.has_card = true;
        let message = card::card(self.language, &draft, self.context.native);
        self.keep(draft);
        self.show(message);
    }

    /// Something was typed for a card: a new card below it, with other buttons than the old one.
    pub(super) fn back_to_card(&mut self, mut draft: Draft) {
        draft.number = self.state.next_number();
        self.show_card(draft);
    }

    /// Queues what a draft says.
    pub(super) fn start_draft(&mut self, mut draft: Draft, status: StatusMessage) {
        self.forget_draft();
        self.tell_unused(&mut draft);
        match draft.order(self.context.native, self.context.seed) {
            Ok((recipe, inputs)) => self.enqueue(recipe, inputs, draft.reply_to, status),
            Err(error) => self.prompt_error(&error),
        }
    }
}

impl Replied {
    /// The picture that the answered message shows.
    pub(super) fn picture(&self) -> &crate::conversation::GivenPicture {
        match self {
            Self::Picture(picture) | Self::Result { picture, .. } => picture,
        }
    }
}
