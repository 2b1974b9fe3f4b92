//! The chat's settings, by command and by button.

use super::Turn;
use super::texts::{negative_of, seed_of};
use crate::conversation::card_press::CardPress;
use crate::conversation::draft::Awaited;
use crate::conversation::mode::Mode;
use crate::conversation::press::SettingsPress;
use crate::conversation::{Message, Press, choices, settings};
use crate::recipe::RecipeError;

impl Turn<'_> {
    pub(super) fn settings(&self) -> Message {
        settings::page(self.language, &self.state, self.context.native, self.context.translates)
    }

    pub(super) fn show_settings(&mut self) {
        self.say(self.settings());
    }

    pub(super) fn settings_press(&mut self, press: SettingsPress) {
        let language = self.language;
        let wrap = |press| Press::Settings(SettingsPress::Card(press));
        match press {
            SettingsPress::Show => {}
            SettingsPress::Speed => self.state.classic = !self.state.classic,
            SettingsPress::Previews => self.state.previews = !self.state.previews,
            SettingsPress::Translate if self.context.translates => self.state.translate = !self.state.translate,
            SettingsPress::Translate => return self.stale(),
            SettingsPress::Captions => {
                self.state.captions = match self.state.captions {
                    None => Some(Mode::Mix),
                    Some(Mode::Mix) => Some(Mode::Change),
                    Some(_) => None,
                };
            }
            SettingsPress::Card(press) => match press {
                CardPress::Ratios => {
                    return self.edit(choices::ratios(language, self.state.ratio, self.context.native, wrap));
                }
                CardPress::Counts => return self.edit(choices::counts(language, self.state.count, wrap)),
                CardPress::Negative => {
                    return self.ask_setting(Awaited::Negative, "settings-ask-negative");
                }
                CardPress::Seed => return self.ask_setting(Awaited::Seed, "settings-ask-seed"),
                CardPress::Ratio(ratio) => self.state.ratio = ratio,
                CardPress::Count(count) => self.state.count = count,
                CardPress::NoNegative => self.state.negative = None,
                CardPress::RandomSeed => self.state.seed = None,
                CardPress::Show => {
                    self.forget_draft();
                }
                _ => return self.stale(),
            },
        }
        self.edit(self.settings());
    }

    /// Waits for a text that becomes a setting.
    fn ask_setting(&mut self, what: Awaited, key: &str) {
        let mut draft = self.state.new_draft(Mode::Settings);
        draft.awaits = Some(what);
        self.keep(draft);
        self.edit(settings::question(self.language, key, what));
    }

    pub(super) fn set_negative(&mut self, negative: Option<String>) {
        self.state.negative = negative;
        self.show_settings();
    }

    pub(super) fn set_seed(&mut self, seed: Option<u64>) {
        self.state.seed = seed;
        self.show_settings();
    }

    /// `/size 16:9`; without an argument the choice.
    pub(super) fn size(&mut self, argument: &str) {
        match argument.parse() {
            Ok(ratio) => {
                self.state.ratio = ratio;
                self.show_settings();
            }
            Err(_) => {
                let wrap = |press| Press::Settings(SettingsPress::Card(press));
                self.say(choices::ratios(self.language, self.state.ratio, self.context.native, wrap));
            }
        }
    }

    /// `/negative words`; without an argument, or with a word such as «нет», nothing is unwanted any more.
    pub(super) fn negative(&mut self, argument: &str) {
        match negative_of(argument) {
            Ok(negative) => self.set_negative(negative),
            Err(RecipeError::EmptyPrompt) => self.set_negative(None),
            Err(error) => self.negative_error(&error),
        }
    }

    /// `/seed 42`; without an argument, or with a word such as «выкл», any seed.
    pub(super) fn seed(&mut self, argument: &str) {
        match seed_of(argument) {
            Some(seed) => self.set_seed(seed),
            None if argument.is_empty() => self.set_seed(None),
            None => self.say_key("seed-no-number"),
        }
    }
}
