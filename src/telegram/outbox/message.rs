//! Where messages go, and what comes back.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use teloxide::types::{InputFile, MessageId, ReplyParameters, ThreadId};

use crate::jobs::ChatAddress;

/// Where a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::telegram) struct Destination {
    /// The chat.
    pub(in crate::telegram) chat_id: i64,
    /// The forum topic in that chat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::telegram) thread_id: Option<i32>,
    /// The message that is answered; if it is gone, the answer is sent all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::telegram) reply_to: Option<i32>,
}

/// A message that was sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(in crate::telegram) struct Target {
    /// The chat.
    pub(in crate::telegram) chat_id: i64,
    /// The message.
    pub(in crate::telegram) message_id: i32,
}

/// An encoded picture and the name of its file.
#[derive(Debug, Clone)]
pub(in crate::telegram) struct Picture {
    /// PNG, or JPEG.
    pub(in crate::telegram) bytes: Bytes,
    /// Such as `kandinsky-42.png`.
    pub(in crate::telegram) file_name: String,
    /// Whether a photo is covered until somebody wants to see it.
    pub(in crate::telegram) is_covered: bool,
}

/// A message that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::telegram) struct SentMessage {
    /// Its number.
    pub(in crate::telegram) message_id: i32,
    /// The photo that it shows, by the platform's name for it.
    pub(in crate::telegram) file_id: Option<String>,
}

impl Destination {
    /// A chat, without a topic.
    pub(in crate::telegram) fn chat(chat_id: i64) -> Self {
        Self { chat_id, thread_id: None, reply_to: None }
    }

    /// Where the result of a job goes.
    pub(in crate::telegram) fn of(address: &ChatAddress) -> Self {
        Self { chat_id: address.chat_id, thread_id: address.thread_id, reply_to: address.request_message_id }
    }

    /// The same place in a chat that may have another number.
    pub(in crate::telegram) fn in_chat(self, chat_id: i64) -> Self {
        // Topics and messages have other numbers in a chat that moved.
        if chat_id == self.chat_id { self } else { Self::chat(chat_id) }
    }

    pub(super) fn thread(self) -> Option<ThreadId> {
        self.thread_id.map(|id| ThreadId(MessageId(id)))
    }

    pub(super) fn reply(self) -> Option<ReplyParameters> {
        self.reply_to.map(|id| ReplyParameters::new(MessageId(id)).allow_sending_without_reply())
    }
}

impl Target {
    /// The status message of a job, if there is one.
    pub(in crate::telegram) fn status_of(address: &ChatAddress) -> Option<Self> {
        Some(Self { chat_id: address.chat_id, message_id: address.status_message_id? })
    }

    /// The same message in a chat that may have another number.
    pub(in crate::telegram) fn in_chat(self, chat_id: i64) -> Self {
        Self { chat_id, ..self }
    }
}

impl Picture {
    pub(super) fn input(&self) -> InputFile {
        InputFile::memory(self.bytes.clone()).file_name(self.file_name.clone())
    }
}

impl SentMessage {
    /// Reads the answer to a request that sent it; the rest of the answer does not matter.
    pub(super) fn of(answer: &Value) -> Option<Self> {
        let pixels = |size: &&Value| size["width"].as_u64().unwrap_or(0) * size["height"].as_u64().unwrap_or(0);
        let largest = answer["photo"].as_array().and_then(|sizes| sizes.iter().max_by_key(pixels));
        Some(Self {
            message_id: i32::try_from(answer["message_id"].as_i64()?).ok()?,
            file_id: largest.and_then(|size| size["file_id"].as_str()).map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_an_answer_number_and_photo_are_read_whatever_else_it_holds() {
        let size = |file: &str, side: u32| json!({"file_id": file, "width": side, "height": side});
        let answer = json!({"message_id": 5, "photo": [size("s", 90), size("l", 800)], "chat": {"type": "dream"},
            "reply_to_message": {"entities": [{"type": "date_time"}]}});
        let sent = SentMessage { message_id: 5, file_id: Some("l".to_owned()) };
        assert_eq!(SentMessage::of(&answer), Some(sent));
        assert_eq!(SentMessage::of(&json!("unreadable, but sent")), None);
    }
}
