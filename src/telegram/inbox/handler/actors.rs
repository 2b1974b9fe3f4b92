//! For whom a press counts in a group.
//!
//! Messages can be written in the name of a chat: by administrators who stay anonymous, and by owners of channels. A press
//! always comes from a person. An anonymous administrator's press counts as the group's, like their messages; and what belongs
//! to a chat may be pressed by those who administer that chat or the group.

use super::Handler;
use crate::conversation::{ChatState, Event, Press};
use crate::jobs::Requester;
use crate::telegram::inbox::updates::Incoming;

impl Handler {
    /// The event, as that of whoever it counts for.
    pub(super) async fn with_actor(&self, incoming: Incoming) -> Incoming {
        let (chat_id, user) = (incoming.chat_id, incoming.user.0);
        if chat_id >= 0 {
            return incoming;
        }
        let Event::Press(data) = &incoming.event else {
            if user == chat_id {
                self.members.note_anonymous(chat_id);
            }
            return incoming;
        };
        match self.actor(chat_id, user, data).await {
            Some(actor) => Incoming { user: Requester(actor), ..incoming },
            None => incoming,
        }
    }

    /// The chat that a person's press counts for; `None` if it counts for the person.
    async fn actor(&self, chat_id: i64, user: i64, data: &str) -> Option<i64> {
        // If it can not be read, answering says so.
        let state = self.load(chat_id).await.ok().flatten().unwrap_or_default();
        let owner = owner_of_card(&state, data).filter(|owner| *owner < 0);
        if owner.is_none() && !self.members.has_anonymous(chat_id) {
            return None;
        }
        let here = self.members.of(chat_id, user).await.unwrap_or_default();
        match owner {
            Some(owner) if here.is_admin => Some(owner),
            // Who owns a channel is known only where the bot is a member of it; where nobody can show it, the card is open.
            Some(owner) if owner != chat_id => {
                self.members.of(owner, user).await.is_none_or(|there| there.is_admin).then_some(owner)
            }
            _ => here.is_anonymous.then_some(chat_id),
        }
    }
}

/// Whose card a pressed button belongs to.
fn owner_of_card(state: &ChatState, data: &str) -> Option<i64> {
    let Some(Press::Card(number, _)) = Press::decode(data) else { return None };
    state.drafts.iter().find(|(_, draft)| draft.number == number).map(|(owner, _)| *owner)
}
