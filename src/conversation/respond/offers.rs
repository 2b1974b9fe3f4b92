//! Slips in the names of commands and flags: a button does what was probably meant, so that nothing has to be typed again.

use super::Turn;
use crate::conversation::flag_syntax::with_name;
use crate::conversation::flags::{self, FlagError};
use crate::conversation::mode::Mode;
use crate::conversation::offer::Offer;
use crate::conversation::{Button, Command, Message, Press};

impl Turn<'_> {
    /// There is no such command. Words after one that is nearly there are kept.
    pub(super) fn unknown_command(&mut self, name: &str, argument: &str) {
        let Some(command) = Command::nearest(name) else { return self.say_key("command-unknown") };
        let name = command.name();
        let message = Message::plain(self.language.text_with("command-misspelt", [("command", name.into())]));
        let label = self.language.text_with("button-command-meant", [("command", name.into())]);
        let message =
            if argument.is_empty() { message } else { message.row([self.meant_button(label, command, argument)]) };
        self.say(message);
    }

    /// Offers to draw a prompt with its misspelt flag corrected. Returns false if nothing can be offered.
    pub(super) fn offer_corrected(&mut self, prompt: &str) -> bool {
        let Err(FlagError::Unknown { name, nearest: Some(nearest) }) = flags::parse(prompt) else { return false };
        let Some(corrected) = with_name(prompt, &name, nearest).filter(|corrected| flags::parse(corrected).is_ok())
        else {
            return false;
        };
        let names = [("name", name.into()), ("nearest", nearest.name().into())];
        let message = Message::plain(self.language.text_with("flag-misspelt", names));
        let button = self.meant_button(self.language.text("button-flag-meant"), Command::Imagine, &corrected);
        self.say(message.row([button]));
        true
    }

    /// Does what was meant.
    pub(super) fn accept_offer(&mut self, number: u32) {
        let user = self.context.user.0;
        let Some(offer) = self.state.offers.remove(&user).filter(|offer| offer.number == number) else {
            return self.stale();
        };
        if Command::parse(&offer.command) != Some(Command::Imagine) {
            return self.command(&offer.command, &offer.argument, true);
        }
        let mut draft = self.state.new_draft(Mode::Draw);
        draft.reply_to = Some(offer.message_id);
        if self.read_prompt(&offer.argument, &mut draft) {
            self.finish(draft);
        }
    }

    /// A button that does what was meant.
    fn meant_button(&mut self, label: String, command: Command, argument: &str) -> Button {
        let number = self.state.next_number();
        self.state.drafts_made = number;
        let offer = Offer {
            number,
            command: command.name().to_owned(),
            argument: argument.to_owned(),
            message_id: self.context.message_id,
        };
        self.state.offers.insert(self.context.user.0, offer);
        Button::new(label, Press::Meant(number))
    }
}
