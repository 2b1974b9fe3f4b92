//! The messages of one chat.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::entities::Formatted;
use super::wire::{Chat, Document, InlineKeyboardMarkup, Message, PhotoSize, User};

/// Messages kept in one chat; the oldest go first.
const HISTORY: usize = 2_000;

/// What a message carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Content {
    Text(Formatted),
    Photo { sizes: Vec<PhotoSize>, caption: Formatted, spoiler: bool },
    Document { document: Document, caption: Formatted },
}

/// Where in its chat a message stands.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The message that it answers.
    pub(crate) reply_to: Option<i64>,
    /// The forum's topic.
    pub(crate) topic: Option<i64>,
}

/// A bot's inline result, sent by a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ViaBot {
    pub(crate) bot: User,
    /// Of a result with buttons: the bot knows it by this only.
    pub(crate) inline_message_id: Option<String>,
}

/// A message about to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Draft {
    pub(crate) from: User,
    pub(crate) content: Content,
    pub(crate) place: Place,
    pub(crate) album: Option<String>,
    /// The inline result that it is.
    pub(crate) inline: Option<ViaBot>,
    pub(crate) keyboard: Option<InlineKeyboardMarkup>,
}

/// A message as kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) date: i64,
    pub(crate) edited: Option<i64>,
    pub(crate) draft: Draft,
}

/// A chat with its messages by number.
#[derive(Debug)]
pub(crate) struct ChatLog {
    pub(crate) chat: Chat,
    entries: BTreeMap<i64, Entry>,
    topics: BTreeSet<i64>,
}

impl ChatLog {
    pub(crate) fn new(chat: Chat) -> Self {
        Self { chat, entries: BTreeMap::new(), topics: BTreeSet::new() }
    }

    /// Adds a message, forgetting the oldest beyond the limit.
    pub(crate) fn add(&mut self, id: i64, date: i64, draft: Draft) -> Message {
        let entry = Entry { id, date, edited: None, draft };
        let message = self.render(&entry);
        self.put(entry);
        message
    }

    /// Puts a message in its place, forgetting the oldest beyond the limit.
    pub(crate) fn put(&mut self, entry: Entry) {
        self.topics.extend(entry.draft.place.topic);
        self.entries.insert(entry.id, entry);
        while self.entries.len() > HISTORY {
            self.entries.pop_first();
        }
    }

    /// All messages as they are kept, oldest first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    /// Makes the group a forum with this topic.
    pub(crate) fn open_topic(&mut self, topic: i64) {
        self.chat.is_forum = true;
        self.topics.insert(topic);
    }

    pub(crate) fn has_topic(&self, topic: i64) -> bool {
        self.topics.contains(&topic)
    }

    pub(crate) fn entry(&self, id: i64) -> Option<&Entry> {
        self.entries.get(&id)
    }

    pub(crate) fn entry_mut(&mut self, id: i64) -> Option<&mut Entry> {
        self.entries.get_mut(&id)
    }

    pub(crate) fn remove(&mut self, id: i64) -> Option<Entry> {
        self.entries.remove(&id)
    }

    /// The message in the form of the Bot API.
    pub(crate) fn message(&self, id: i64) -> Option<Message> {
        self.entries.get(&id).map(|entry| self.render(entry))
    }

    /// All messages, oldest first.
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.entries.values().map(|entry| self.render(entry)).collect()
    }

    fn render(&self, entry: &Entry) -> Message {
        let mut message = self.render_alone(entry);
        let answered = entry.draft.place.reply_to.and_then(|id| self.entries.get(&id));
        message.reply_to_message = answered.map(|answered| Box::new(self.render_alone(answered)));
        message
    }

    /// Without the message it answers: replies do not nest.
    fn render_alone(&self, entry: &Entry) -> Message {
        let topic = entry.draft.place.topic;
        let mut message = Message {
            message_id: entry.id,
            message_thread_id: topic.or_else(|| self.thread(entry)),
            is_topic_message: topic.is_some(),
            from: entry.draft.from.clone(),
            date: entry.date,
            chat: self.chat.clone(),
            edit_date: entry.edited,
            reply_to_message: None,
            via_bot: entry.draft.inline.as_ref().map(|inline| inline.bot.clone()),
            media_group_id: entry.draft.album.clone(),
            text: None,
            entities: Vec::new(),
            photo: Vec::new(),
            document: None,
            caption: None,
            caption_entities: Vec::new(),
            has_media_spoiler: false,
            reply_markup: entry.draft.keyboard.clone(),
        };
        fill(&mut message, &entry.draft.content);
        message
    }

    /// Replies in a supergroup without topics are threads too, named after their first message.
    fn thread(&self, entry: &Entry) -> Option<i64> {
        let answered = entry.draft.place.reply_to.filter(|_| self.chat.kind == "supergroup" && !self.chat.is_forum)?;
        Some(self.entries.get(&answered).and_then(|entry| self.thread(entry)).unwrap_or(answered))
    }
}

fn fill(message: &mut Message, content: &Content) {
    match content {
        Content::Text(text) => {
            message.text = Some(text.text.clone());
            message.entities.clone_from(&text.entities);
        }
        Content::Photo { sizes, caption, spoiler } => {
            message.photo.clone_from(sizes);
            message.has_media_spoiler = *spoiler;
            fill_caption(message, caption);
        }
        Content::Document { document, caption } => {
            message.document = Some(document.clone());
            fill_caption(message, caption);
        }
    }
}

fn fill_caption(message: &mut Message, caption: &Formatted) {
    if !caption.text.is_empty() {
        message.caption = Some(caption.text.clone());
        message.caption_entities.clone_from(&caption.entities);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn log() -> ChatLog {
        ChatLog::new(Chat { id: 1, kind: "private".to_owned(), title: None, first_name: None, is_forum: false })
    }

    fn text(words: &str, reply_to: Option<i64>) -> Draft {
        let from = User { id: 1, is_bot: false, first_name: "A".to_owned(), username: None, language_code: None };
        let place = Place { reply_to, topic: None };
        Draft {
            from,
            content: Content::Text(Formatted::typed(words)),
            place,
            album: None,
            inline: None,
            keyboard: None,
        }
    }

    #[test]
    fn a_reply_shows_what_it_answers_one_level_deep() {
        let mut log = log();
        log.add(1, 0, text("a", None));
        log.add(2, 0, text("b", Some(1)));
        let third = log.add(3, 0, text("c", Some(2)));
        let answered = third.reply_to_message.unwrap();
        assert_eq!((answered.message_id, answered.reply_to_message), (2, None));
    }

    #[test]
    fn the_oldest_messages_are_forgotten() {
        let mut log = log();
        (1..=2_001).for_each(|id| drop(log.add(id, 0, text("x", None))));
        assert!(log.entry(1).is_none() && log.entry(2).is_some() && log.messages().len() == HISTORY);
    }
}
