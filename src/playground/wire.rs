//! The Bot API objects that the playground sends, with the published names of their fields.
//!
//! They are written from the published field lists (<https://core.telegram.org/bots/api#available-types>)
//! and share nothing with the client library that the bot uses, so that the two ends check each other.

use serde::{Deserialize, Serialize};

/// [User](https://core.telegram.org/bots/api#user): a person or the bot itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct User {
    /// Unique identifier.
    pub(crate) id: i64,
    /// Whether this is the bot.
    pub(crate) is_bot: bool,
    /// First name.
    pub(crate) first_name: String,
    /// Name without the `@`; bots always have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) username: Option<String>,
    /// IETF language tag of the person's client, e.g. `ru`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) language_code: Option<String>,
}

/// [Chat](https://core.telegram.org/bots/api#chat).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Chat {
    /// Unique identifier; a private chat has its person's.
    pub(crate) id: i64,
    /// `private`, `group` or `supergroup`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Title of a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// First name of the other side of a private chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_name: Option<String>,
    /// Whether the group has topics.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_forum: bool,
}

/// [MessageEntity](https://core.telegram.org/bots/api#messageentity): a marked stretch of text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct MessageEntity {
    /// `bold`, `italic`, `text_link`, `bot_command`, …
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Start, in UTF-16 code units.
    pub(crate) offset: usize,
    /// Length, in UTF-16 code units.
    pub(crate) length: usize,
    /// Address of a `text_link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// Programming language of a `pre`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) language: Option<String>,
}

/// [PhotoSize](https://core.telegram.org/bots/api#photosize): one size of a photo, or a thumbnail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PhotoSize {
    /// Names the file in later calls.
    pub(crate) file_id: String,
    /// The same for equal bytes; cannot be used to download.
    pub(crate) file_unique_id: String,
    /// Width, pixels.
    pub(crate) width: u32,
    /// Height, pixels.
    pub(crate) height: u32,
    /// Bytes.
    pub(crate) file_size: usize,
}

/// [Document](https://core.telegram.org/bots/api#document): a file kept byte for byte.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// Names the file in later calls.
    pub(crate) file_id: String,
    /// The same for equal bytes.
    pub(crate) file_unique_id: String,
    /// Small picture of it, where it is a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thumbnail: Option<PhotoSize>,
    /// Name the sender gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file_name: Option<String>,
    /// Media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mime_type: Option<String>,
    /// Bytes.
    pub(crate) file_size: usize,
}

/// [InlineKeyboardMarkup](https://core.telegram.org/bots/api#inlinekeyboardmarkup).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct InlineKeyboardMarkup {
    /// Rows of buttons.
    pub(crate) inline_keyboard: Vec<Vec<InlineKeyboardButton>>,
}

/// [InlineKeyboardButton](https://core.telegram.org/bots/api#inlinekeyboardbutton).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct InlineKeyboardButton {
    /// What it says.
    pub(crate) text: String,
    /// What it does: `callback_data`, `url`, `copy_text`, …, as received.
    #[serde(flatten)]
    pub(crate) action: serde_json::Map<String, serde_json::Value>,
}

impl InlineKeyboardButton {
    /// The data that a press sends to the bot, 1–64 bytes.
    pub(crate) fn callback_data(&self) -> Option<&str> {
        self.action.get("callback_data")?.as_str()
    }
}

/// [Message](https://core.telegram.org/bots/api#message), as much of it as the playground fills.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Message {
    /// Unique within the chat.
    pub(crate) message_id: i64,
    /// Topic of a forum, or in other supergroups the first message of a thread of replies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message_thread_id: Option<i64>,
    /// Whether `message_thread_id` is a topic of a forum.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_topic_message: bool,
    /// Sender.
    pub(crate) from: User,
    /// Seconds since 1970.
    pub(crate) date: i64,
    /// Where it was said.
    pub(crate) chat: Chat,
    /// When it was last edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) edit_date: Option<i64>,
    /// The message this answers, without its own `reply_to_message`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_to_message: Option<Box<Message>>,
    /// The bot whose inline result it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) via_bot: Option<User>,
    /// Album it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) media_group_id: Option<String>,
    /// Text, of a text message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// Marks in `text`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) entities: Vec<MessageEntity>,
    /// Sizes of the photo, smallest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) photo: Vec<PhotoSize>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<Document>,
    /// Text under a photo or a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caption: Option<String>,
    /// Marks in `caption`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) caption_entities: Vec<MessageEntity>,
    /// Whether the photo is covered until tapped.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) has_media_spoiler: bool,
    /// Buttons under the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reply_markup: Option<InlineKeyboardMarkup>,
}

/// [CallbackQuery](https://core.telegram.org/bots/api#callbackquery): a pressed button.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CallbackQuery {
    /// Answered by `answerCallbackQuery`.
    pub(crate) id: String,
    /// Who pressed.
    pub(crate) from: User,
    /// The message with the button, unless it is an inline result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<Message>,
    /// The inline result with the button.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inline_message_id: Option<String>,
    /// The same for presses in one chat.
    pub(crate) chat_instance: String,
    /// The button's data.
    pub(crate) data: String,
}

/// [InlineQuery](https://core.telegram.org/bots/api#inlinequery): somebody types the bot's name and some words.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct InlineQuery {
    /// Answered by `answerInlineQuery`.
    pub(crate) id: String,
    /// Who types.
    pub(crate) from: User,
    /// What was typed after the name, up to 256 characters.
    pub(crate) query: String,
    /// Where the results go on, in the bot's own words.
    pub(crate) offset: String,
    /// `sender` (the chat with the bot), `private`, `group`, `supergroup`.
    pub(crate) chat_type: String,
}

/// [BotCommand](https://core.telegram.org/bots/api#botcommand).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct BotCommand {
    /// 1–32 of `a-z`, `0-9`, `_`.
    pub(crate) command: String,
    /// 1–256 characters.
    pub(crate) description: String,
}
