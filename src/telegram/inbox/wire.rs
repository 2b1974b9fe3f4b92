//! Updates as the platform sends them, as far as the bot needs them
//! (<https://core.telegram.org/bots/api#update>).
//!
//! Each field is read by itself, and each element of a list. What this version can not read counts as absent: a new kind of
//! entity, sticker, origin or chat costs only itself, never the message around it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One update; the kinds that are asked for.
#[derive(Debug, Default)]
pub(super) struct Update {
    pub(super) message: Option<Message>,
    pub(super) edited_message: Option<Message>,
    pub(super) callback_query: Option<CallbackQuery>,
    pub(super) inline_query: Option<InlineQuery>,
}

/// A message.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: i32,
    pub(super) date: i64,
    pub(super) edit_date: Option<i64>,
    pub(super) chat: Chat,
    pub(super) from: Option<User>,
    /// The chat in whose name it was written: a channel, or the group itself for administrators who stay anonymous.
    pub(super) sender_chat: Option<Chat>,
    pub(super) via_bot: Option<User>,
    pub(super) words: Words,
    pub(super) photo: Vec<PhotoSize>,
    pub(super) document: Option<Document>,
    pub(super) album: Option<String>,
    pub(super) answered: Option<Box<Message>>,
    /// The forum topic; in ordinary groups answers have such a number too, which can not be written to.
    pub(super) topic: Option<i32>,
    pub(super) buttons: Vec<Button>,
    pub(super) moved_to: Option<i64>,
    /// A post of the channel that is linked to the group.
    pub(super) is_automatic_forward: bool,
    pub(super) forward: Option<Forward>,
    pub(super) content: Content,
}

/// Text or caption.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    pub(super) text: Option<String>,
    pub(super) caption: Option<String>,
    /// The parts that mention somebody, as ranges of bytes.
    pub(super) mentions: Vec<std::ops::Range<usize>>,
}

/// Where a forwarded message came from.
#[derive(Debug, Clone)]
pub(super) struct Forward {
    /// Who wrote it, where that is known.
    pub(super) author: Option<i64>,
}

/// What a message holds beside words and pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A sticker, or a dice.
    Sticker,
    /// A voice message or a piece of music.
    Voice,
    /// A video, a round one or a GIF.
    Video,
    /// A file.
    File,
    /// Somebody joined, a message was pinned, and so on.
    Service,
    /// Anything else.
    Other,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Chat {
    pub(super) id: i64,
    #[serde(default, rename = "type")]
    pub(super) kind: String,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct User {
    pub(super) id: i64,
    #[serde(default)]
    pub(super) language_code: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct PhotoSize {
    pub(super) file_id: String,
    pub(super) width: u32,
    pub(super) height: u32,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Document {
    pub(super) file_id: String,
    #[serde(default)]
    pub(super) file_name: Option<String>,
    #[serde(default)]
    pub(super) mime_type: Option<String>,
    #[serde(default)]
    pub(super) file_size: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Button {
    #[serde(default)]
    pub(super) callback_data: Option<String>,
}

/// A press on a button.
#[derive(Debug)]
pub(super) struct CallbackQuery {
    pub(super) id: String,
    pub(super) from: User,
    pub(super) message: Option<Message>,
    pub(super) data: String,
}

/// The bot's name and some words, typed in any chat.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::telegram) struct InlineQuery {
    pub(super) id: String,
    pub(super) from: User,
    #[serde(default)]
    pub(super) query: String,
    #[serde(default)]
    pub(super) offset: String,
}

#[derive(Deserialize)]
struct Entity {
    #[serde(rename = "type")]
    kind: String,
    offset: usize,
    length: usize,
}

impl Update {
    /// Reads the JSON of an update.
    pub(super) fn read(body: &str) -> Result<Self, serde_json::Error> {
        let update: Value = serde_json::from_str(body)?;
        let message = |name: &str| update.get(name).and_then(Message::read);
        Ok(Self {
            message: message("message"),
            edited_message: message("edited_message"),
            callback_query: update.get("callback_query").and_then(CallbackQuery::read),
            inline_query: field(&update, "inline_query"),
        })
    }
}

impl CallbackQuery {
    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            id: field(value, "id")?,
            from: field(value, "from")?,
            message: value.get("message").and_then(Message::read),
            data: field(value, "data").unwrap_or_default(),
        })
    }
}

impl Message {
    fn read(value: &Value) -> Option<Self> {
        let is_topic = field(value, "is_topic_message").unwrap_or(false);
        let markup = value.get("reply_markup").unwrap_or(&Value::Null);
        let rows: Vec<Value> = list(markup, "inline_keyboard");
        Some(Self {
            id: field(value, "message_id")?,
            date: field(value, "date").unwrap_or_default(),
            edit_date: field(value, "edit_date"),
            chat: field(value, "chat")?,
            from: field(value, "from"),
            sender_chat: field(value, "sender_chat"),
            via_bot: field(value, "via_bot"),
            words: Words::read(value),
            photo: list(value, "photo"),
            document: field(value, "document"),
            album: field(value, "media_group_id"),
            answered: value.get("reply_to_message").and_then(Self::read).map(Box::new),
            topic: field(value, "message_thread_id").filter(|_| is_topic),
            buttons: rows.iter().flat_map(elements).collect(),
            moved_to: field(value, "migrate_to_chat_id"),
            is_automatic_forward: field(value, "is_automatic_forward").unwrap_or(false),
            forward: Forward::read(value),
            content: Content::read(value),
        })
    }

    /// Whether it is between one user and the bot.
    pub(super) fn is_private(&self) -> bool {
        // A kind of chat that nobody knows yet: the numbers of groups and channels are negative.
        self.chat.kind == "private" || (self.chat.id > 0 && !matches!(&*self.chat.kind, "group" | "supergroup"))
    }
}

impl Words {
    fn read(value: &Value) -> Self {
        let (text, caption): (Option<String>, Option<String>) = (field(value, "text"), field(value, "caption"));
        let entities: Vec<Entity> = list(value, if text.is_some() { "entities" } else { "caption_entities" });
        let words = text.as_deref().or(caption.as_deref()).unwrap_or_default();
        let mentions = entities.iter().filter(|entity| entity.kind == "mention");
        let mentions = mentions.filter_map(|entity| bytes_of(words, entity.offset, entity.length)).collect();
        Self { text, caption, mentions }
    }

    /// Text, or caption.
    pub(super) fn all(&self) -> &str {
        self.text.as_deref().or(self.caption.as_deref()).unwrap_or_default()
    }
}

impl Forward {
    fn read(value: &Value) -> Option<Self> {
        let origin = value.get("forward_origin").or_else(|| value.get("forward_date"))?;
        let author: Option<User> = field(origin, "sender_user");
        Some(Self { author: author.map(|author| author.id) })
    }
}

impl Content {
    fn read(value: &Value) -> Self {
        let holds = |names: &[&str]| names.iter().any(|name| value.get(name).is_some());
        match () {
            () if holds(&["sticker", "dice"]) => Self::Sticker,
            () if holds(&["voice", "audio"]) => Self::Voice,
            () if holds(&["video", "video_note", "animation"]) => Self::Video,
            () if holds(&["document"]) => Self::File,
            () if holds(SERVICE) => Self::Service,
            () => Self::Other,
        }
    }
}

/// What service messages hold (<https://core.telegram.org/bots/api#message>).
const SERVICE: &[&str] = &[
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "users_shared",
    "chat_shared",
    "connected_website",
    "write_access_allowed",
    "passport_data",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "direct_message_price_changed",
    "paid_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway_completed",
    "gift",
    "unique_gift",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
    "web_app_data",
];

fn field<T: DeserializeOwned>(value: &Value, name: &str) -> Option<T> {
    // `null` is no value, whatever the type makes of it.
    let value = value.get(name).filter(|value| !value.is_null())?;
    serde_json::from_value(value.clone()).ok()
}

fn list<T: DeserializeOwned>(value: &Value, name: &str) -> Vec<T> {
    value.get(name).map(elements).unwrap_or_default()
}

fn elements<T: DeserializeOwned>(value: &Value) -> Vec<T> {
    let elements = value.as_array().into_iter().flatten();
    elements.filter_map(|element| serde_json::from_value(element.clone()).ok()).collect()
}

/// The bytes of a part of a text that is given in UTF-16 units; `None` if there is no such part.
fn bytes_of(text: &str, offset: usize, length: usize) -> Option<std::ops::Range<usize>> {
    let end = offset.checked_add(length)?;
    let mut at = 0;
    let mut start_byte = None;
    for (byte, letter) in text.char_indices().chain([(text.len(), '\0')]) {
        if at == offset {
            start_byte = start_byte.or(Some(byte));
        }
        if at == end {
            return Some(start_byte?..byte);
        }
        at += letter.len_utf16();
    }
    None
}

#[cfg(test)]
mod tests;
