//! From the platform's updates to the conversation's events.

use teloxide::types::{
    CallbackQuery, Document, InlineKeyboardButtonKind, InlineQuery, Me, MediaKind, Message, MessageEntityKind,
    MessageKind, PhotoSize, Update, UpdateKind, UserId,
};

use crate::conversation::{
    BadPicture, Command, Event, GivenPicture, PicturePress, Press, UnsupportedMessage, split_command,
};
use crate::jobs::{JobId, Requester, Source, UpdateId};

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
        let update: Update = match serde_json::from_str(body) {
            Ok(update) => update,
            Err(error) => return Self::Unreadable(error.to_string()),
        };
        let incoming = match update.kind {
            UpdateKind::Message(message) => match moved_chat(&message) {
                Some((from, to)) => return Self::Moved { from, to },
                None => from_message(&message, me),
            },
            UpdateKind::CallbackQuery(query) => from_press(&query),
            UpdateKind::InlineQuery(query) => return Self::Inline(Box::new(query)),
            UpdateKind::Error(_) => return Self::Unreadable("it has no kind that is known".to_owned()),
            _ => None,
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
pub(in crate::telegram) fn from_message(message: &Message, me: &Me) -> Option<Incoming> {
    let user = message.from.as_ref()?;
    let event = event_of(message, me)?;
    Some(Incoming {
        update: None,
        chat_id: message.chat.id.0,
        thread_id: thread_of(message),
        message_id: message.id.0,
        user: requester(user.id),
        replied_to: message.reply_to_message().and_then(|answered| Some(requester(answered.from.as_ref()?.id))),
        client_language: user.language_code.clone(),
        // With the time: a server that forgets its chats counts its messages from one again.
        request_key: format!("m:{}:{}:{}", message.chat.id.0, message.id.0, message.date.timestamp()),
        press: None,
        reply: message.reply_to_message().map(answered),
        event,
    })
}

fn answered(message: &Message) -> Answered {
    let picture = message.photo().and_then(|sizes| given(sizes, message));
    Answered { message_id: message.id.0, picture, job: job_below(message) }
}

fn job_below(message: &Message) -> Option<(JobId, Option<u32>)> {
    let rows = &message.reply_markup()?.inline_keyboard;
    let presses = rows.iter().flatten().filter_map(|button| match &button.kind {
        InlineKeyboardButtonKind::CallbackData(data) => Press::decode(data),
        _ => None,
    });
    let index = |press: &Press| match press {
        Press::Picture(_, index, PicturePress::Vary) => Some(*index),
        _ => None,
    };
    let presses: Vec<Press> = presses.collect();
    Some((presses.iter().find_map(|press| press.job())?, presses.iter().find_map(index)))
}

/// The largest of a photo's sizes.
fn given(sizes: &[PhotoSize], message: &Message) -> Option<GivenPicture> {
    let largest = sizes.iter().max_by_key(|size| u64::from(size.width) * u64::from(size.height))?;
    Some(GivenPicture {
        source: Source::File(largest.file.id.0.clone()),
        width: largest.width,
        height: largest.height,
        message_id: message.id.0,
    })
}

/// Reads a press on a button. `None` if it belongs to no chat that the bot is in.
fn from_press(query: &CallbackQuery) -> Option<Incoming> {
    let message = query.message.as_ref()?;
    let regular = message.regular_message();
    let date = regular.map_or(0, |message| message.date.timestamp());
    Some(Incoming {
        update: None,
        chat_id: message.chat().id.0,
        thread_id: regular.and_then(thread_of),
        message_id: message.id().0,
        user: requester(query.from.id),
        replied_to: None,
        client_language: query.from.language_code.clone(),
        request_key: format!("c:{}:{}:{date}", query.id.0, message.id().0),
        press: Some(query.id.0.clone()),
        reply: None,
        event: Event::Press(query.data.clone().unwrap_or_default()),
    })
}

/// A group that became a supergroup: its old number and its new one.
fn moved_chat(message: &Message) -> Option<(i64, i64)> {
    Some((message.chat.id.0, message.migrate_to_chat_id()?.0))
}

pub(in crate::telegram) fn requester(id: UserId) -> Requester {
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
    if let Some(event) = picture(message, me, is_private) {
        return Some(event);
    }
    if is_private { unsupported(&message.kind) } else { None }
}

/// The most that the platform gives out, in bytes (<https://core.telegram.org/bots/api#getfile>).
const FILE_LIMIT: u32 = 20 * 1024 * 1024;

/// A photo, or a file that may be a picture.
fn picture(message: &Message, me: &Me, is_private: bool) -> Option<Event> {
    let album = message.media_group_id().map(|album| album.0.clone());
    let (caption, addressed) = caption_of(message, me, is_private);
    if let Some(sizes) = message.photo() {
        let picture = given(sizes, message)?;
        return Some(Event::Picture { picture, caption, album, addressed, recipe: None });
    }
    let document = message.document().filter(|document| is_picture_file(document))?;
    if document.file.size > FILE_LIMIT {
        return addressed.then_some(Event::BadPicture(BadPicture::TooHeavy));
    }
    Some(Event::File { file: document.file.id.0.clone(), caption, album, addressed })
}

/// What the client or the name says; the bytes have the last word.
fn is_picture_file(document: &Document) -> bool {
    const SUFFIXES: [&str; 5] = [".png", ".jpg", ".jpeg", ".webp", ".gif"];
    let name = document.file_name.as_deref().unwrap_or_default().to_lowercase();
    document.mime_type.as_ref().is_some_and(|mime| mime.type_() == "image")
        || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// The words below a picture without the bot's name, and whether they are for the bot.
fn caption_of(message: &Message, me: &Me, is_private: bool) -> (String, bool) {
    let caption = message.caption().unwrap_or_default().to_owned();
    if is_private {
        return (caption, true);
    }
    if let Some((name, bot, argument)) = split_command(&caption) {
        let is_ours = bot.is_none_or(|bot| bot.eq_ignore_ascii_case(me.username()));
        return (format!("/{name} {argument}").trim().to_owned(), is_ours && Command::parse(name).is_some());
    }
    let mention = format!("@{}", me.username());
    let entities = message.parse_caption_entities().unwrap_or_default();
    if let Some(entity) = entities.iter().find(|entity| is_mention_of(entity, &mention)) {
        let rest = format!("{} {}", caption[..entity.start()].trim(), caption[entity.end()..].trim());
        return (rest.trim().to_owned(), true);
    }
    (caption, answers_bot(message, me))
}

fn answers_bot(message: &Message, me: &Me) -> bool {
    message.reply_to_message().and_then(|answered| answered.from.as_ref()).is_some_and(|from| from.id == me.id)
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
    answers_bot(message, me).then(|| text.to_owned())
}

fn is_mention_of(entity: &teloxide::types::MessageEntityRef<'_>, mention: &str) -> bool {
    *entity.kind() == MessageEntityKind::Mention && entity.text().eq_ignore_ascii_case(mention)
}

fn unsupported(kind: &MessageKind) -> Option<Event> {
    let common = match kind {
        MessageKind::Common(common) => common,
        MessageKind::Dice(_) => return Some(Event::UnsupportedMessage(UnsupportedMessage::Sticker)),
        // Something that this version of teloxide does not know.
        MessageKind::Empty {} => return Some(Event::UnsupportedMessage(UnsupportedMessage::Other)),
        // Somebody joined, a message was pinned, and so on: nothing to answer.
        _ => return None,
    };
    Some(match &common.media_kind {
        MediaKind::Sticker(_) => Event::UnsupportedMessage(UnsupportedMessage::Sticker),
        MediaKind::Voice(_) | MediaKind::Audio(_) => Event::UnsupportedMessage(UnsupportedMessage::Voice),
        MediaKind::Video(_) | MediaKind::VideoNote(_) | MediaKind::Animation(_) => {
            Event::UnsupportedMessage(UnsupportedMessage::Video)
        }
        MediaKind::Document(_) => Event::UnsupportedMessage(UnsupportedMessage::File),
        MediaKind::Migration(_) => return None,
        _ => Event::UnsupportedMessage(UnsupportedMessage::Other),
    })
}

#[cfg(test)]
mod tests;
