//! Presses on the buttons of a card.

use super::Turn;
use crate::conversation::card_press::CardPress;
use crate::conversation::draft::{Awaited, Draft};
use crate::conversation::{Action, MaskShown, Message, Press, StatusMessage, card, choices, style_picker};
use crate::jobs::Marking;

impl Turn<'_> {
    pub(super) fn card_press(&mut self, number: u32, press: CardPress) {
        match self.draft().filter(|draft| draft.number == number).cloned() {
            Some(draft) => {
                // Below a mask stands a picture: what comes next is said anew.
                self.in_place = !matches!(
                    press,
                    CardPress::MaskRight | CardPress::MarkAgain | CardPress::Invert | CardPress::Wider
                ) || draft.marking.is_none();
                self.card_press_of(draft, press);
            }
            None if self.state.drafts.values().any(|draft| draft.number == number) => {
                self.toast(self.language.text("card-not-yours"));
            }
            None => self.stale(),
        }
    }

    fn card_press_of(&mut self, mut draft: Draft, press: CardPress) {
        let language = self.language;
        let number = draft.number;
        let wrap = move |press| Press::Card(number, press);
        match press {
            CardPress::Start if draft.lacks().is_none() => self.start_draft(draft, StatusMessage::Pressed),
            CardPress::Start => self.advance(draft),
            CardPress::Close => self.close(),
            CardPress::Styles(page) => self.show(style_picker::for_card(language, number, draft.style, page)),
            CardPress::Ratios => self.show(choices::ratios(language, draft.ratio, self.context.native, wrap)),
            CardPress::Counts => self.show(choices::counts(language, draft.count, wrap)),
            CardPress::Show => self.show_card(draft),
            CardPress::Prompt => self.ask(draft, Awaited::Prompt, "card-ask-prompt", None),
            CardPress::Negative => {
                let without = Some(("button-no-negative", CardPress::NoNegative));
                self.ask(draft, Awaited::Negative, "card-ask-negative", without);
            }
            CardPress::Seed => {
                let without = Some(("button-random-seed", CardPress::RandomSeed));
                self.ask(draft, Awaited::Seed, "card-ask-seed", without);
            }
            CardPress::NoPrompt => {
                draft.awaits = None;
                draft.prompt.clear();
                if draft.has_card || self.state.classic {
                    self.show_card(draft);
                } else {
                    self.start_draft(draft, StatusMessage::Pressed);
                }
            }
            CardPress::Use(mode) | CardPress::UseAlways(mode) => {
                if matches!(press, CardPress::UseAlways(_)) {
                    self.state.captions = Some(mode);
                }
                draft.mode = mode;
                self.advance(draft);
            }
            CardPress::Painted
            | CardPress::MaskFile
            | CardPress::Areas
            | CardPress::Area(_)
            | CardPress::MaskRight
            | CardPress::Invert
            | CardPress::Wider
            | CardPress::MarkAgain => self.mark_press(draft, press),
            CardPress::Scale(scale) => {
                draft.scale = Some(scale);
                self.advance(draft);
            }
            choice => {
                choose(&mut draft, choice);
                self.show_card(draft);
            }
        }
    }

    fn close(&mut self) {
        self.forget_draft();
        let message = Message::plain(self.language.text("draft-forgotten"));
        self.edit(message);
    }

    fn ask(&mut self, mut draft: Draft, what: Awaited, key: &str, without: Option<(&str, CardPress)>) {
        draft.awaits = Some(what);
        draft.has_card = true;
        let question = self.to_be_answered(card::question(self.language, &draft, key, without));
        self.keep(draft);
        self.show(question);
    }

    fn mark_press(&mut self, mut draft: Draft, press: CardPress) {
        let language = self.language;
        match press {
            CardPress::Painted => self.wait_for_mark(draft, Awaited::Painted, "mark-paint-how"),
            CardPress::MaskFile => self.wait_for_mark(draft, Awaited::MaskFile, "mark-file-how"),
            CardPress::Areas => self.show(card::areas(language, &draft)),
            CardPress::Area(area) => {
                self.in_place = false;
                self.marked(draft, Marking::Area(area));
            }
            CardPress::Invert => {
                draft.inverted = !draft.inverted;
                self.show_mask(draft, true);
            }
            CardPress::Wider => {
                draft.wider += 1;
                self.show_mask(draft, true);
            }
            CardPress::MaskRight if draft.prompt.is_empty() => {
                draft.awaits = Some(Awaited::Prompt);
                let question = self.to_be_answered(card::optional_prompt(language, &draft));
                self.keep(draft);
                self.show(question);
            }
            CardPress::MaskRight => self.finish(draft),
            _ => {
                (draft.marking, draft.inverted, draft.wider, draft.awaits) = (None, false, 0, None);
                self.advance(draft);
            }
        }
    }

    fn wait_for_mark(&mut self, mut draft: Draft, what: Awaited, key: &str) {
        draft.awaits = Some(what);
        let question = Message::plain(self.language.text(key)).row([crate::conversation::Button::named(
            self.language,
            "button-back",
            Press::Card(draft.number, CardPress::MarkAgain),
        )]);
        self.keep(draft);
        let question = self.to_be_answered(question);
        self.show(question);
    }

    /// The user marked what shall be drawn anew: shows it.
    pub(super) fn marked(&mut self, mut draft: Draft, marking: Marking) {
        draft.marking = Some(marking);
        draft.awaits = None;
        self.show_mask(draft, false);
    }

    fn show_mask(&mut self, draft: Draft, in_place: bool) {
        if let Some(plan) = draft.mask_plan() {
            let message = card::mask_question(self.language, &draft);
            self.actions.push(Action::ShowMask(MaskShown { plan, message, in_place }));
        }
        self.keep(draft);
    }
}

/// Takes a choice of the card over.
pub(super) fn choose(draft: &mut Draft, press: CardPress) {
    match press {
        CardPress::Style(style) => draft.style = style,
        CardPress::Ratio(ratio) => draft.ratio = ratio,
        CardPress::Count(count) => draft.count = count,
        CardPress::NoNegative => draft.negative = None,
        CardPress::RandomSeed => draft.seed = None,
        CardPress::More => draft.shift_weight(true),
        CardPress::Less => draft.shift_weight(false),
        CardPress::Focus => draft.focus = (draft.focus + 1) % draft.parts().max(1),
        CardPress::Strength(percent) => draft.strength = percent,
        CardPress::Closeness(percent) => draft.closeness = percent,
        CardPress::Extend(extension) => draft.extension = Some(extension),
        _ => {}
    }
}
