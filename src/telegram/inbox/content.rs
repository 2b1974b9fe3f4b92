//! What a message says to the bot: words, commands, pictures.

use teloxide::types::Me;

use super::wire::{Content, Document, Message, PhotoSize};
use crate::conversation::{BadPicture, Command, Event, GivenPicture, UnsupportedMessage, split_command};
use crate::jobs::Source;

/// The most that the platform gives out, in bytes (<https://core.telegram.org/bots/api#getfile>).
const FILE_LIMIT: u64 = 20 * 1024 * 1024;

/// What a message is for the bot; `None` if it is not for it.
pub(super) fn event_of(message: &Message, me: &Me) -> Option<Event> {
    let is_private = message.is_private();
    if message.words.text.is_some() {
        return text(message, me, is_private);
    }
    if let Some(event) = picture(message, me, is_private) {
        return Some(event);
    }
    if is_private { unsupported(message.content) } else { None }
}

/// The largest of a photo's sizes.
pub(super) fn photo(message: &Message) -> Option<GivenPicture> {
    let pixels = |size: &&PhotoSize| u64::from(size.width) * u64::from(size.height);
    let largest = message.photo.iter().max_by_key(pixels)?;
    Some(GivenPicture {
        source: Source::File(largest.file_id.clone()),
        width: largest.width,
        height: largest.height,
        message_id: message.id,
    })
}

/// What is said to the bot: in a group, text that mentions it or answers its message.
fn text(message: &Message, me: &Me, is_private: bool) -> Option<Event> {
    if is_from_bot(message, me) {
        // The bot's own words are nothing to draw.
        return is_private.then_some(Event::UnsupportedMessage(UnsupportedMessage::Other));
    }
    let (words, is_mentioned) = without_mention(message, me);
    match split_command(&words) {
        Some((name, bot, argument)) => command(name, bot, argument, is_private || is_mentioned, me),
        None if is_private || is_mentioned || answers_bot(message, me) => Some(Event::Text(words)),
        None => None,
    }
}

fn command(name: &str, bot: Option<&str>, argument: &str, is_addressed: bool, me: &Me) -> Option<Event> {
    let is_ours = bot.is_some_and(|bot| bot.eq_ignore_ascii_case(me.username()));
    if !is_addressed && bot.is_some() && !is_ours {
        return None;
    }
    Some(Event::Command { name: name.to_owned(), argument: argument.to_owned(), addressed: is_addressed || is_ours })
}

/// A photo, or a file that may be a picture.
fn picture(message: &Message, me: &Me, is_private: bool) -> Option<Event> {
    let album = message.album.clone();
    let (caption, addressed) = caption_of(message, me, is_private);
    if let Some(picture) = photo(message) {
        return Some(Event::Picture { picture, caption, album, addressed, recipe: None });
    }
    let document = message.document.as_ref().filter(|document| is_picture_file(document))?;
    if document.file_size.unwrap_or_default() > FILE_LIMIT {
        return addressed.then_some(Event::BadPicture(BadPicture::TooHeavy));
    }
    Some(Event::File { file: document.file_id.clone(), caption, album, addressed })
}

/// What the client or the name says; the bytes have the last word.
fn is_picture_file(document: &Document) -> bool {
    const SUFFIXES: [&str; 5] = [".png", ".jpg", ".jpeg", ".webp", ".gif"];
    let name = document.file_name.as_deref().unwrap_or_default().to_lowercase();
    document.mime_type.as_deref().is_some_and(|mime| mime.starts_with("image/"))
        || SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

/// The words below a picture without the bot's name, and whether they are for the bot.
fn caption_of(message: &Message, me: &Me, is_private: bool) -> (String, bool) {
    let via_bot = message.via_bot.as_ref().is_some_and(|bot| is_me(bot.id, me));
    if message.forward.is_some() || via_bot {
        // Words of whoever posted the picture first, perhaps the bot itself; clients do not let them be changed.
        return (String::new(), is_private || answers_bot(message, me));
    }
    let (caption, is_mentioned) = without_mention(message, me);
    if is_private || is_mentioned {
        return (caption, true);
    }
    if let Some((name, bot, argument)) = split_command(&caption) {
        let is_ours = bot.is_none_or(|bot| bot.eq_ignore_ascii_case(me.username()));
        return (format!("/{name} {argument}").trim().to_owned(), is_ours && Command::parse(name).is_some());
    }
    (caption, answers_bot(message, me))
}

/// The words of a message without the bot's name, and whether it was there.
fn without_mention(message: &Message, me: &Me) -> (String, bool) {
    let (words, name) = (message.words.all(), format!("@{}", me.username()));
    let is_ours = |range: &&std::ops::Range<usize>| {
        words.get((*range).clone()).is_some_and(|mention| mention.eq_ignore_ascii_case(&name))
    };
    match message.words.mentions.iter().find(is_ours) {
        Some(range) => {
            (format!("{} {}", words[..range.start].trim(), words[range.end..].trim()).trim().to_owned(), true)
        }
        None => (words.to_owned(), false),
    }
}

/// Whether a message repeats what the bot has written: forwarded, or chosen in inline mode.
fn is_from_bot(message: &Message, me: &Me) -> bool {
    message.forward.as_ref().and_then(|forward| forward.author).is_some_and(|author| is_me(author, me))
        || message.via_bot.as_ref().is_some_and(|bot| is_me(bot.id, me))
}

fn answers_bot(message: &Message, me: &Me) -> bool {
    let author = message.answered.as_ref().and_then(|answered| answered.from.as_ref());
    author.is_some_and(|from| is_me(from.id, me))
}

fn is_me(id: i64, me: &Me) -> bool {
    u64::try_from(id) == Ok(me.id.0)
}

fn unsupported(content: Content) -> Option<Event> {
    Some(Event::UnsupportedMessage(match content {
        Content::Sticker => UnsupportedMessage::Sticker,
        Content::Voice => UnsupportedMessage::Voice,
        Content::Video => UnsupportedMessage::Video,
        Content::File => UnsupportedMessage::File,
        Content::Other => UnsupportedMessage::Other,
        Content::Service => return None,
    }))
}
