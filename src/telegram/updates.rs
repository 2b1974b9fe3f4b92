//! From the platform's updates to the conversation's events.

use teloxide::types::{CallbackQuery, CallbackQueryId, Me, MediaKind, Message, MessageEntityKind, MessageKind, UserId};

use crate::conversation::{Event, Wordless, split_command};
use crate::jobs::Requester;

/// An event, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Incoming {
    /// The chat.
    pub(super) chat_id: i64,
    /// The forum topic in that chat.
    pub(super) thread_id: Option<i32>,
    /// The message that the event is; for a press the one with the button.
    pub(super) message_id: i32,
    /// Who did it.
    pub(super) person: Requester,
    /// Who wrote the message that this one answers.
    pub(super) replied_to: Option<Requester>,
    /// The language of that person's client.
    pub(super) client_language: Option<String>,
    /// The same for an update that is delivered twice, different for any two that are not.
    pub(super) request_key: String,
    /// The press that waits for an answer.
    pub(super) press: Option<CallbackQueryId>,
    /// What was done.
    pub(super) event: Event,
}

/// Reads a message. `None` if it is not for the bot.
pub(super) fn from_message(message: &Message, me: &Me) -> Option<Incoming> {
    let person = message.from.as_ref()?;
    let event = event_of(message, me)?;
    Some(Incoming {
        chat_id: message.chat.id.0,
        thread_id: thread_of(message),
        message_id: message.id.0,
        person: requester(person.id),
        replied_to: message.reply_to_message().and_then(|answered| Some(requester(answered.from.as_ref()?.id))),
        client_language: person.language_code.clone(),
        // With the time: a server that forgets its chats counts its messages from one again.
        request_key: format!("m:{}:{}:{}", message.chat.id.0, message.id.0, message.date.timestamp()),
        press: None,
        event,
    })
}

/// Reads a press on a button. `None` if it belongs to no chat that the bot is in.
pub(super) fn from_press(query: &CallbackQuery) -> Option<Incoming> {
    let message = query.message.as_ref()?;
    let regular = message.regular_message();
    let date = regular.map_or(0, |message| message.date.timestamp());
    Some(Incoming {
        chat_id: message.chat().id.0,
        thread_id: regular.and_then(thread_of),
        message_id: message.id().0,
        person: requester(query.from.id),
        replied_to: None,
        client_language: query.from.language_code.clone(),
        request_key: format!("c:{}:{}:{date}", query.id.0, message.id().0),
        press: Some(query.id.clone()),
        event: Event::Press(query.data.clone().unwrap_or_default()),
    })
}

/// A group that became a supergroup: its old number and its new one.
pub(super) fn moved_chat(message: &Message) -> Option<(i64, i64)> {
    Some((message.chat.id.0, message.migrate_to_chat_id()?.0))
}

pub(super) fn requester(id: UserId) -> Requester {
    Requester(i64::try_from(id.0).unwrap_or(i64::MAX))
}

/// Only topics of forums: a reply in an ordinary group has a thread number too, which can not be written to.
fn thread_of(message: &Message) -> Option<i32> {
    message.thread_id.filter(|_| message.is_topic_message).map(|thread| thread.0.0)
}

fn event_of(message: &Message, me: &Me) -> Option<Event> {
    let is_private = message.chat.is_private();
    if let Some(text) = message.text() {
        return match split_command(text) {
            Some((name, bot, argument)) => command(name, bot, argument, is_private, me),
            None if is_private => Some(Event::Text(text.to_owned())),
            None => addressed_text(message, me).map(Event::Text),
        };
    }
    if is_private { wordless(&message.kind) } else { None }
}

fn command(name: &str, bot: Option<&str>, argument: &str, is_private: bool, me: &Me) -> Option<Event> {
    let is_ours = bot.is_some_and(|bot| bot.eq_ignore_ascii_case(me.username()));
    if !is_private && bot.is_some() && !is_ours {
        return None;
    }
    Some(Event::Command { name: name.to_owned(), argument: argument.to_owned(), addressed: is_private || is_ours })
}

/// What is said to the bot in a group: text that mentions it, without the mention, or an answer to its message.
fn addressed_text(message: &Message, me: &Me) -> Option<String> {
    let text = message.text()?;
    let mention = format!("@{}", me.username());
    let entities = message.parse_entities().unwrap_or_default();
    let is_mention = |entity: &&_| is_mention_of(entity, &mention);
    if let Some(entity) = entities.iter().find(is_mention) {
        return Some(format!("{} {}", text[..entity.start()].trim(), text[entity.end()..].trim()).trim().to_owned());
    }
    let answered = message.reply_to_message()?.from.as_ref()?;
    (answered.id == me.id).then(|| text.to_owned())
}

fn is_mention_of(entity: &teloxide::types::MessageEntityRef<'_>, mention: &str) -> bool {
    *entity.kind() == MessageEntityKind::Mention && entity.text().eq_ignore_ascii_case(mention)
}

fn wordless(kind: &MessageKind) -> Option<Event> {
    let common = match kind {
        MessageKind::Common(common) => common,
        MessageKind::Dice(_) => return Some(Event::Wordless(Wordless::Sticker)),
        // Something that this version of teloxide does not know.
        MessageKind::Empty {} => return Some(Event::Wordless(Wordless::Other)),
        // Somebody joined, a message was pinned, and so on: nothing to answer.
        _ => return None,
    };
    Some(match &common.media_kind {
        MediaKind::Photo(photo) => Event::Photo { album: photo.media_group_id.as_ref().map(|album| album.0.clone()) },
        MediaKind::Sticker(_) => Event::Wordless(Wordless::Sticker),
        MediaKind::Voice(_) | MediaKind::Audio(_) => Event::Wordless(Wordless::Voice),
        MediaKind::Video(_) | MediaKind::VideoNote(_) | MediaKind::Animation(_) => Event::Wordless(Wordless::Video),
        MediaKind::Document(_) => Event::Wordless(Wordless::File),
        MediaKind::Migration(_) => return None,
        _ => Event::Wordless(Wordless::Other),
    })
}

#[cfg(test)]
mod tests;
