//! Where messages go, and what comes back.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use teloxide::types::{InputFile, Message as Sent, MessageId, ReplyParameters, ThreadId};

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
    pub(super) fn of(message: &Sent) -> Self {
        let largest = message.photo().and_then(|sizes| sizes.iter().max_by_key(|size| size.width * size.height));
        Self { message_id: message.id.0, file_id: largest.map(|size| size.file.id.0.clone()) }
    }
}
