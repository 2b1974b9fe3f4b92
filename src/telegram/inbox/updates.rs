//! From the platform's updates to the conversation's events.

use teloxide::types::{Me, UserId};

use super::content;
use super::wire::{CallbackQuery, InlineQuery, Message, Update};
use crate::conversation::{Command, Event, GivenPicture, PicturePress, Press};
use crate::jobs::{JobId, Requester, UpdateId};
use crate::policy::SHARED_ACCOUNTS;

/// What an update is for the bot.
#[derive(Debug)]
pub(in crate::telegram) enum Parsed {
    /// Something to answer.
    Incoming(Box<Incoming>),
    /// A group became a supergroup.
    Moved {
        /// The old number.
        from: i64,
        /// The new number.
        to: i64,
    },
    /// An inline query.
    Inline(Box<InlineQuery>),
    /// Not for the bot.
    Ignored,
    /// Of no kind that this version can read.
    Unreadable(String),
}

impl Parsed {
    /// Reads the JSON of an update.
    pub(in crate::telegram) fn of(body: &str, me: &Me) -> Self {
        let update = match Update::read(body) {
            Ok(update) => update,
            Err(error) => return Self::Unreadable(error.to_string()),
        };
        let incoming = match update {
            Update { message: Some(message), .. } => match message.moved_to {
                Some(to) => return Self::Moved { from: message.chat.id, to },
                None => from_message(&message, me),
            },
            Update { edited_message: Some(message), .. } => from_edit(&message, me),
            Update { callback_query: Some(query), .. } => from_press(&query),
            Update { inline_query: Some(query), .. } => return Self::Inline(Box::new(query)),
            _ => return Self::Unreadable("it has no kind that is known".to_owned()),
        };
        incoming.map_or(Self::Ignored, |incoming| Self::Incoming(Box::new(incoming)))
    }
}

/// An event, and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::telegram) struct Incoming {
    /// The update that is handled once this is answered; `None` for an event that no update brought.
    pub(in crate::telegram) update: Option<UpdateId>,
    /// The chat.
    pub(in crate::telegram) chat_id: i64,
    /// The forum topic in that chat.
    pub(in crate::telegram) thread_id: Option<i32>,
    /// The message that the event is; for a press the one with the button.
    pub(in crate::telegram) message_id: i32,
    /// Who did it.
    pub(in crate::telegram) user: Requester,
    /// Who wrote the message that this one answers.
    pub(in crate::telegram) replied_to: Option<Requester>,
    /// The language of that user's client.
    pub(in crate::telegram) client_language: Option<String>,
    /// The same for an update that is delivered twice, different for any two that are not.
    pub(in crate::telegram) request_key: String,
    /// The press that waits for an answer, by the platform's name for it.
    pub(in crate::telegram) press: Option<String>,
    /// The message that this one answers.
    pub(in crate::telegram) reply: Option<Answered>,
    /// What was done.
    pub(in crate::telegram) event: Event,
}

/// The message that a message answers.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::telegram) struct Answered {
    /// Its number in the same chat.
    pub(in crate::telegram) message_id: i32,
    /// The photo that it shows.
    pub(in crate::telegram) picture: Option<GivenPicture>,
    /// The job that its buttons are about, and which of its pictures: a user may answer before the delivery is noted.
    pub(in crate::telegram) job: Option<(JobId, Option<u32>)>,
}

impl Incoming {
    /// The same user in the same place, but something else happened; no update brought it.
    pub(in crate::telegram) fn with_event(&self, event: Event) -> Self {
        Self { update: None, press: None, event, ..self.clone() }
    }
}

/// Reads a message. `None` if it is not for the bot.
fn from_message(message: &Message, me: &Me) -> Option<Incoming> {
    if message.is_automatic_forward {
        // A post of the linked channel: written for its readers.
        return None;
    }
    let user = author(message)?;
    let event = content::event_of(message, me)?;
    Some(Incoming {
        update: None,
        chat_id: message.chat.id,
        thread_id: message.topic,
        message_id: message.id,
        user,
        replied_to: message.answered.as_deref().and_then(author),
        client_language: message.from.as_ref().and_then(|from| from.language_code.clone()),
        // With the time: a server that forgets its chats counts its messages from one again.
        request_key: format!("m:{}:{}:{}", message.chat.id, message.id, message.date),
        press: None,
        reply: message.answered.as_deref().map(answered),
        event,
    })
}

/// Reads a message that was changed. `None` if there was nothing in it to draw.
fn from_edit(message: &Message, me: &Me) -> Option<Incoming> {
    let edited_at = message.edit_date?;
    let incoming = from_message(message, me)?;
    let prompt = match incoming.event {
        Event::Text(text) => Some(text),
        Event::Command { name, argument, .. } if Command::parse(&name) == Some(Command::Imagine) => Some(argument),
        Event::Picture { addressed: true, .. } | Event::File { addressed: true, .. } => None,
        _ => return None,
    };
    let request_key = format!("e:{}:{}:{edited_at}", incoming.chat_id, incoming.message_id);
    Some(Incoming { request_key, event: Event::Edited(prompt), ..incoming })
}

/// Who wrote a message: the chat in whose name it was written, or else a person.
fn author(message: &Message) -> Option<Requester> {
    if let Some(chat) = &message.sender_chat {
        return Some(Requester(chat.id));
    }
    let from = message.from.as_ref()?.id;
    // These stand for anonymous administrators and channels of all groups.
    Some(Requester(if SHARED_ACCOUNTS.contains(&from) { message.chat.id } else { from }))
}

fn answered(message: &Message) -> Answered {
    Answered { message_id: message.id, picture: content::photo(message), job: job_below(message) }
}

fn job_below(message: &Message) -> Option<(JobId, Option<u32>)> {
    let data = message.buttons.iter().filter_map(|button| button.callback_data.as_deref());
    let presses: Vec<Press> = data.filter_map(Press::decode).collect();
    let index = |press: &Press| match press {
        Press::Picture(_, index, PicturePress::Vary) => Some(*index),
        _ => None,
    };
    Some((presses.iter().find_map(|press| press.job())?, presses.iter().find_map(index)))
}

/// Reads a press on a button. `None` if it belongs to no chat that the bot is in.
fn from_press(query: &CallbackQuery) -> Option<Incoming> {
    let message = query.message.as_ref()?;
    Some(Incoming {
        update: None,
        chat_id: message.chat.id,
        thread_id: message.topic,
        message_id: message.id,
        user: Requester(query.from.id),
        replied_to: None,
        client_language: query.from.language_code.clone(),
        request_key: format!("c:{}:{}:{}", query.id, message.id, message.date),
        press: Some(query.id.clone()),
        reply: None,
        event: Event::Press(query.data.clone()),
    })
}

pub(in crate::telegram) fn requester(id: UserId) -> Requester {
    Requester(i64::try_from(id.0).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
