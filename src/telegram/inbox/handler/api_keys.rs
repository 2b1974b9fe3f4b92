//! `/key`: a user's keys of the HTTP API.

use std::sync::Arc;

use super::Handler;
use super::step::Step;
use crate::conversation::{Event, Message, Press, api_keys};
use crate::i18n::Language;
use crate::jobs::StoreError;
use crate::keys::{KEYS_OF_USER, NewApiKey, check_name, hash_key, new_key};
use crate::telegram::inbox::updates::Incoming;
use crate::telegram::options::ApiOffer;

/// What a user wants with their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish<'a> {
    /// To see them.
    List,
    /// Another one, of this name.
    Make(&'a str),
    /// To remove the one of this number.
    Remove(i64),
}

impl Handler {
    /// Does what a user wants with their keys; `None` if it is about something else, or they may have none, and the conversation has
    /// to answer.
    pub(super) async fn command_about_keys(
        &self,
        incoming: &Arc<Incoming>,
        language: Language,
    ) -> Result<Option<Step>, StoreError> {
        let Some(wish) = wish(&incoming.event) else { return Ok(None) };
        let policy = self.orders.policy();
        if !policy.may_have_keys(incoming.user) {
            return Ok(None);
        }
        let mut step = Step::default();
        match &self.api_offer {
            _ if incoming.chat_id <= 0 => step.say(incoming, api_keys::in_private(language)),
            Some(offer) => self.do_with_keys(incoming, language, offer, wish, &mut step).await?,
            // Others need not know what the owner could set.
            None if policy.is_admin(incoming.user) => step.say(incoming, api_keys::not_served(language)),
            None => return Ok(None),
        }
        Ok(Some(step))
    }

    async fn do_with_keys(
        &self,
        incoming: &Incoming,
        language: Language,
        offer: &ApiOffer,
        wish: Wish<'_>,
        step: &mut Step,
    ) -> Result<(), StoreError> {
        let user = incoming.user.0;
        match wish {
            Wish::List => step.say(incoming, api_keys::list(language, &offer.keys.keys_of(user).await?)),
            Wish::Make(name) => match make(offer, user, language, name).await? {
                Ok(shown) => step.once = Some(shown),
                Err(refusal) => step.say(incoming, refusal),
            },
            Wish::Remove(id) => {
                let removed = offer.keys.remove_key_of(user, id).await?;
                let stale = || language.text("button-stale");
                step.press_text = Some(removed.map_or_else(stale, |name| api_keys::removed(language, &name)));
                step.edit(incoming, api_keys::list(language, &offer.keys.keys_of(user).await?));
            }
        }
        Ok(())
    }
}

/// Makes a key: the message that shows it, or the one that says why there is none.
async fn make(
    offer: &ApiOffer,
    user: i64,
    language: Language,
    name: &str,
) -> Result<Result<Message, Message>, StoreError> {
    let Some(name) = check_name(name) else { return Ok(Err(api_keys::bad_name(language))) };
    if offer.keys.keys_of(user).await?.len() >= KEYS_OF_USER {
        return Ok(Err(api_keys::too_many(language)));
    }
    let secret = new_key();
    let key = NewApiKey { user: Some(user), name: name.to_owned(), hash: hash_key(&secret), hour: None, day: None };
    Ok(match offer.keys.add_key(&key).await? {
        Some(_) => {
            tracing::info!("a user made a key of the HTTP API");
            Ok(api_keys::made(language, name, &secret, &offer.url))
        }
        None => Err(api_keys::name_taken(language, name)),
    })
}

fn wish(event: &Event) -> Option<Wish<'_>> {
    match event {
        Event::Command { name, argument, .. } if name.eq_ignore_ascii_case(api_keys::COMMAND) => {
            Some(if argument.is_empty() { Wish::List } else { Wish::Make(argument) })
        }
        Event::Press(data) => match Press::decode(data) {
            Some(Press::RemoveKey(id)) => Some(Wish::Remove(id)),
            _ => None,
        },
        _ => None,
    }
}
